/* signals.h - SIGUSR1 and SIGUSR2, for pools whose options say so: USR1 ends the job early, USR2 asks for
 * a line of status. Launchers send both to every rank, and batch systems to every process of a job, so
 * all have to bear them; who drives a pool looks what came. */
#ifndef PF_BASE_SIGNALS_H
#define PF_BASE_SIGNALS_H

#include <stdbool.h>

/* Whether both are as they were when the program began: nobody handles or ignores them. */
bool pf_signals_untouched(void);

/* Takes both, until as many releases give back what was there before. */
void pf_signals_take(void);
void pf_signals_release(void);
bool pf_signals_taken(void);

/* For a worker: they interrupt it, and that is all. A handler does it, since programs that a task
 * starts inherit what is ignored, but no handlers. */
void pf_signals_bear(void);

/* Whether USR1 came to this process, ever: it is about the job. Whether USR2 came since this was asked
 * last. */
bool pf_signals_early(void);
bool pf_signals_status(void);

/* A descriptor to sleep on, that is readable when one came (-1: there is none); and not any more. */
int pf_signals_bell(void);
void pf_signals_quiet(void);

#endif
