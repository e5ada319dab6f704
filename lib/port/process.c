/* process.c - see process.h.
 *
 * Who dies is told by the nursery. Then everything that the worker had finished is read from its
 * duct, the frame that it was filling included, before the loss is reported: what was done is
 * never done again.
 */
#include "port/process.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "port/guard.h"
#include "work/obituary.h"

struct room { /* one lane */
    struct pf_duct *duct;
    uint32_t number; /* the nursery's name for it: they follow each other */
    int64_t pid;     /* 0: not there yet */
    bool lost;
    bool bound;
    struct pf_cpus cpus;
    struct pf_guard guard;
};

struct processes {
    struct pf_port port;
    struct pf_nursery *nursery;
    int preload; /* work/preload.h; -1: none */
    int bell;    /* rung by all workers */
    struct room *rooms;
    bool orphaned; /* the nursery is gone, and said so to the sink */
};

static int spawn(struct processes *all, struct room *room, struct pinfold_error *err)
{
    int fds[PF_DUCT_FDS];
    int code = pf_duct_create(&room->duct, all->bell, err);

    if (code)
        return code;
    pf_duct_fds(room->duct, fds);
    room->pid = 0;
    room->lost = false;
    pf_guard_clear(&room->guard);
    return pf_nursery_spawn(all->nursery, room->number, room->bound ? &room->cpus : NULL,
                            all->preload, fds, err);
}

static struct pf_frame *reserve(struct pf_port *port, int lane, size_t body)
{
    return pf_duct_reserve(((struct processes *)port)->rooms[lane].duct, body);
}

static void commit(struct pf_port *port, int lane, struct pf_frame *frame)
{
    struct room *room = &((struct processes *)port)->rooms[lane];

    pf_guard_sent(&room->guard, frame);
    pf_duct_commit(room->duct, frame, true);
}

static int drain(struct processes *all, int lane, pf_sink *sink, void *context)
{
    struct room *room = &all->rooms[lane];
    struct pf_event event = {.lane = lane};
    int n = 0;

    while ((event.frame = pf_duct_next(room->duct))) {
        pf_guard_came(&room->guard, event.frame);
        sink(context, &event);
        pf_duct_release(room->duct, event.frame);
        n++;
    }
    return n;
}

/* The last words of a worker that died: its draft, as if it had been committed. */
static void salvage(struct processes *all, int lane, pf_sink *sink, void *context)
{
    struct pf_frame *draft = pf_duct_draft(all->rooms[lane].duct);
    struct pf_event event = {.lane = lane};

    if (!draft || draft->kind != PF_RESULT || draft->count == 0)
        return;
    event.frame = draft; /* its size is what was reserved: count says how much of it is good */
    sink(context, &event);
}

static void lose(struct processes *all, int lane, const struct pf_news *news, pf_sink *sink,
                 void *context)
{
    struct room *room = &all->rooms[lane];
    struct pf_event event = {.lane = lane};
    struct pf_obituary obituary;

    drain(all, lane, sink, context);
    salvage(all, lane, sink, context);
    room->lost = true;
    event.next = pf_duct_was_busy(room->duct);
    event.busy = event.next != 0;
    event.pid = news->pid;
    if (news->what == PF_NEWS_FAILED) {
        event.code = PINFOLD_E_WORKER_INIT;
        event.final = true;
        event.text = news->text;
    } else {
        pf_obituary_write(&obituary, pf_duct_words(room->duct), news->pid, news->status,
                          news->peak);
        event.code = obituary.code;
        event.status = obituary.status;
        event.text = obituary.text;
    }
    pf_guard_explain(&room->guard, room->duct, &event);
    sink(context, &event);
}

/* Ends a worker that does not end its task, with all that the task has started. The nursery tells of
 * its death. */
static void watch(struct room *room)
{
    if (room->pid <= 0 || !pf_guard_look(&room->guard, room->duct, pf_now()))
        return;
    kill((pid_t)room->pid, SIGKILL); /* it may not lead its group yet */
    kill(-(pid_t)room->pid, SIGKILL);
}

/* Without the nursery nobody tells of deaths, and nobody can be replaced. */
static int lose_all(struct processes *all, pf_sink *sink, void *context)
{
    int n = 0;

    all->orphaned = true;
    for (int lane = 0; lane < all->port.lanes; lane++) {
        struct room *room = &all->rooms[lane];
        struct pf_event event = {.lane = lane,
                                 .busy = true,
                                 .final = true,
                                 .code = PINFOLD_E_WORKER_LOST,
                                 .text = "the process that makes workers is gone: was it killed?"};
        if (room->lost)
            continue;
        if (room->pid > 0)
            kill((pid_t)room->pid, SIGKILL);
        room->lost = true;
        sink(context, &event);
        n++;
    }
    return n;
}

