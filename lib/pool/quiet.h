/* quiet.h - asking workers of whom nothing is heard. */
#ifndef PF_POOL_QUIET_H
#define PF_POOL_QUIET_H

#include "pool/engine.h"

/* Asks the members that owe an answer and are silent for too long. When to look again (pf_now's
 * time), or PF_NEVER. */
int64_t pf_quiet_look(struct pf_engine *engine);

#endif
