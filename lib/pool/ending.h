/* ending.h - a pool that ends early: it begins nothing more, and what was not begun fails with
 * PINFOLD_E_ENDING.
 *
 *            it was asked to, or the deadline less its margin
 *   (works) ─────────────────────────────────────────────────► ENDING ──► STOPPED
 *
 * ENDING: what waits fails, workers are told HALT, finish the item that they are in, and give back
 * the rest. STOPPED: the deadline is near; what runs is cancelled, nobody waits for it any
 * more, and close ends it. Before that, a pool with a deadline has fail what cannot be done in time
 * (plan/spare.h), job by job, and goes on with the rest.
 */
#ifndef PF_POOL_ENDING_H
#define PF_POOL_ENDING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct pf_engine;
struct pf_job;
struct pf_member;

struct pf_ending {
    int64_t deadline;  /* when the process has to be over; PF_NEVER: it has not, */
    int64_t stop;      /* and when all that runs is stopped for that */
    atomic_bool asked; /* by any thread, or a signal handler */
    bool begun, stopped;
    bool lacking; /* something that was asked for was not done, or the program was told so */
};

/* Looks whether it is time, and has end what is due. Whether anything did: user code may be due. */
bool pf_ending_look(struct pf_engine *engine);

/* When pf_ending_look has something to do though nothing comes; PF_NEVER: then never. */
int64_t pf_ending_due(const struct pf_engine *engine);

/* How many more items of the job this member may be given. */
size_t pf_ending_most(const struct pf_engine *engine, const struct pf_member *member,
                      const struct pf_job *job);

/* Whether nothing is begun any more; and whether nothing of this job is. */
bool pf_ending_is(const struct pf_engine *engine);
bool pf_ending_of(const struct pf_engine *engine, const struct pf_job *job);

/* Whether what a worker gave back of the job is not run any more, and why. */
bool pf_ending_why(struct pf_engine *engine, const struct pf_job *job, struct pinfold_error *why);

/* 0, or the failure of a call that asks for what would not be begun. */
int pf_ending_refuse(struct pf_engine *engine, const char *verb, struct pinfold_error *err);

/* Of so many seconds that a stuck task is borne, those for which the deadline leaves time. */
double pf_ending_grace(const struct pf_engine *engine, double grace);

#endif
