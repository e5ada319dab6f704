/* children.h - the tasks that a task makes, until they are run here or go to the driver.
 *
 * They are a stack: the youngest is run first, so that a tree of tasks is walked in depth, and what
 * waits is a few paths of it. What a failing child leaves is its failure alone: the first one is
 * kept, and travels with the others.
 *
 * As bytes (behind the result of their parent, in a RESULT frame):
 *
 *     code of the first failure (0: none), worker, rank, host, text
 *     for each child, the oldest first: 0 (its parent's function) or 1 and a function; its argument
 */
#ifndef PF_WORK_CHILDREN_H
#define PF_WORK_CHILDREN_H

#include "base/error.h"
#include "wire/frame.h"

/* Why results cannot be combined: their sizes. */
#define PF_UNLIKE_RESULTS "results of %zu and of %zu bytes cannot be combined"

struct pf_child {
    struct pf_child *below;
    pinfold_fn *fn;
    size_t size; /* of its argument */
    _Alignas(16) unsigned char arg[];
};

struct pf_children {
    struct pf_child *top;
    size_t bytes;                /* that they take, about */
    struct pinfold_error failed; /* code 0: none has */

    pinfold_fn *other;     /* the last function that was not the parent's, */
    struct pf_buf address; /* and how it is found elsewhere */
    unsigned char *out;    /* the result of one that is run here */
    size_t out_room;
};

/* Leaves none. `all`: nor any memory. */
void pf_children_clear(struct pf_children *children, bool all);

/* Puts one on top; `own` is the parent's function. */
int pf_children_push(struct pf_children *children, pinfold_fn *own, pinfold_fn *fn,
                     pinfold_bytes arg, struct pinfold_error *err);

/* The youngest, to be freed by the caller; NULL: there is none. */
struct pf_child *pf_children_pop(struct pf_children *children);

/* Drops those above `mark`, and keeps why, if nothing else has failed before. */
void pf_children_fail(struct pf_children *children, const struct pf_child *mark,
                      const struct pinfold_error *why);

/* Zeroed room for the result of one that is run here, until the next call. NULL: out of memory. */
void *pf_children_out(struct pf_children *children, size_t size);

/* Whether there is anything to tell the driver. */
bool pf_children_any(const struct pf_children *children);

/* Writes them, and leaves none. */
void pf_children_pack(struct pf_children *children, pinfold_fn *own, struct pf_buf *body);

/* Reads the failure; then one child after the other: false when there are no more, or *code says
 * what is wrong with the next. `arg` lies in the bytes. */
void pf_children_unpack_failure(struct pf_reader *in, struct pinfold_error *failed);
bool pf_children_unpack(struct pf_reader *in, pinfold_fn *own, pinfold_fn **fn, pinfold_bytes *arg,
                        struct pinfold_error *err);

#endif
