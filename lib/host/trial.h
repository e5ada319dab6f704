/* trial.h - a try of what may crash: in a process of its own, which does it and ends. For libraries
 * that trust the files that they read. */
#ifndef PF_HOST_TRIAL_H
#define PF_HOST_TRIAL_H

#include <stdbool.h>

/* Whether attempt(data) comes back, within so many seconds of CPU time. What it leaves in memory is
 * gone, and what it prints on stderr. True also where there is no way to try. */
bool pf_trial_survives(void (*attempt)(void *data), void *data, unsigned seconds);

#endif
