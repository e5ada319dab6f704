/* queue.h - the submitted tasks of one function: a job whose items are futures.
 *
 *   pinfold_submit ─► ▢▢▢▢▢ waiting ─ take ─► ▢▢ a lot ─ done, failed ─► finished ─► callbacks
 *                        ▲                      │
 *                        └──────── again ───────┘
 */
#ifndef PF_TASK_QUEUE_H
#define PF_TASK_QUEUE_H

#include "pool/pool.h"
#include "task/line.h"

/* What the tasks of a queue have in common. */
struct pf_alike {
    pinfold_fn *fn;              /* NULL: nobody else may find the queue, and whose it is numbers */
    pinfold_combine_fn *combine; /* of what their families result in, or NULL */
    struct pf_wish wish;
    int64_t limit; /* of each, in ns; 0: none */
    int retries;
    double estimate; /* seconds that each takes; 0: nobody says */
};

struct pf_queue {
    struct pf_job job;
    struct pinfold_pool *pool;
    struct pf_alike alike;
    uint64_t numbered;     /* items so far; those of others get a number when they are taken, */
                           /* so that the numbers of a lot follow each other */
    struct pf_line *lines; /* pending, by priority */
    struct pf_line usual;  /* the one that most are in */
    struct pf_futures due; /* complete, with callbacks to run */
    const struct pf_watch *watch; /* NULL: nobody's */
};

/* Who wants to see attempts as they end, each by its index: results (the one at `place` of `count` that
 * came together; the job says by whom), and failures after which it is tried again. */
struct pf_watch {
    void (*done)(void *data, const struct pf_job *job, const struct pf_lot *lot, uint64_t index,
                 size_t place, size_t count, pinfold_bytes result);
    void (*tried)(void *data, const struct pf_job *job, uint64_t index,
                  const struct pinfold_error *error);
    void *data;
};

/* The queue of such tasks, made when there is none. */
int pf_queue_get(struct pf_queue **queue, struct pinfold_pool *pool, const struct pf_alike *alike,
                 struct pinfold_error *err);

/* One that nobody else finds: its futures have the numbers 0, 1, ... as they are added, and its
 * tasks see them as their index. `shared` and `time` (nanoseconds from now) as in a map. */
int pf_queue_new(struct pf_queue **queue, struct pinfold_pool *pool, pinfold_fn *fn,
                 pinfold_bytes shared, int64_t time, struct pinfold_error *err);

/* Ends such a one: what is unfinished fails for this reason. */
void pf_queue_end(struct pf_queue *queue, const struct pinfold_error *why);

/* Puts a pending future at the end of its line. */
void pf_queue_add(struct pf_queue *queue, struct pinfold_future *future);

/* A task that one of this age has made goes to the front of its line, and is as old: what waits of
 * a tree of tasks is a few paths of it, and families are not mixed more than need be. */
void pf_queue_add_child(struct pf_queue *queue, struct pinfold_future *child, uint64_t age);

/* A future, which is stopped from now on and was RUNNING, and its family: what waits is cancelled, also
 * between two attempts, and workers are told to stop what they have. Calls nobody: pf_engine_settle
 * does, later. */
void pf_queue_stop(struct pinfold_future *root);

/* Takes a pending future out: it is not to be run. */
void pf_queue_remove(struct pf_queue *queue, struct pinfold_future *future);

#endif
