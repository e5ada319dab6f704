/* place.h - who sits where. Pure: a machine's table, a mask and a policy in, CPU sets out; the
 * same answer for the same input, no system call. The rules are numbered in place.c.
 */
#ifndef PF_HOST_PLACE_H
#define PF_HOST_PLACE_H

#include "host/layout.h"

/* More workers of one node than this are an argument error: a slip of the keyboard. */
#define PF_SEATS_MAX 65536

struct pf_seating {
    int n;                   /* workers */
    struct pf_place *places; /* one for each worker */
    int nplaces;             /* how many places there are, whatever n is */
    struct pf_place driver;  /* reserve: its own place; bound == false: none */
    bool oversubscribed;     /* there are workers without a place of their own */
    char notice[256]; /* one line for people ("more workers (3) than places (2): ..."), or "" */
};

/* Seats n workers (0: one for each place) of one process on machine ∩ mask (NULL: no mask).
 * PINFOLD_E_PLACES: more workers than places and oversubscribe = error, or no place of the
 * width. PINFOLD_E_TOPOLOGY: the mask has no CPU of the machine. PINFOLD_E_ARGUMENT: a negative
 * n, a list that names unusable CPUs. */
int pf_seat(struct pf_seating **seating, const struct pf_machine *machine,
            const struct pf_cpus *mask, const struct pf_policy *policy, int n,
            struct pinfold_error *err);

/* Seats the n ranks of one node, rank i inside masks[i] (rule 8). `chosen[i]`: the mask is a
 * binding that the user asked for; not a launcher's default, and not a mask that nobody
 * narrowed
 * (--bind-to none); NULL: none is. Equal masks: as pf_seat. A chosen mask that meets no other
 * is kept whole, also when there is one rank only. Else: disjoint places inside the masks as
 * far as they exist. `reserve` is about rank 0: set it to none on nodes that the driver is not
 * on. */
int pf_seat_ranks(struct pf_seating **seating, const struct pf_machine *machine,
                  const struct pf_cpus *masks, const bool *chosen, const struct pf_policy *policy,
                  int n, struct pinfold_error *err);

void pf_seating_free(struct pf_seating *seating);

#endif
