/* task.h - a task, as the function that runs it sees it: what the calls of pinfold.h read and write. */
#ifndef PF_WORK_TASK_H
#define PF_WORK_TASK_H

#include "work/draft.h"
#include "work/worker.h"

struct pinfold_task {
    struct pf_worker *worker;
    struct pf_call *call;
    struct pf_draft *draft; /* NULL: it is the child of one that is being run */
    size_t index;
    int attempt;
    pinfold_bytes arg;
    void *out; /* NULL: not asked for yet, where it may have any size */
    size_t out_size;
    bool ours;      /* the code that it fails with is Pinfold's own */
    size_t refused; /* what was asked for last, when there was no room for it */
    char text[384]; /* what pinfold_task_fail said */
};

#endif
