/* failure.h - an error that is kept, in as few bytes as it needs. */
#ifndef PF_TASK_FAILURE_H
#define PF_TASK_FAILURE_H

#include "base/error.h"

struct pf_failure {
    int code, worker, rank, status, attempt;
    int64_t pid;
    char words[]; /* host, text: each with its '\0' */
};

/* Copies the error, but for its index; free() it. */
struct pf_failure *pf_failure_of(const struct pinfold_error *error);

/* Returns its code; err (NULL: nowhere) gets the rest. */
int pf_failure_give(struct pinfold_error *err, const struct pf_failure *failure);

#endif
