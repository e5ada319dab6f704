/* items.h - the items of an array as a job: what map and map_reduce have in common.
 *
 * They are handed out from the front. Those that come back (their worker died) wait in a list of
 * ranges and go first; a range that comes back to find a culprit is marked, and is handed out one
 * item at a time.
 */
#ifndef PF_TASK_ITEMS_H
#define PF_TASK_ITEMS_H

#include "pool/pool.h"
#include "task/resume.h"

struct pf_range; /* one that came back */

struct pf_items {
    struct pf_job job; /* the caller sets in_size, out_size */

    /* Takes the results of the next frame->count items of the lot; false: they cannot be. */
    bool (*take_results)(struct pf_items *items, const struct pf_lot *lot,
                         const struct pf_frame *frame);
    const char *verb; /* "map": for messages */
    pinfold_fn *fn;   /* one of the two */
    pinfold_range_fn *range;
    pinfold_combine_fn *combine; /* NULL, or: with fn, answers are the blocks of plan/tree.h */
    const unsigned char *in;
    void *out;
    size_t n, next;
    struct pf_range *back;
    size_t left_out; /* items that are not run: the job ends early */
    struct pinfold_call how;
    struct pf_resume resume;
    struct pinfold_error worst; /* the failed item with the lowest index */
};

/* Checks what the caller set and gave, and has the pool work until all items are done or failed,
 * or out of time. Returns what the call returns. */
int pf_items_run(struct pf_items *items, struct pinfold_pool *pool, const struct pinfold_call *how,
                 struct pinfold_error *err);

#endif
