/* stream.h - a stream, as pinfold_stream and maps over values of any size see it. */
#ifndef PF_TASK_STREAM_H
#define PF_TASK_STREAM_H

#include "task/queue.h"

/* pinfold_stream of `n` inputs, where the caller knows it, else PF_UNCOUNTED: it is told to those
 * who watch, and ends nothing. `give`: the data of a result is push's, to be free()d; NULL: of 0
 * bytes. Where there is no memory for that, push gets an error in its place. `watch`: NULL, or sees
 * the results as they come in. */
int pf_stream_run(struct pinfold_pool *pool, pinfold_fn *fn, const struct pinfold_call *how,
                  pinfold_pull_fn *pull, pinfold_push_fn *push, void *data, uint64_t n, bool give,
                  const struct pf_watch *watch, struct pinfold_error *err);

#endif
