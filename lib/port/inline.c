/* inline.c - the reference of the port contract: a worker, and two lists of frames. */
#include "port/inline.h"

#include <stdlib.h>

#include "port/inbox.h"
#include "work/worker.h"

struct here {
    struct pf_port port;
    struct pf_link link;
    struct pf_worker worker;
    struct pf_inbox down, up;
    _Atomic uint32_t busy;
    bool stopped; /* and told so */
};

/* ---- the worker's side */
static struct here *of_link(struct pf_link *link)
{
    return (struct here *)((char *)link - offsetof(struct here, link));
}

static struct pf_frame *link_next(struct pf_link *link)
{
    return pf_inbox_get(&of_link(link)->down);
}

static void link_free(struct pf_link *link, struct pf_frame *frame)
{
    (void)link;
    pf_frame_free(frame);
}

static struct pf_frame *link_reserve(struct pf_link *link, size_t body)
{
    (void)link;
    return pf_frame_new(PF_KIND_NONE, body);
}

static void link_commit(struct pf_link *link, struct pf_frame *frame, bool ring)
{
    (void)ring;
    pf_inbox_put(&of_link(link)->up, frame);
}

static bool link_wait(struct pf_link *link)
{
    (void)link;
    return true;
}

static const struct pf_link_ops link_ops = {link_next,   link_free, link_reserve,
                                            link_commit, link_free, link_wait};

/* ---- the engine's side */
static struct pf_frame *reserve(struct pf_port *port, int lane, size_t body)
{
    (void)port, (void)lane;
    return pf_frame_new(PF_KIND_NONE, body);
}

static void commit(struct pf_port *port, int lane, struct pf_frame *frame)
{
    (void)lane;
    pf_inbox_put(&((struct here *)port)->down, frame);
}

static int poll_here(struct pf_port *port, pf_sink *sink, void *context)
{
    struct here *here = (struct here *)port;
    struct pf_event event = {0};
    enum pf_did did;
    int n = 0;

    if (here->stopped)
        return 0;
    pf_worker_take(&here->worker);
    /* One batch: the engine looks at its deadlines in between. What has no answer (a call is
     * forgotten) is no reason to stop, since the engine would sleep then. */
    do
        did = pf_worker_step(&here->worker);
    while (did == PF_DID_SOMETHING && !here->up.first);
    while ((event.frame = pf_inbox_get(&here->up))) {
        sink(context, &event);
        pf_frame_free(event.frame);
        n++;
    }
    if (did == PF_DID_STOP) {
        here->stopped = true;
        event = (struct pf_event){
            .final = true, .code = PINFOLD_E_WORKER_LOST, .text = "it has stopped"};
        sink(context, &event);
        n++;
    }
    return n;
}

static bool arm(struct pf_port *port, struct pf_nap *nap)
{
    struct here *here = (struct here *)port;

    (void)nap;
    return !here->stopped && (here->down.first || here->worker.first);
}

static int revive(struct pf_port *port, int lane, struct pinfold_error *err)
{
    (void)port, (void)lane;
    return pf_fail(err, PINFOLD_E_UNSUPPORTED, "an inline worker is never lost");
}

static bool kill_here(struct pf_port *port, int lane)
{
    (void)port, (void)lane;
    return false;
}

static void close_here(struct pf_port *port)
{
    struct here *here = (struct here *)port;

    pf_worker_clear(&here->worker);
    pf_inbox_clear(&here->down);
    pf_inbox_clear(&here->up);
    free(here);
}

static const struct pf_port_ops ops = {"inline", reserve, commit,    poll_here,
                                       arm,      revive,  kill_here, close_here};

int pf_inline_open(struct pf_port **port, struct pinfold_error *err)
{
    struct here *here = calloc(1, sizeof *here);

    if (!here)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a pool");
    here->port = (struct pf_port){.ops = &ops, .lanes = 1, .here = true};
    here->link = (struct pf_link){.ops = &link_ops, .busy = &here->busy};
    pf_inbox_setup(&here->down);
    pf_inbox_setup(&here->up);
    pf_worker_setup(&here->worker, &here->link);
    *port = &here->port;
    return 0;
}
