/* keep.h - the journal of a pool, if it has one: opening it, looking after it, and its end. */
#ifndef PF_POOL_KEEP_H
#define PF_POOL_KEEP_H

#include "pool/engine.h"

/* Opens the journal that the options name; none: nothing. */
int pf_keep_open(struct pf_engine *engine, const struct pinfold_options *options,
                 struct pinfold_error *err);

/* Commits what is due, and says once, as a warning, that the journal cannot be written any more. */
void pf_keep_look(struct pf_engine *engine);

/* 0, or PINFOLD_E_JOURNAL: it does not have all. */
int pf_keep_close(struct pf_engine *engine);

#endif
