/* draft.h - results in the making.
 *
 * They are written where the driver reads them: into a RESULT frame that is reserved for as many
 * items as may still come, and whose `count` goes up behind each item that is done. Should this
 * process die in the next one, the driver finds there what was finished. Results of any size are
 * records (wire/record.h); where one has no room, those before it are sent, and a new frame is
 * begun.
 */
#ifndef PF_WORK_DRAFT_H
#define PF_WORK_DRAFT_H

#include "work/link.h"

struct pf_draft {
    struct pf_link *link;
    uint64_t call;          /* whose items */
    uint64_t next, end;     /* the one that comes next, and the one behind the last */
    size_t out_size;        /* of each, or PF_ANY_SIZE */
    struct pf_frame *frame; /* NULL: none is open */
    size_t room;            /* of its body */
    size_t used, after;     /* of it, by what is done; with the item that is being run */
    int64_t began;          /* when the frame's first item was */
};

/* Zeroed room for the next `count` results, one behind the other; NULL with PF_ANY_SIZE, and where
 * a large one finds no memory. */
void *pf_draft_next(struct pf_draft *draft, size_t count);

/* With PF_ANY_SIZE: zeroed room for the next result. A second call takes the first one back.
 * Shrink leaves it where it is, and as it is. NULL: there is no memory for a large one. */
void *pf_draft_place(struct pf_draft *draft, size_t size);
void pf_draft_shrink(struct pf_draft *draft, size_t size);

/* Behind the result of `out_size` bytes that was placed: room for what the task has made. Results
 * in one frame all have that (PF_FLAG_CHILDREN), be it 0 bytes. NULL: there is no memory for a large
 * one. */
void *pf_draft_behind(struct pf_draft *draft, size_t out_size, size_t size);

/* The next `count` items are done. */
void pf_draft_done(struct pf_draft *draft, size_t count);

/* Whether the driver cannot see what is done before it is sent: it is too large to lie in a frame
 * of the ring. Nothing else may be begun before. */
bool pf_draft_apart(const struct pf_draft *draft);

/* Sends what is done, if there is anything; the item that is being run loses its room. Returns the time. `ring`: wake
 * the driver. */
int64_t pf_draft_commit(struct pf_draft *draft, bool ring);

#endif
