/* log.h - what is said of a pool that is not an error: one function pointer, and one line each. */
#ifndef PF_BASE_LOG_H
#define PF_BASE_LOG_H

#include "pinfold.h"

struct pf_log {
    pinfold_log_fn *fn; /* NULL: silence */
    void *data;
};

#define PF_WARNING 'w'
#define PF_NOTICE  'n'
#define PF_DETAIL  'd'

void pf_log(const struct pf_log *log, char level, const char *fmt, ...) PINFOLD_PRINTF(3, 4);

#endif
