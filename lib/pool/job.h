/* job.h - what the engine needs to know of a call: where items come from, and where results go.
 * A map is one; the submitted tasks of one function are one (task/queue.h). The engine works on any
 * number of them at a time.
 *
 * Items that were handed out together are a *lot*. The engine keeps it while they are on their way,
 * and the job finds its items again by it: answers come in the order of the lot, so `items` can be
 * a list that is taken from its front.
 */
#ifndef PF_POOL_JOB_H
#define PF_POOL_JOB_H

#include "base/error.h"
#include "plan/pick.h"
#include "wire/frame.h"

struct pf_job;

struct pf_lot {
    uint64_t first; /* the number of the next item that has no answer; they follow each other */
    size_t count;   /* of those that have none */
    size_t bytes;   /* what fill will write */
    void *items;    /* the job's own */
    /* the engine's: */
    int attempt;   /* from 1; a later one is of one item alone, */
    int failed_on; /* which failed on this worker before; -1: on none */
    bool blames;   /* so that it may be the worker's fault, */
    uint64_t well; /* who had done so many well by then */
    int priority;  /* when it was taken, */
    uint64_t age;  /* its job's */
};

/* In done (frame->count), failed and again the items are the next `count` of the lot; the job takes
 * them out of lot->items, the engine counts first and count. */
struct pf_job_ops {
    /* Takes up to `want` items that nobody has, at most as many as a frame holds. False: there are
     * none after all. */
    bool (*take)(struct pf_job *job, size_t want, struct pf_lot *lot);

    /* NULL, or: the frame that the inputs of this lot lie in already, held for who asks; NULL: they
     * lie in none. Then fill writes them. */
    struct pf_frame *(*made)(struct pf_job *job, const struct pf_lot *lot);
    void (*fill)(struct pf_job *job, const struct pf_lot *lot, void *body);

    /* Items are done (records, or outputs of out_size; false: they are cut short); or will never
     * be (error: code, worker, rank, host, text; the job adds the index); or come back to be taken
     * again (`singly`: one at a time, to find the culprit). */
    bool (*done)(struct pf_job *job, struct pf_lot *lot, const struct pf_frame *frame);
    void (*failed)(struct pf_job *job, struct pf_lot *lot, size_t count,
                   struct pinfold_error *error);
    void (*again)(struct pf_job *job, struct pf_lot *lot, size_t count, bool singly);

    /* Takes the next item out into a lot of its own, which has its number and bytes: it is to be
     * tried again (attempt.h). The caller counts it out of the first lot. */
    void (*apart)(struct pf_job *job, struct pf_lot *lot, struct pf_lot *one);

    /* NULL, or learns that this attempt at the next item failed, before it is taken out for another. */
    void (*tried)(struct pf_job *job, const struct pf_lot *lot, const struct pinfold_error *error);

    /* NULL, or: whether somebody still waits for the next item. If not, it is not tried again. */
    bool (*wanted)(struct pf_job *job, const struct pf_lot *lot);

    /* NULL, or: what is to be done outside of all else when `settling` was set: user code is
     * called here. */
    void (*settle)(struct pf_job *job);

    /* NULL (who waits in a call learns it there), or: all items that nobody has will never be, for
     * this reason. PINFOLD_E_CANCELLED: they are cancelled. */
    void (*drop)(struct pf_job *job, const struct pinfold_error *why);

    /* NULL (it belongs to who laid it down), or: the pool is closed. */
    void (*free)(struct pf_job *job);
};

/* How the items that a pool was asked for came to their end. */
struct pf_tally {
    uint64_t done, failed, cancelled;
};

/* What a worker knows of a job. */
struct pf_told {
    bool told;   /* its function and shared bytes */
    size_t last; /* the size of its last batch that is done; 0: none is */
};

struct pf_retry; /* an item that waits to be tried again (attempt.c) */

struct pf_job {
    const struct pf_job_ops *ops;
    struct pf_job *next, **at; /* among the engine's; `at` points at what points here */
    uint64_t id;               /* the engine's */
    struct pf_told *told;      /* the engine's, by worker number */
    struct pf_tally *tally;    /* the engine's, of all jobs */
    struct pf_frame *call;     /* its CALL frame */
    size_t in_size, out_size;  /* of each item, or PF_ANY_SIZE */
    size_t item_size;          /* about, in bytes, the larger way: what the plan reckons with */
    size_t fit;                /* items of that size in a frame, at least 1 */
    bool range;
    bool timed; /* who waits for it does so for a time only */
    bool settling;
    size_t chunk; /* 0: automatic */
    struct pf_wish wish;
    int priority;      /* of what it has waiting; kept by the job */
    size_t remaining;  /* items that nobody has; kept by the job */
    size_t unfinished; /* items that are not done, failed or cancelled; kept by pf_job_end */
    uint64_t to_come;  /* items that will be added, or PF_UNCOUNTED; kept by the job */
    uint64_t age;      /* of what it has waiting: the lowest goes first; kept by the job */
    int64_t limit;     /* how long each item may take, in ns; 0: as long as it likes */
    int retries;       /* how many more attempts an item has that failed */
    struct pf_retry *retry, *last_retry; /* those that wait for one; the engine's, */
    size_t retrying;                     /* so many; they do not count as remaining */
    double item_ns;                      /* measured by the engine; 0: not yet, */
    double longest_ns;                   /* and the longest that was */
    double estimate; /* what an item takes, as the caller says, in ns; 0: he does not */
    bool given_up;   /* what nobody had of it will not be run: the job ends early */
    int by;          /* in done and failed: the worker that answered, */
    int64_t ns;      /* and what it says that these items took */
};

#define PF_UNCOUNTED UINT64_MAX

/* Items came to their end, in this way: `what` is of job->tally. Whatever ends an item calls it. */
static inline void pf_job_end(struct pf_job *job, uint64_t *what, size_t count)
{
    job->unfinished -= count;
    *what += count;
}

/* How many items of this size a frame holds, at least 1. */
static inline size_t pf_job_fit(size_t item_size)
{
    return item_size == 0 ? PF_BODY_MAX : PF_BODY_MAX / item_size ? PF_BODY_MAX / item_size : 1;
}

#endif
