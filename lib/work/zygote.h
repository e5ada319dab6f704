/* zygote.h - a process that has run the preload and forks cells (nursery.h has the picture). */
#ifndef PF_WORK_ZYGOTE_H
#define PF_WORK_ZYGOTE_H

#include <sys/types.h>

#include "work/order.h"

/* What a zygote says: once, that preload went well, or why not; then to each order, the pid of
 * the cell. */
struct pf_zygote_answer {
    enum { PF_ZYGOTE_READY, PF_ZYGOTE_FAILED, PF_ZYGOTE_CELL } what;
    int64_t pid;
    char text[384];
};

/* Runs the preload that this descriptor holds (preload.h), then forks a cell for each order with descriptors, until the socket closes.
 * `nurse` becomes the parent of its cells. */
_Noreturn void pf_zygote_run(int socket, const struct pf_order *order, int preload, pid_t nurse);

#endif
