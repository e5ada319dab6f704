/* link.h - a worker's connection to its driver, whatever carries it: shared memory (cell.c), MPI
 * (port/rank.c), or nothing but a function call (port/inline.c). */
#ifndef PF_WORK_LINK_H
#define PF_WORK_LINK_H

#include <stdatomic.h>

#include "wire/seq.h"
#include "wire/words.h"

struct pf_link;
struct pf_present;

struct pf_link_ops {
    /* The next frame that arrived, in order, or NULL. It is valid until released; frames may be
     * released in any order. */
    struct pf_frame *(*next)(struct pf_link *link);
    void (*release)(struct pf_link *link, struct pf_frame *frame);

    /* Room for a frame; NULL: out of memory. Then commit (its size may have been made smaller) or
     * abandon it; one at a time. `ring`: wake the driver if it sleeps. */
    struct pf_frame *(*reserve)(struct pf_link *link, size_t body);
    void (*commit)(struct pf_link *link, struct pf_frame *frame, bool ring);
    void (*abandon)(struct pf_link *link, struct pf_frame *frame);

    /* Sleeps until something may have arrived. False: the driver is gone. */
    bool (*wait)(struct pf_link *link);
};

struct pf_link {
    const struct pf_link_ops *ops;
    /* While user code runs, the number of the frame that comes next; else 0. Seen by who may have to
     * explain our death. */
    _Atomic uint32_t *busy;
    struct pf_present *present; /* wire/duct.h; NULL: there is nobody who could end us alone */
    struct pf_words
        *words;          /* NULL, or: this is a process of its own, and its last words go there */
    uint32_t sent;       /* the number of the last frame, */
    struct pf_seq heard; /* and what came */
};

/* Numbers a frame and commits it: all that a worker says goes this way. */
static inline void pf_link_commit(struct pf_link *link, struct pf_frame *frame, bool ring)
{
    pf_seq_give(&link->sent, frame);
    link->ops->commit(link, frame, ring);
    if (atomic_load_explicit(link->busy, memory_order_relaxed)) /* the task goes on */
        atomic_store_explicit(link->busy, pf_seq_after(link->sent), memory_order_release);
}

#endif
