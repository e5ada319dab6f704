/* nurse.h - the process behind a nursery (nursery.h has the picture). */
#ifndef PF_WORK_NURSE_H
#define PF_WORK_NURSE_H

#include <sys/types.h>

/* Obeys the orders that come through the socket until it is closed, or `driver` is no more (a fork
 * of it may hold the socket), then leaves nothing alive. */
_Noreturn void pf_nurse_run(int socket, pid_t driver);

#endif
