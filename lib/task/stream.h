/* stream.h - pinfold_stream, and what maps over values of any size are made of. */
#ifndef PF_TASK_STREAM_H
#define PF_TASK_STREAM_H

#include "pool/pool.h"

/* pinfold_stream of `n` inputs, where the caller knows it, else PF_UNCOUNTED: it is told to those
 * who watch, and ends nothing. */
int pf_stream_run(struct pinfold_pool *pool, pinfold_fn *fn, const struct pinfold_call *how,
                  pinfold_pull_fn *pull, pinfold_push_fn *push, void *data, uint64_t n,
                  struct pinfold_error *err);

#endif
