/* obituary.h - what a worker process died of: the system's word (its wait status), and its own. */
#ifndef PF_WORK_OBITUARY_H
#define PF_WORK_OBITUARY_H

#include "base/error.h"
#include "wire/words.h"

struct pf_obituary {
    int code;   /* PINFOLD_E_TASK_SIGNAL, _EXIT or _MEMORY */
    int status; /* the signal, or the exit code */
    char text[400];
};

/* `status` as from waitpid, `peak` the bytes of memory that it had at most (0: not known). */
void pf_obituary_write(struct pf_obituary *obituary, const struct pf_words *words, int64_t pid,
                       int status, uint64_t peak);

#endif
