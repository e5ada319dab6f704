/* hear.h - what workers say, and what becomes of members and jobs by it. */
#ifndef PF_POOL_HEAR_H
#define PF_POOL_HEAR_H

#include "pool/engine.h"

/* Moves all ports on and takes what came; how much. `run`: also where that runs tasks. */
int pf_hear(struct pf_engine *engine, bool run);

#endif
