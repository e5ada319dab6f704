/* chunk.h - how many items a worker gets next. Pure: facts in, a number out. */
#ifndef PF_PLAN_CHUNK_H
#define PF_PLAN_CHUNK_H

#include <stddef.h>

struct pf_chunk_facts {
    size_t remaining; /* items that nobody has yet */
    int workers;
    size_t fixed;      /* what the caller wants; 0: automatic */
    size_t fit;        /* what a frame takes, at least 1 */
    size_t item_size;  /* in bytes, the larger way */
    double item_ns;    /* measured; 0: not yet */
    size_t last;       /* the worker's last batch that is done; 0: none is */
    size_t ahead;      /* items that the worker has, and did not answer for */
    int batches_ahead; /* in so many batches */
};

/* The size of the worker's next batch; 0: it has enough for now. */
size_t pf_chunk(const struct pf_chunk_facts *facts);

/* Of items of this size and more, a worker has one at a time. */
#define PF_HUGE_BYTES ((size_t)256 << 20)

/* The most batches that a worker is ever given ahead. */
#define PF_BATCHES_AHEAD 64

#endif
