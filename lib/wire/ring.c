/* ring.c - see ring.h for the picture.
 *
 * Order: the producer's release store of `head` makes the frame visible to the consumer's acquire
 * load; the consumer's release store of `tail` gives the space back likewise. Nothing else is
 * shared, except the draft, which is read only when its writer is dead.
 */
#include "wire/ring.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static uint64_t extent(uint64_t body)
{
    return sizeof(struct pf_frame) + ((body + 63) & ~(uint64_t)63);
}

static struct pf_frame *at(const struct pf_ring *ring, uint64_t position)
{
    return (struct pf_frame *)(ring->data + position % PF_RING_SIZE);
}

int pf_ring_map(struct pf_ring *ring, struct pf_ring_shared *shared, int fd, size_t offset)
{
    unsigned char *both =
        mmap(NULL, 2 * (size_t)PF_RING_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (both == MAP_FAILED)
        return -errno;
    for (int i = 0; i < 2; i++) {
        unsigned char *half = both + i * (size_t)PF_RING_SIZE;
        if (mmap(half, PF_RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
                 (off_t)offset) == MAP_FAILED) {
            int status = -errno;
            munmap(both, 2 * (size_t)PF_RING_SIZE);
            return status;
        }
    }
    *ring = (struct pf_ring){.shared = shared, .data = both};
    return 0;
}

void pf_ring_unmap(struct pf_ring *ring)
{
    if (ring->data)
        munmap(ring->data, 2 * (size_t)PF_RING_SIZE);
    ring->data = NULL;
}

struct pf_frame *pf_ring_reserve(struct pf_ring *ring, size_t body)
{
    uint64_t tail = atomic_load_explicit(&ring->shared->tail, memory_order_acquire);
    struct pf_frame *frame = at(ring, ring->mine);

    if (body > PF_RING_SIZE / 2 || extent(body) > PF_RING_SIZE - (ring->mine - tail))
        return NULL;
    memset(frame, 0, sizeof *frame);
    frame->size = body;
    atomic_store_explicit(&ring->shared->draft, ring->mine + 1, memory_order_release);
    return frame;
}

void pf_ring_commit(struct pf_ring *ring, struct pf_frame *frame)
{
    ring->mine += extent(frame->size);
    atomic_store_explicit(&ring->shared->head, ring->mine, memory_order_release);
}

struct pf_frame *pf_ring_next(struct pf_ring *ring, bool *broken)
{
    uint64_t head = atomic_load_explicit(&ring->shared->head, memory_order_acquire);
    struct pf_frame *frame = at(ring, ring->mine);
    uint64_t size;

    if (head == ring->mine)
        return NULL;
    size = frame->size;
    if (head - ring->mine > PF_RING_SIZE || size > PF_RING_SIZE ||
        extent(size) > head - ring->mine) {
        *broken = true;
        return NULL;
    }
    ring->mine += extent(size);
    return frame;
}

/* How far the frame at the tail reaches. Its producer can still write there: what is nonsense by now
 * reaches to the end of all that was handed out. */
static uint64_t next_extent(const struct pf_ring *ring)
{
    uint64_t handed_out = ring->mine - ring->tail, size = at(ring, ring->tail)->size;

    return size < handed_out && extent(size) < handed_out ? extent(size) : handed_out;
}

void pf_ring_release(struct pf_ring *ring, struct pf_frame *frame)
{
    frame->released = 1;
    while (ring->tail != ring->mine && at(ring, ring->tail)->released)
        ring->tail += next_extent(ring);
    atomic_store_explicit(&ring->shared->tail, ring->tail, memory_order_release);
}

bool pf_ring_holds(const struct pf_ring *ring, const struct pf_frame *frame)
{
    uintptr_t offset = (uintptr_t)frame - (uintptr_t)ring->data;

    return offset < 2 * (uintptr_t)PF_RING_SIZE;
}

struct pf_frame *pf_ring_draft(struct pf_ring *ring)
{
    if (atomic_load_explicit(&ring->shared->draft, memory_order_acquire) != ring->mine + 1)
        return NULL;
    return at(ring, ring->mine);
}