static int poll_all(struct pf_port *port, pf_sink *sink, void *context)
{
    struct processes *all = (struct processes *)port;
    struct pf_news news;
    int n = 0, got;

    for (int lane = 0; lane < port->lanes; lane++) {
        if (all->rooms[lane].lost)
            continue;
        pf_duct_pump(all->rooms[lane].duct);
        n += drain(all, lane, sink, context);
        if (pf_duct_broken(all->rooms[lane].duct) && all->rooms[lane].pid > 0)
            kill((pid_t)all->rooms[lane].pid, SIGKILL); /* it wrote where it should not */
        watch(&all->rooms[lane]);
    }
    if (all->orphaned)
        return n;
    while ((got = pf_nursery_news(all->nursery, all->rooms[0].number, (uint32_t)port->lanes,
                                  &news)) == 1) {
        int lane = (int)(news.number - all->rooms[0].number);
        struct room *room = &all->rooms[lane];
        if (news.what == PF_NEWS_SPAWNED) {
            room->pid = news.pid;
        } else if (!room->lost) {
            lose(all, lane, &news, sink, context);
            n++;
        }
    }
    if (got < 0)
        n += lose_all(all, sink, context);
    return n;
}

static bool arm(struct pf_port *port, struct pf_nap *nap)
{
    struct processes *all = (struct processes *)port;
    uint64_t rings;

    pf_nap_add(nap, all->bell);
    for (int lane = 0; lane < port->lanes; lane++)
        if (!all->rooms[lane].lost)
            pf_guard_arm(&all->rooms[lane].guard, all->rooms[lane].duct, nap);
    if (!all->orphaned)
        pf_nap_add(nap, pf_nursery_fd(all->nursery));
    return read(all->bell, &rings, sizeof rings) == sizeof rings;
}

static int revive(struct pf_port *port, int lane, struct pinfold_error *err)
{
    struct processes *all = (struct processes *)port;
    struct room *room = &all->rooms[lane];

    pf_duct_close(room->duct);
    room->duct = NULL;
    return spawn(all, room, err);
}

static bool kill_worker(struct pf_port *port, int lane)
{
    struct processes *all = (struct processes *)port;

    pf_nursery_kill(all->nursery, all->rooms[lane].number);
    return true;
}

static void close_all(struct pf_port *port)
{
    struct processes *all = (struct processes *)port;

    for (int lane = 0; lane < port->lanes; lane++) {
        struct room *room = &all->rooms[lane];
        if (room->number && !all->orphaned)
            pf_nursery_dismiss(all->nursery, room->number); /* zygotes, and what is left */
        pf_duct_close(room->duct);
        pf_guard_clear(&room->guard);
    }
    if (all->bell >= 0)
        close(all->bell);
    if (all->preload >= 0)
        close(all->preload);
    free(all->rooms);
    free(all);
}

static const struct pf_port_ops ops = {"processes", reserve, commit,      poll_all,
                                       arm,         revive,  kill_worker, close_all};

int pf_process_open(struct pf_port **port, struct pf_nursery *nursery, int lanes,
                    const struct pf_cpus *const *cpus, int preload, struct pinfold_error *err)
{
    struct processes *all = calloc(1, sizeof *all);
    uint32_t number = pf_nursery_numbers(nursery, (uint32_t)lanes);
    int code = 0;

    if (!all) {
        if (preload >= 0)
            close(preload);
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a pool");
    }
    all->port = (struct pf_port){.ops = &ops, .mortal = true};
    all->nursery = nursery;
    all->preload = preload;
    all->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    all->rooms = calloc((size_t)lanes, sizeof *all->rooms);
    if (all->bell < 0 || !all->rooms)
        code = pf_fail(err, PINFOLD_E_SYSTEM,
                       "cannot prepare %d workers: out of memory or "
                       "descriptors (see ulimit -n)",
                       lanes);
    for (int lane = 0; !code && lane < lanes; lane++) {
        struct room *room = &all->rooms[lane];
        room->number = number + (uint32_t)lane;
        room->bound = cpus && cpus[lane];
        if (room->bound)
            room->cpus = *cpus[lane];
        code = spawn(all, room, err);
        all->port.lanes = lane + 1;
    }
    if (code) {
        close_all(&all->port);
        return code;
    }
    *port = &all->port;
    return 0;
}
