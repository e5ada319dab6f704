/* job.h - what the engine needs to know of a call: where items come from, and where results go.
 * A map is one; futures and streams will be others. */
#ifndef PF_POOL_JOB_H
#define PF_POOL_JOB_H

#include "base/error.h"
#include "wire/frame.h"

struct pf_job;

struct pf_job_ops {
    /* Takes up to `want` items that nobody has; their number, 0: none is left for now. */
    size_t (*take)(struct pf_job *job, size_t want, size_t *first);

    /* Writes the inputs of items that were taken. */
    void (*fill)(struct pf_job *job, size_t first, size_t count, void *body);

    /* Items are done, or will never be (error: code, worker, rank, host, text; the job adds the
     * index), or come back to be taken again (`singly`: one at a time, to find the culprit). */
    void (*done)(struct pf_job *job, size_t first, size_t count, const void *body);
    void (*failed)(struct pf_job *job, size_t first, size_t count, struct pinfold_error *error);
    void (*again)(struct pf_job *job, size_t first, size_t count, bool singly);
};

struct pf_job {
    const struct pf_job_ops *ops;
    uint64_t id;        /* the engine's */
    struct pf_buf call; /* the body of its CALL frame */
    size_t in_size, out_size;
    bool range;
    size_t chunk;     /* 0: automatic */
    size_t remaining; /* items that nobody has; kept by the job */
    double item_ns;   /* measured by the engine; 0: not yet */
};

#endif
