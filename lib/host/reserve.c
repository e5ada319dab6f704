/* reserve.c - see reserve.h. */
#include "host/reserve.h"

#include <string.h>

/* Whether one of the listed places has a PU of the core. */
static bool listed(const struct pf_core *core, const struct pf_layout *list)
{
    for (int i = 0; i < list->n; i++)
        if (pf_layout_pu(core, &list->places[i].cpus, 0) >= 0)
            return true;
    return false;
}

/* The first usable core; beside a list, the first that the list leaves alone. */
static void find_core(struct pf_place *driver, const struct pf_machine *machine,
                      const struct pf_cpus *candidates, const struct pf_layout *list)
{
    for (int i = 0; i < machine->ncores; i++) {
        const struct pf_core *core = &machine->cores[i];

        if (pf_layout_pu(core, candidates, 0) < 0 || listed(core, list))
            continue;
        driver->core = i;
        for (int j = 0; j < core->npus; j++)
            if (pf_cpus_has(candidates, core->pus[j]))
                pf_cpus_add(&driver->cpus, core->pus[j]);
        return;
    }
}

/* The second hardware thread of the first worker's core. */
static void find_sibling(struct pf_place *driver, const struct pf_machine *machine,
                         const struct pf_cpus *candidates, const struct pf_layout *list)
{
    int core = list->n ? list->places[0].core : pf_layout_first_core(machine, candidates);
    int pu = core < 0 ? -1 : pf_layout_pu(&machine->cores[core], candidates, 1);

    if (pu < 0)
        return;
    driver->core = core;
    pf_cpus_add(&driver->cpus, pu);
}

void pf_reserve_find(struct pf_place *driver, const struct pf_machine *machine,
                     const struct pf_cpus *candidates, const struct pf_policy *policy,
                     const struct pf_layout *list)
{
    memset(driver, 0, sizeof *driver);
    driver->core = -1;
    if (policy->reserve == PF_RESERVE_CORE)
        find_core(driver, machine, candidates, list);
    else if (policy->reserve == PF_RESERVE_SIBLING)
        find_sibling(driver, machine, candidates, list);
    driver->width = driver->core >= 0;
    driver->bound = driver->core >= 0;
}
