/* watchdog.h - an end for a call that has none of its own (MPI_Init waits for a rank that never
 * comes for as long as the job lasts). When the time is over it writes one line on stderr and ends
 * the process: the one place where the library does either, since there is nobody to return to.
 */
#ifndef PF_BASE_WATCHDOG_H
#define PF_BASE_WATCHDOG_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define PF_WATCHDOG_STATUS 3 /* as a pool that could not be opened (pinfold_main.h) */

struct pf_watchdog {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t called_off;
    bool off, running;
    int64_t deadline;
    const char *text;
};

/* Watches until `deadline` (pf_now's time; PF_NEVER: not at all). `text` must live until stop. A
 * thread does it, which blocks all signals; where none can be made, nobody watches. */
void pf_watchdog_start(struct pf_watchdog *dog, int64_t deadline, const char *text);
void pf_watchdog_stop(struct pf_watchdog *dog);

#endif
