/* how.h - a caller's struct pinfold_call, as maps and streams read it. */
#ifndef PF_TASK_HOW_H
#define PF_TASK_HOW_H

#include "base/error.h"

/* A full one of what was given (NULL: all defaults). */
void pf_how_read(struct pinfold_call *how, const struct pinfold_call *given);

/* Whether shared bytes and timeout make sense; `verb` is who asks. */
int pf_how_check(const struct pinfold_call *how, const char *verb, struct pinfold_error *err);

/* When the call has to end; PF_NEVER: it has no timeout. */
int64_t pf_how_deadline(const struct pinfold_call *how);

#endif
