/* part.h - ranks that are a part of those on their node, and do not know what the others do: those
 * of a communicator that is not the world. Pure.
 */
#ifndef PF_HOST_PART_H
#define PF_HOST_PART_H

#include "host/place.h"

/* As pf_seat_ranks, for ranks of which rank i is number local[i] (from 0; -1: it is not known)
 * among all of the job on this node. Ranks with one mask, which nobody chose, compete for it with
 * those that are not here: each sits at the place of its number, counted round where there are
 * fewer places, so that two parts that are seated without knowing of each other do not meet. Where
 * two of these ranks would meet in that way, or a number is not known, the others are not minded:
 * it is pf_seat_ranks. */
int pf_seat_part(struct pf_seating **seating, const struct pf_machine *machine,
                 const struct pf_cpus *masks, const bool *chosen, const int *local,
                 const struct pf_policy *policy, int n, struct pinfold_error *err);

#endif
