/* order.h - what the driver says to its nursery, and the nursery to a zygote: one message of a
 * SOCK_SEQPACKET socket each, with descriptors beside it. */
#ifndef PF_WORK_ORDER_H
#define PF_WORK_ORDER_H

#include <sys/types.h>

#include "base/cpus.h"
#include "wire/duct.h"
#include "work/epitaph.h"

/* Descriptors with an order: the duct's, then the preload's or none. */
#define PF_ORDER_FDS (PF_DUCT_FDS + 1)

struct pf_order {
    enum { PF_ORDER_SPAWN, PF_ORDER_KILL, PF_ORDER_DISMISS, PF_ORDER_EPITAPH } what;
    uint32_t number;
    bool bound;
    bool signals; /* base/signals.h: the worker bears them */
    struct pf_cpus cpus;
    bool preload; /* there is one, and its descriptor comes behind those of the duct */
    struct pf_epitaph epitaph;
};

/* Both return 1, 0 (would block, or interrupted), or -1 (the other side is gone). `fds` is NULL
 * where the message carries none; received ones are close-on-exec, and -1 where none came. */
int pf_send(int socket, const void *message, size_t size, const int *fds, int nfds);
int pf_receive(int socket, void *message, size_t size, int *fds, int nfds);

#endif
