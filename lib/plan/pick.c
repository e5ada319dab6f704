/* pick.c - see pick.h. */
#include "plan/pick.h"

bool pf_wish_same(const struct pf_wish *a, const struct pf_wish *b)
{
    return a->where == b->where && a->number == b->number && a->must == b->must;
}

bool pf_wish_met(const struct pf_wish *wish, int number, int node)
{
    switch (wish->where) {
    case PINFOLD_ON_WORKER:
        return number == wish->number;
    case PINFOLD_ON_NODE:
        return node == wish->number;
    default:
        return true;
    }
}

enum pf_fit pf_wish_fit(const struct pf_wish *wish, int number, int node, bool idle,
                        bool wanted_idle)
{
    if (pf_wish_met(wish, number, node))
        return PF_FIT_WELL;
    return wish->must || !idle || wanted_idle ? PF_FIT_NOT : PF_FIT_ELSE;
}

bool pf_pick_before(const struct pf_pick *a, const struct pf_pick *b)
{
    if (a->fit != b->fit)
        return a->fit > b->fit; /* what is wanted elsewhere comes behind all that is not */
    if (a->priority != b->priority)
        return a->priority > b->priority;
    return a->age < b->age;
}
