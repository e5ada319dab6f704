/* machine.c - questions to a machine's table (topology.h). No hwloc, no system call. */
#include "host/topology.h"

void pf_machine_usable(const struct pf_machine *machine, const struct pf_cpus *mask, int *cores,
                       int *pus)
{
    int ncores = 0, npus = 0;

    for (int i = 0; i < machine->ncores; i++) {
        int inside = 0;

        for (int j = 0; j < machine->cores[i].npus; j++)
            inside += pf_cpus_has(mask, machine->cores[i].pus[j]);
        npus += inside;
        ncores += inside > 0;
    }
    *cores = ncores;
    *pus = npus;
}

int pf_machine_core_of(const struct pf_machine *machine, int pu)
{
    for (int i = 0; i < machine->ncores; i++)
        for (int j = 0; j < machine->cores[i].npus; j++)
            if (machine->cores[i].pus[j] == pu)
                return i;
    return -1;
}

void pf_machine_candidates(const struct pf_machine *machine, const struct pf_cpus *mask,
                           struct pf_cpus *candidates)
{
    *candidates = machine->allowed;
    if (mask)
        pf_cpus_and(candidates, mask);
}
