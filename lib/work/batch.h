/* batch.h - running the items of a batch. */
#ifndef PF_WORK_BATCH_H
#define PF_WORK_BATCH_H

#include "work/worker.h"

/* Runs the items of a BATCH frame and answers with RESULT, FAILURE and DROPPED frames. */
void pf_batch_run(struct pf_worker *worker, const struct pf_frame *batch);

/* Answers for items that are not run. `ring`: nothing else follows. */
void pf_batch_drop(struct pf_worker *worker, uint64_t call, uint64_t first, uint64_t count,
                   bool ring);

#endif
