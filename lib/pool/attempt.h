/* attempt.h - items that failed and are tried again (pinfold_call.retries).
 *
 *   taken ──► a member ──► well            An item that is to be tried again is a lot of its own, which
 *               ▲   │                      the engine keeps: its job sees it with a worker all the
 *               │   ▼                      while, and hears of its last failure alone.
 *   job->retry ─┴─ failed ──► for good
 *
 * It goes to a member on which it did not fail, as long as there is one in working order, busy or
 * not: else a node on which all fails at once would have all attempts. What goes well elsewhere tells
 * which member is bad; that is put aside, and gets nothing more (plan/retry.h).
 */
#ifndef PF_POOL_ATTEMPT_H
#define PF_POOL_ATTEMPT_H

#include "pool/engine.h"

/* The next item of the lot failed on this member: for good, or it waits to be tried again. As in
 * job->ops->failed the caller counts it out of the lot. */
void pf_attempt_failed(struct pf_engine *engine, struct pf_member *member, struct pf_job *job,
                       struct pf_lot *lot, struct pinfold_error *error);

/* All of the lot was not begun: it waits again, with the attempts that it has left. */
void pf_attempt_back(struct pf_job *job, struct pf_lot *lot);

/* So many results came of this lot. */
void pf_attempt_well(struct pf_engine *engine, struct pf_member *member, const struct pf_lot *lot,
                     uint64_t count);

/* The first that waits of those that the member may try; NULL: there is none. And takes it. */
const struct pf_lot *pf_attempt_first(const struct pf_engine *engine,
                                      const struct pf_member *member, const struct pf_job *job);
bool pf_attempt_take(const struct pf_engine *engine, const struct pf_member *member,
                     struct pf_job *job, struct pf_lot *lot);

/* None is tried again: they fail for this reason; NULL: they are forgotten. */
void pf_attempt_drop(struct pf_job *job, const struct pinfold_error *why);

/* Those that wait and that nobody wants any more (job->ops->wanted) fail, as cancelled. */
void pf_attempt_drop_unwanted(struct pf_job *job);

#endif
