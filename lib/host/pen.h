/* pen.h - workers that compete for the same cores: a part of place.c. Pure.
 *
 * The workers of one process are one pen. Ranks come with masks of their own: those whose masks
 * are connected by overlaps share a pen, and pens share no CPU, so that each can be seated
 * alone.
 */
#ifndef PF_HOST_PEN_H
#define PF_HOST_PEN_H

#include "host/layout.h"

enum pf_pen_kind {
    PF_PEN_EVEN,  /* all may use the same CPUs: member k has layout.places[k], in turn */
    PF_PEN_WHOLE, /* one member, whose mask is its place */
    PF_PEN_UNEVEN /* masks that overlap and differ: layout.places[k] was found for member k */
};

struct pf_pen {
    enum pf_pen_kind kind;
    struct pf_cpus candidates; /* of all members together */
    int n;
    int *member;             /* n numbers of workers, or NULL: they are 0 .. n - 1 */
    struct pf_layout layout; /* filled by pf_pen_lay_out */
    int nplaces;             /* how many disjoint places there are: less than n is too few */
};

/* Sorts n ranks into pens by what each may use. 0, or PINFOLD_E_MEMORY. */
int pf_pens_make(struct pf_pen **pens, int *npens, const struct pf_cpus *candidates,
                 const bool *chosen, int n);
void pf_pens_free(struct pf_pen *pens, int npens);

/* Finds the pen's places. `candidates` has one set for each worker; not looked at when all may
 * use the same. */
int pf_pen_lay_out(struct pf_pen *pen, const struct pf_machine *machine,
                   const struct pf_cpus *candidates, const struct pf_policy *policy,
                   struct pinfold_error *err);

#endif
