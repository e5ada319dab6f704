/* opening.h - a pool on its way: what is known so far, and the parts that every backend needs. */
#ifndef PF_POOL_OPENING_H
#define PF_POOL_OPENING_H

#include "plan/fault.h"
#include "pool/agree.h"
#include "pool/pool.h"

struct pf_opening {
    struct pinfold_options options;
    struct pf_policy policy;
    struct pf_log log;
    struct pf_progress progress;
    struct pf_faults faults;
    enum { PF_INLINE, PF_THREADS, PF_PROCESSES, PF_MPI } backend;
    const struct pf_comm *comm; /* of the user's, or NULL: the world */
    struct pf_fabric *own;      /* over that one: this pool's alone, and to be ended with it */
    bool isolated;              /* each rank has its worker in a process of its own */
    bool together;              /* all ranks have come to this open, on a fabric that is new: the
                                   driver has to say something in time */
    struct pf_launch launch;    /* its rank and size are those of `comm`, if there is one */
    struct pf_facts facts;
    int64_t deadline;          /* of the open itself; */
    bool signals;              /* they are taken: base/signals.h */
    int64_t end, stop;         /* of the pool: pool/ending.h */
    struct pinfold_pool *pool; /* what there is of it; whoever fails leaves it to open.c */
    bool spoiled;              /* some rank can no longer be reached */
    struct pf_fabric *dismiss; /* all ranks wait there for how the driver's own pool opens */
};

/* Opens a pool over this communicator (NULL: as pinfold_pool_open). */
int pf_open(pinfold_pool **pool, const struct pf_comm *comm, const struct pinfold_options *options,
            struct pinfold_error *err);

/* Whether a pool that was closed here had ended before it was done. */
bool pf_open_early(void);

/* 0: this thread may open pools here and now. A fork begins anew. */
int pf_open_allowed(struct pinfold_error *err);

/* The pool without workers, and what an INIT frame says besides the seat. `preloaded`: preload
 * is run elsewhere (in zygotes; once, for threads), not by each worker. */
int pf_opening_pool(struct pf_opening *open, int workers, bool preloaded,
                    struct pinfold_error *err);

/* Lane i of the port is the worker that comes next, and sits at seats[i]. */
void pf_opening_add(struct pf_opening *open, struct pf_port *port, const struct pf_seat *seats,
                    const char *host);

/* Binds the driver to the place that was reserved for it, if there is one. */
void pf_opening_own_place(struct pf_opening *open, const struct pf_place *own);

/* A pool on this machine alone (local.c); over the ranks of a job (join.c); the driver's own,
 * beside ranks which have no part in it but come to the open (join.c). In the last two, a rank that
 * is not the driver serves. */
int pf_open_local(struct pf_opening *open, struct pinfold_error *err);
int pf_open_mpi(struct pf_opening *open, struct pinfold_error *err);
int pf_open_apart(struct pf_opening *open, struct pinfold_error *err);

/* This rank cannot open, and others may not know it: all meet, and hear either why, or that they
 * differ (agree.h). */
int pf_open_refused(struct pf_opening *open, const struct pinfold_error *why,
                    struct pinfold_error *err);

#endif
