/* seating.h - the workers of this node get their places: topology, policy, quota, and what there
 * is to say about it. */
#ifndef PF_POOL_SEATING_H
#define PF_POOL_SEATING_H

#include "host/place.h"

/* Seats n workers of this process (0: one for each place) inside `mask`. */
int pf_seating_here(struct pf_seating **seating, const struct pf_cpus *mask,
                    const struct pf_policy *policy, int n, struct pinfold_error *err);

/* Seats the n ranks of this node, rank i inside masks[i] (host/place.h). local[i]: its number among
 * all of the job's ranks here, where these may be a part of them (host/part.h), or -1. */
int pf_seating_ranks(struct pf_seating **seating, const struct pf_cpus *masks, const bool *chosen,
                     const int *local, const struct pf_policy *policy, int n,
                     struct pinfold_error *err);

#endif
