/* pool.h - what a struct pinfold_pool is. */
#ifndef PF_POOL_POOL_H
#define PF_POOL_POOL_H

#include <sys/types.h>

#include "pool/engine.h"

struct pinfold_pool {
    struct pf_engine engine;
    struct pinfold_pool *next; /* open pools of this process, for finalize */
    struct pf_fabric *fabric;  /* of this pool alone, or NULL: it ends with it */
    pid_t owner;               /* the process that opened it, */
    int depth;                 /* and how deep in workers it was (work/worker.h) */
    double grace;
    bool closing; /* nothing can be submitted any more */
    bool signals; /* they are given back when it ends */
    bool moved;   /* the driver sits at a place of its own, and came from `mask` */
    struct pf_cpus mask;
};

/* 0 when this process may use the pool here and now, else the code: not inside a task of it, not
 * in a fork, not when it is broken; `waits`: for a call that waits, so not inside a callback. */
int pf_pool_check(const struct pinfold_pool *pool, bool waits, struct pinfold_error *err);

/* Stops the workers, tells ranks `code` and `text`, and frees what there is of the pool. 0, or
 * PINFOLD_E_STUCK; `lost` is then set if that one is a rank, which holds up the end of MPI (a thread
 * holds up nobody), and else left alone. */
int pf_pool_end(struct pinfold_pool *pool, int code, const char *text, bool *lost);

#endif
