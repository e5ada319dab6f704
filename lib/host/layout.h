/* layout.h - the places that there are, in the order in which workers take them. Pure. */
#ifndef PF_HOST_LAYOUT_H
#define PF_HOST_LAYOUT_H

#include "host/policy.h"
#include "host/topology.h"

struct pf_place {
    struct pf_cpus cpus; /* what the worker is bound to */
    int width;           /* cores (or PUs, with places = threads) in it */
    int core;            /* index into machine->cores of its first core, or -1 (unbound) */
    bool bound;          /* false: leave the worker's mask alone; cpus is then all it may use */
};

struct pf_layout {
    int n;
    struct pf_place *places;
};

/* The places of the candidates under places, bind and width of the policy (bind = none: as
 * close). n may be 0: nothing is as wide as asked for. PINFOLD_E_ARGUMENT: a list that makes no
 * sense, or names CPUs that are no candidates. */
int pf_layout_make(struct pf_layout *layout, const struct pf_machine *machine,
                   const struct pf_cpus *candidates, const struct pf_policy *policy,
                   struct pinfold_error *err);
void pf_layout_free(struct pf_layout *layout);

/* One bound place that is all of `cpus` (not empty), as wide as `places` counts. */
void pf_layout_whole(struct pf_place *place, const struct pf_machine *machine,
                     const struct pf_cpus *cpus, enum pf_places places);

/* The nth (from 0) PU of a core that is in `candidates`, or -1. */
int pf_layout_pu(const struct pf_core *core, const struct pf_cpus *candidates, int nth);

/* The first core that has a candidate, or -1. */
int pf_layout_first_core(const struct pf_machine *machine, const struct pf_cpus *candidates);

#endif
