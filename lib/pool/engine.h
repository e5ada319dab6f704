/* engine.h - the loop in the middle: ports below, a job in front, members in between. */
#ifndef PF_POOL_ENGINE_H
#define PF_POOL_ENGINE_H

#include <stdatomic.h>

#include "pool/job.h"
#include "pool/member.h"

#define PF_PORTS 2

struct pf_engine {
    struct pf_log log;
    struct pf_port *ports[PF_PORTS];
    int base[PF_PORTS]; /* the worker number of a port's lane 0; the others follow */
    int nports;
    struct pf_member *members; /* by worker number */
    int nmembers;
    struct pf_buf init; /* what follows the seat in an INIT frame */
    struct pf_job *job; /* the one that is worked on, or NULL */
    uint64_t calls;     /* the id of the last call */
    int bell;           /* eventfd: pinfold_pool_wake */
    atomic_bool woken;
    bool started;                /* all members were ready once: the open is over */
    struct pinfold_error broken; /* code != 0: the pool is broken, and why */
};

/* Sends INIT to all members and waits until they are ready. */
int pf_engine_start(struct pf_engine *engine, int64_t deadline, struct pinfold_error *err);

/* Makes `job` the one to work on; and takes it away again, finished or not. */
void pf_engine_take_up(struct pf_engine *engine, struct pf_job *job);
void pf_engine_lay_down(struct pf_engine *engine);

/* Works until `deadline`, or until the job's `finished` is true, or the engine is woken (which is
 * taken note of only where `finished` is NULL), or broken. */
void pf_engine_run(struct pf_engine *engine, bool (*finished)(const struct pf_job *job),
                   int64_t deadline);

/* Stops all members: `code` and `text` are what ranks return from open. 0, or PINFOLD_E_STUCK. */
int pf_engine_stop(struct pf_engine *engine, int code, const char *text, double grace);

#endif
