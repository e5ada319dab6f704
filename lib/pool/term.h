/* term.h - a worker's term: after so many tasks another one takes its place (the option
 * tasks-per-worker). What tasks leak, or leave behind in libraries, goes with the old one.
 *
 * A member is not given more than what is left of its term, and so is idle when that is over. Then
 * a process is told to STOP, and what the port tells next, its loss, is no death (hear.c): it has
 * run `finish`, owes nothing, and is replaced. A worker that cannot be replaced alone (a thread, a
 * rank, the driver itself) is told INIT again: it runs `finish`, forgets all calls, and begins anew.
 */
#ifndef PF_POOL_TERM_H
#define PF_POOL_TERM_H

#include "pool/engine.h"

/* How many more items the member may get. */
size_t pf_term_left(const struct pf_engine *engine, const struct pf_member *member);

/* Ends the terms that are over. */
void pf_term_end(struct pf_engine *engine);

#endif
