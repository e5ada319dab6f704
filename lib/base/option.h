/* option.h - the one table behind struct pinfold_options, the environment, the command line and
 * the help. */
#ifndef PF_BASE_OPTION_H
#define PF_BASE_OPTION_H

#include "base/buf.h"
#include "base/error.h"

/* Fills what is zero in *options from the environment (PINFOLD_...), and the rest with defaults.
 * PINFOLD_E_ARGUMENT names the variable or field that makes no sense. */
int pf_options_settle(struct pinfold_options *options, struct pinfold_error *err);

/* A settled set of options as lines "name=value\n", for comparing ranks. */
void pf_options_text(const struct pinfold_options *options, struct pf_buf *text);

#endif
