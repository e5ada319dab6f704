/* family.h - a submitted task, and all tasks that it makes, and that those make.
 *
 *   root ─┬─ child ─┬─ child      one future that the user has: the root's. It is RUNNING until
 *         │         └─ child      `open`, the tasks of the family that are not finished, is 0.
 *         └─ child                Children are futures that nobody has.
 *
 * A task's children come in the same frame as its result, and are counted before the task itself
 * is counted as finished: so `open` is 0 when all is done, and not before. Nobody waits for
 * anybody: a parent is done when its function returns.
 */
#ifndef PF_TASK_FAMILY_H
#define PF_TASK_FAMILY_H

#include "task/future.h"

struct pf_family {
    struct pinfold_future *root;
    size_t open;
    pinfold_combine_fn *combine; /* NULL: the root's own result is the family's */
    struct pf_failure *failure;  /* the first that was learned of */
};

/* The task, which is about to be finished, has made these (work/children.h). */
void pf_family_grow(struct pinfold_future *parent, pinfold_bytes children);

/* A task of the family is finished. The future may be gone afterwards. */
void pf_family_result(struct pinfold_future *future, pinfold_bytes result,
                      const struct pf_frame *frame);
void pf_family_fail(struct pinfold_future *future, const struct pinfold_error *error);

#endif
