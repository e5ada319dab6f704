/* failure.c - see failure.h. */
#include "task/failure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pf_failure *pf_failure_of(const struct pinfold_error *error)
{
    size_t host = strnlen(error->host, sizeof error->host - 1) + 1;
    size_t text = strnlen(error->text, sizeof error->text - 1) + 1;
    struct pf_failure *failure = malloc(sizeof *failure + host + text);

    if (!failure)
        abort(); /* a failure that is forgotten would pass for a success */
    failure->code = error->code;
    failure->worker = error->worker;
    failure->rank = error->rank;
    failure->status = error->status;
    failure->attempt = error->attempt;
    failure->pid = error->pid;
    snprintf(failure->words, host, "%s", error->host);
    snprintf(failure->words + host, text, "%s", error->text);
    return failure;
}

int pf_failure_give(struct pinfold_error *err, const struct pf_failure *failure)
{
    struct pinfold_error full = PINFOLD_ERROR_INIT;

    full.code = failure->code;
    full.worker = failure->worker;
    full.rank = failure->rank;
    full.status = failure->status;
    full.attempt = failure->attempt;
    full.pid = failure->pid;
    snprintf(full.host, sizeof full.host, "%s", failure->words);
    snprintf(full.text, sizeof full.text, "%s", failure->words + strlen(failure->words) + 1);
    return pf_error_give(err, &full);
}
