/* port.h - the backend contract: how the engine reaches workers.
 *
 * A port has lanes, one for each of its workers, numbered from 0. Frames go down a lane in order
 * and come up in order. No call blocks. inline.c is the reference: the smallest port there is.
 */
#ifndef PF_PORT_PORT_H
#define PF_PORT_PORT_H

#include <poll.h>

#include "base/error.h"
#include "wire/frame.h"

/* What comes up: a frame (valid during the call only), or the loss of the worker. */
struct pf_event {
    int lane;
    struct pf_frame *frame; /* NULL: the worker is lost, and the rest says how: */
    bool busy;              /* it was inside user code */
    uint32_t next;          /* the number that its next frame would have had; 0: not known */
    bool final;             /* revive cannot help */
    int code;               /* PINFOLD_E_TASK_SIGNAL, PINFOLD_E_TASK_EXIT or PINFOLD_E_WORKER_... */
    const char *text;       /* "killed by signal 11 (Segmentation fault)" */
    int64_t pid;            /* of the process that is gone, and */
    int status;             /* its signal, or its exit code */
};
typedef void pf_sink(void *context, const struct pf_event *event);

/* What to sleep on. Each port adds its descriptors and brings `until` forward when it must look
 * again earlier by itself. */
#define PF_NAP_FDS 8
struct pf_nap {
    struct pollfd fds[PF_NAP_FDS];
    int nfds;
    int64_t until; /* pf_now's time */
};
void pf_nap_add(struct pf_nap *nap, int fd);
void pf_nap_until(struct pf_nap *nap, int64_t until);
void pf_nap_take(struct pf_nap *nap); /* sleeps */

struct pf_port;

struct pf_port_ops {
    const char *name;

    /* Room for a frame; NULL: out of memory. It must be committed, as it is or smaller. */
    struct pf_frame *(*reserve)(struct pf_port *port, int lane, size_t body);
    void (*commit)(struct pf_port *port, int lane, struct pf_frame *frame);

    /* Moves everything on, hands what came to the sink; the number of events. A worker that has
     * obeyed STOP is told as lost, as soon as that can be seen: its BYE may not have come. */
    int (*poll)(struct pf_port *port, pf_sink *sink, void *context);

    /* Before a sleep: adds to the nap. True: there is something already, do not sleep. */
    bool (*arm)(struct pf_port *port, struct pf_nap *nap);

    /* Makes a new worker in the place of one that was lost. */
    int (*revive)(struct pf_port *port, int lane, struct pinfold_error *err);

    /* Ends a worker that does not answer; its loss will be told. False: this port cannot. */
    bool (*kill)(struct pf_port *port, int lane);

    /* The workers have said BYE, or are given up. */
    void (*close)(struct pf_port *port);
};

struct pf_port {
    const struct pf_port_ops *ops;
    int lanes;
    bool here;   /* tasks run inside poll: only for calls that may take long */
    bool mortal; /* a worker that is lost can be revived */
};

#endif
