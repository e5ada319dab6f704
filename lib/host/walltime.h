/* walltime.h - how long this process may run: what an option says, or the batch system. */
#ifndef PF_HOST_WALLTIME_H
#define PF_HOST_WALLTIME_H

#include <stdbool.h>
#include <time.h>

#include "base/log.h"
#include "pinfold.h"

/* What the word of the option `deadline` says: the seconds from now on; or HUGE_VAL for none, and for
 * auto, with *ask. */
int pf_walltime_read(const char *word, double *seconds, bool *ask, struct pinfold_error *err);

/* Asks the batch system: the seconds until it ends this job, or HUGE_VAL. Slurm's own variable, or
 * squeue, which is a process, and takes some seconds at most: for one rank, before it has threads. The
 * answer holds for all of this process's life. */
double pf_walltime_ask(const struct pf_log *log);

/* The instant in a line of `squeue -o %e`; false: there is none in it. Pure, but for the time zone. */
bool pf_walltime_parse(const char *line, time_t *end);

#endif
