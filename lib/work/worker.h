/* worker.h - a worker: takes frames from its link, runs batches in the order of their arrival,
 * answers. It is the same in a cell, on a rank, in a thread and inline; only the link differs.
 */
#ifndef PF_WORK_WORKER_H
#define PF_WORK_WORKER_H

#include "base/error.h"
#include "work/call.h"
#include "work/children.h"
#include "work/limit.h"
#include "work/link.h"

struct pf_worker {
    struct pf_frame *args; /* ARGS, held for the INIT that follows */
    struct pf_link *link;
    bool titled;              /* the thread is this worker's: show it in ps and htop */
    bool threaded;            /* the process is not: its environment and streams are others' too */
    bool openmp_told;         /* the user set OMP_NUM_THREADS; looked at by who sets us up, */
    int below;                /* and how deep in workers (without the process's own) that was */
    struct pinfold_worker me; /* its strings: */
    char host[64];
    char *cpus;

    pinfold_finish_fn *finish;
    void *state; /* init's */
    bool ready;  /* init went well: finish is due */
    bool begun;  /* it was told INIT before: another one begins anew, in the same process */

    uint64_t memory_limit; /* what tasks may take, in bytes; 0: what there is. Kept by the system */

    struct pf_call *calls;           /* those that the driver did not forget yet */
    struct pf_queued *first, **last; /* BATCH and FORGET that wait */
    int queued, most;                /* how many, and how many at most since we rang */
    const struct pf_frame *running;  /* the BATCH that is being run; NULL: none is */
    struct pf_children children;     /* of the task that is being run */
    struct pf_limit limit;           /* of that */
    int64_t looked;                  /* when the link was last looked at */
    bool asked;                      /* the driver wants to hear whether anything is missing */
    bool deaf;                       /* something is: it hears STOP alone */
    uint64_t crash; /* a fault on purpose: dies at the task of this number from here */
    bool stop;
    int stop_code; /* what the driver said with STOP */
    char stop_text[512];
};

void pf_worker_setup(struct pf_worker *worker, struct pf_link *link);
void pf_worker_clear(struct pf_worker *worker);

/* Whether the driver should be woken behind this batch: half of what waited here is done, or all.
 * Until then it sleeps, and the core that it shares works. */
bool pf_worker_should_ring(struct pf_worker *worker);

/* Takes all frames that arrived. */
void pf_worker_take(struct pf_worker *worker);

/* Does the oldest thing that waits: runs a batch, forgets a call behind its batches; or obeys STOP,
 * if nothing else is left. */
enum pf_did { PF_DID_NOTHING, PF_DID_SOMETHING, PF_DID_STOP };
enum pf_did pf_worker_step(struct pf_worker *worker);

/* take, step, wait, until STOP or until the driver is gone (false). */
bool pf_worker_serve(struct pf_worker *worker);

/* Nobody waits for it any more: what it has is cancelled or dropped, and it owes no finish. For its
 * own thread, between tasks or from inside one (through its link). */
void pf_worker_forsake(struct pf_worker *worker);

/* Counts tasks that are begun, for who is to crash; this is the end of it. */
void pf_worker_crash(struct pf_worker *worker, size_t count);

/* How deep this thread is in workers: 0 in a driver, more in a worker's process, in a worker thread
 * and in the tasks of an inline pool. A pool is usable at the depth that it was opened at, and
 * nowhere else. */
int pf_worker_depth(void);

/* Whether this is a worker thread. */
bool pf_worker_threaded(void);

#endif
