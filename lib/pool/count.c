/* count.c - how much of the machine is ours. */
#include "base/sized.h"
#include "host/mask.h"
#include "host/topology.h"
#include "work/worker.h"

int pinfold_machine_count(struct pinfold_machine *machine, struct pinfold_error *err)
{
    struct pinfold_machine count = {0};
    struct pf_machine *table;
    struct pf_launch launch = pf_launch_look();
    struct pf_cpus mask, candidates;
    bool chosen;
    int code;

    if (!machine)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "no struct to write the counts to");
    code = pf_machine_load(&table, NULL, err);
    if (code)
        return code;
    if (pf_worker_depth() > 0)
        launch = (struct pf_launch){.rank = -1}; /* a task has its worker's place */
    pf_mask_given(&mask, &chosen, &launch);
    pf_machine_candidates(table, &mask, &candidates);
    count.packages = table->npackages;
    count.numa_nodes = table->nnuma;
    count.cores = table->ncores;
    count.threads = table->npus;
    pf_machine_usable(table, &candidates, &count.usable_cores, &count.usable_threads);
    pf_machine_free(table);
    pf_sized_out(machine, &count, sizeof count);
    return 0;
}
