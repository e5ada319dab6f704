/* opening.h - a pool on its way: what is known so far, and the parts that every backend needs. */
#ifndef PF_POOL_OPENING_H
#define PF_POOL_OPENING_H

#include "pool/agree.h"
#include "pool/pool.h"

struct pf_opening {
    struct pinfold_options options;
    struct pf_policy policy;
    struct pf_log log;
    enum { PF_INLINE, PF_PROCESSES, PF_MPI } backend;
    struct pf_launch launch;
    struct pf_facts facts;
    int64_t deadline;
    struct pinfold_pool *pool; /* what there is of it; whoever fails leaves it to open.c */
    bool spoiled;              /* some rank can no longer be reached */
};

/* The pool without workers, and what an INIT frame says besides the seat. `preloaded`: workers come
 * from a zygote. */
int pf_opening_pool(struct pf_opening *open, int workers, bool preloaded,
                    struct pinfold_error *err);

/* Lane i of the port is the worker that comes next, and sits at seats[i]. */
void pf_opening_add(struct pf_opening *open, struct pf_port *port, const struct pf_seat *seats,
                    const char *host);

/* Binds the driver to the place that was reserved for it, if there is one. */
void pf_opening_own_place(struct pf_opening *open, const struct pf_place *own);

/* The backends: local.c and join.c. A rank that is not the driver serves in pf_open_mpi. */
int pf_open_inline(struct pf_opening *open, struct pinfold_error *err);
int pf_open_processes(struct pf_opening *open, struct pinfold_error *err);
int pf_open_mpi(struct pf_opening *open, struct pinfold_error *err);

/* This rank cannot open, and others may not know it (a variable may be set on one node alone): they
 * would wait in MPI_Init for ever. So all meet, and hear either why, or that they differ. */
int pf_open_refused(struct pf_opening *open, const struct pinfold_error *why,
                    struct pinfold_error *err);

#endif
