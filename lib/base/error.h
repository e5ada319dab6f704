/* error.h - filling a caller's struct pinfold_error. */
#ifndef PF_BASE_ERROR_H
#define PF_BASE_ERROR_H

#include <stdarg.h>

#include "pinfold.h"

/* Writes code and text into err (NULL: nowhere), with no worker, rank, index or host, and returns
 * code, so that a failure reads `return pf_fail(err, PINFOLD_E_..., "...")`. Only the fields
 * that fit into err->size are written: programs built against an older header stay safe. */
int pf_fail(struct pinfold_error *err, int code, const char *fmt, ...) PINFOLD_PRINTF(3, 4);

/* Copies a whole error into a caller's (NULL: nowhere), as far as it has room; returns its code. */
int pf_error_give(struct pinfold_error *err, const struct pinfold_error *from);

#endif
