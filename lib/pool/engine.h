/* engine.h - the loop in the middle: ports below, a job in front, members in between. */
#ifndef PF_POOL_ENGINE_H
#define PF_POOL_ENGINE_H

#include <stdatomic.h>

#include "pool/ending.h"
#include "pool/member.h"
#include "pool/progress.h"

#define PF_PORTS 2

struct pf_journal;

struct pf_engine {
    struct pf_log log;
    struct pf_port *ports[PF_PORTS];
    int base[PF_PORTS]; /* the worker number of a port's lane 0; the others follow */
    int nports;
    struct pf_member *members; /* by worker number */
    int nmembers;
    int aside; /* of them are put aside */
    uint64_t well,
        died; /* first attempts that went well on any, and that died or overran (attempt.h) */
    struct pf_frame *init; /* an ARGS frame: it follows the seat in INIT, unless it is large */
    struct pf_job *jobs;   /* all that there are */
    uint64_t calls;        /* the id of the last job */
    uint64_t asked;        /* how much was asked for so far: what jobs' ages are counted in */
    struct pf_tally tally; /* of all jobs that there were */
    struct pf_progress progress; /* what the user is told of them */
    struct pf_journal *journal;  /* what was done is kept in; NULL: none (keep.h) */
    struct pf_ending ending;
    int bell;      /* eventfd: pinfold_pool_wake */
    int64_t grace; /* how long a task is borne that nobody waits for, in ns */
    size_t term;   /* tasks in the term of a worker; 0: it has no end */
    bool signals;  /* base/signals.h is listened to */
    atomic_bool woken;
    bool started;  /* all members were ready once: the open is over */
    bool running;  /* user code that is called now is called from inside */
    int idle;      /* workers that have nothing to do, when last looked */
    int stop_code; /* what members are told with STOP, */
    const char *stop_text;
    struct pinfold_error broken; /* code != 0: the pool is broken, and why */
};

/* Sends INIT to all members and waits until they are ready. */
int pf_engine_start(struct pf_engine *engine, int64_t deadline, struct pinfold_error *err);

/* Makes `job` one to work on; and takes it away again, finished or not (then what it lacks counts as
 * cancelled). Out of memory: a code. */
int pf_engine_take_up(struct pf_engine *engine, struct pf_job *job, struct pinfold_error *err);
void pf_engine_lay_down(struct pf_engine *engine, struct pf_job *job);

/* Works until `deadline`, or until `finished(context)` is true, or the engine is woken (which is
 * taken note of only where `finished` is NULL), or broken. */
void pf_engine_run(struct pf_engine *engine, bool (*finished)(const void *context),
                   const void *context, int64_t deadline);

/* Hands out what waits, where somebody has nothing to do; `look`: takes what came before. Calls
 * no user code, and may be called from it. */
void pf_engine_push(struct pf_engine *engine, bool look);

/* Calls the user code that is due. */
void pf_engine_settle(struct pf_engine *engine);

/* All that is unfinished of a job with a `drop` will never be, for this reason. */
void pf_engine_fail(struct pf_engine *engine, struct pf_job *job, const struct pinfold_error *why);

/* Whether any job has items that are not done. */
bool pf_engine_busy(const struct pf_engine *engine);

/* Stops all members: `code` and `text` are what ranks return from open. 0, or PINFOLD_E_STUCK. */
int pf_engine_stop(struct pf_engine *engine, int code, const char *text, double grace);

#endif
