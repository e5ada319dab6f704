/* queue.h - the submitted tasks of one function: a job whose items are futures.
 *
 *   pinfold_submit ─► ▢▢▢▢▢ waiting ─ take ─► ▢▢ a lot ─ done, failed ─► finished ─► callbacks
 *                        ▲                      │
 *                        └──────── again ───────┘
 */
#ifndef PF_TASK_QUEUE_H
#define PF_TASK_QUEUE_H

#include <sys/queue.h>

#include "pool/pool.h"

struct pinfold_future;
TAILQ_HEAD(pf_futures, pinfold_future);

struct pf_queue {
    struct pf_job job;
    struct pinfold_pool *pool;
    pinfold_fn *fn;
    uint64_t taken;            /* how many items were handed out: their numbers */
    struct pf_futures waiting; /* pending */
    struct pf_futures due;     /* complete, with callbacks to run */
};

/* The queue of this function, made when there is none. */
int pf_queue_get(struct pf_queue **queue, struct pinfold_pool *pool, pinfold_fn *fn,
                 struct pinfold_error *err);

/* Puts a pending future at the end. */
void pf_queue_add(struct pf_queue *queue, struct pinfold_future *future);

/* Takes a pending future out: it is not to be run. */
void pf_queue_remove(struct pf_queue *queue, struct pinfold_future *future);

#endif
