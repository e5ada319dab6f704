/* pick.h - which of several jobs a worker gets something from. Pure: facts in, an order out.
 *
 * A job may have a *wish* where it is run: on a worker, or on a node. When it *must*, nobody else
 * gets anything of it. Otherwise others do, rather than that it waits: those who have nothing in
 * hand, while all whom it wishes for are busy.
 */
#ifndef PF_PLAN_PICK_H
#define PF_PLAN_PICK_H

#include <stdbool.h>
#include <stdint.h>

#include "pinfold.h"

struct pf_wish {
    enum pinfold_where where;
    int number; /* the worker's, or the node's */
    bool must;
};

/* What a worker is to a job, from worst to best. */
enum pf_fit { PF_FIT_NOT, PF_FIT_ELSE, PF_FIT_WELL };

struct pf_pick { /* a job, as one worker sees it */
    enum pf_fit fit;
    int priority;
    uint64_t age; /* of what it has waiting: the lowest has waited longest */
};

bool pf_wish_same(const struct pf_wish *a, const struct pf_wish *b);

/* Whether worker `number` of `node` is one that the wish is for. */
bool pf_wish_met(const struct pf_wish *wish, int number, int node);

/* What such a worker is to a job with this wish. `idle`: it has nothing in hand; `wanted_idle`:
 * one of those that the wish is for has nothing in hand. */
enum pf_fit pf_wish_fit(const struct pf_wish *wish, int number, int node, bool idle,
                        bool wanted_idle);

/* Whether `a` goes before `b`. Neither is PF_FIT_NOT. */
bool pf_pick_before(const struct pf_pick *a, const struct pf_pick *b);

#endif
