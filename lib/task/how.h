/* how.h - a caller's struct pinfold_call, as maps and streams read it. */
#ifndef PF_TASK_HOW_H
#define PF_TASK_HOW_H

#include "pool/pool.h"

/* A full one of what was given (NULL: all defaults). */
void pf_how_read(struct pinfold_call *how, const struct pinfold_call *given);

/* Whether shared bytes, timeout and wish make sense; `verb` is who asks. */
int pf_how_check(const struct pinfold_call *how, const struct pinfold_pool *pool, const char *verb,
                 struct pinfold_error *err);

/* Whether there is such a worker, or node. */
int pf_how_check_wish(const struct pinfold_call *how, const struct pinfold_pool *pool,
                      const char *verb, struct pinfold_error *err);

/* Whether its limit and retries make sense. */
int pf_how_check_tries(const struct pinfold_call *how, const char *verb, struct pinfold_error *err);

/* The limit of each item, in ns; 0: there is none. */
int64_t pf_how_limit(const struct pinfold_call *how);

/* Its priority, wish, limit and retries are the job's. */
void pf_how_apply(const struct pinfold_call *how, struct pf_job *job);

/* When the call has to end; PF_NEVER: it has no timeout. */
int64_t pf_how_deadline(const struct pinfold_call *how);

#endif
