/* ring.h - a single-producer, single-consumer ring of frames in shared memory.
 *
 *                 tail                 seen              head
 *      ────────────┼────────────────────┼─────────────────┼──────────────
 *        free      │ handed out by next,│ published, not  │ draft │  free
 *                  │ not yet released   │ yet handed out  │ (open)│
 *
 * The memory is mapped twice, one copy behind the other, so a frame is contiguous even where the
 * ring wraps: both sides read and write in place. Frames are released in any order; the tail
 * follows over those that are.
 *
 * `draft` says that a frame is being filled, and where (the next position: 0 says none). It is the
 * one at head as long as it is not published; so nothing has to be taken back when it is, and
 * there is no moment at which a producer's death loses it. When the producer dies, the consumer
 * finds there what was finished so far: a worker counts `frame->count` up behind each item.
 */
#ifndef PF_WIRE_RING_H
#define PF_WIRE_RING_H

#include <stdatomic.h>

#include "wire/frame.h"

/* Bytes in each direction. Four of the largest frames: two on their way, one being filled, and
 * room for what is small. A multiple of every page size in use (64 KiB). */
#define PF_RING_SIZE (256 * 1024)

struct pf_ring_shared {
    _Alignas(64) _Atomic uint64_t head; /* bytes ever published; written by the producer */
    _Atomic uint64_t draft;
    _Alignas(64) _Atomic uint64_t tail; /* bytes ever released; written by the consumer */
};

struct pf_ring {
    struct pf_ring_shared *shared;
    unsigned char *data; /* PF_RING_SIZE bytes, seen twice */
    uint64_t mine;       /* producer: head; consumer: what was seen so far */
    uint64_t tail; /* consumer: what it has given back; the shared one is for the producer alone */
};

/* Maps the PF_RING_SIZE bytes at `offset` of `fd` twice. 0 or -errno. */
int pf_ring_map(struct pf_ring *ring, struct pf_ring_shared *shared, int fd, size_t offset);
void pf_ring_unmap(struct pf_ring *ring);

/* Producer: room for a frame with this much body, or NULL. A second reserve without a commit
 * returns the same place: the first is forgotten. Commit publishes frame->size bytes of body,
 * which may be less than was reserved. */
struct pf_frame *pf_ring_reserve(struct pf_ring *ring, size_t body);
void pf_ring_commit(struct pf_ring *ring, struct pf_frame *frame);

/* Consumer: the next frame, or NULL; and giving one back. *broken is set when what lies there
 * cannot be a frame (the other side wrote where it should not). */
struct pf_frame *pf_ring_next(struct pf_ring *ring, bool *broken);
void pf_ring_release(struct pf_ring *ring, struct pf_frame *frame);
bool pf_ring_holds(const struct pf_ring *ring, const struct pf_frame *frame);

/* Consumer, after the producer's death and when next returned NULL: its draft, or NULL. */
struct pf_frame *pf_ring_draft(struct pf_ring *ring);

#endif
