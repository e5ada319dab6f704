/* group.h - futures that are waited for together. */
#ifndef PF_TASK_GROUP_H
#define PF_TASK_GROUP_H

#include "task/future.h"

struct pinfold_group {
    struct pinfold_pool *pool;     /* not touched when nothing is open: it may be closed by then */
    struct pf_futures open;        /* not complete */
    struct pf_futures ready;       /* complete, in this order, and not given out by next */
    size_t nopen, nready, nfailed; /* of those that are ready */
};

/* A future of the group is complete; or leaves it. */
void pf_group_complete(struct pinfold_group *group, struct pinfold_future *future);
void pf_group_remove(struct pinfold_group *group, struct pinfold_future *future);

#endif
