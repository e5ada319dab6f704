/* thread.c - see thread.h.
 *
 * A lane is a thread, its worker, and two boxes: frames for the worker, and frames for the driver.
 * A frame is never copied, it changes hands; who empties a box takes all that is in it under one
 * lock, and so a batch costs one lock on either side, however many frames it is.
 *
 *   driver ── commit ──► [down] ── next ──► inbox ──► worker ── commit ──► [up] ── poll ──► driver
 *
 * The worker sleeps on its lane's condition. The driver sleeps on the bell, which is all lanes': it
 * sets `asleep`, then looks at `rung`, then sleeps; a worker sets `rung`, then looks at `asleep`. In
 * the one order that these accesses have (they are sequentially consistent) one of the two sees the
 * other. Who finds the driver asleep takes that away and rings: one system call for a sleep.
 *
 * A thread cannot be killed. One that does not come back is forsaken: close leaves it behind, and
 * what it can still touch (its lane, the bell) is held by both sides, and freed by who lets go last.
 * Should it come back, it finds itself forsaken where it next takes or answers, runs nothing more,
 * and ends.
 */
#include "port/thread.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "port/inbox.h"
#include "work/worker.h"

struct bell {
    _Atomic int holders; /* the port, and each lane */
    int fd;
    atomic_bool asleep, rung;
};

struct box {
    _Alignas(64) pthread_mutex_t lock; /* the two sides of a lane share no cache line */
    struct pf_inbox frames;
};

struct lane {
    struct pf_link link; /* first */
    struct pf_worker worker;
    _Atomic uint32_t busy;
    struct bell *bell;
    pthread_t thread;
    _Atomic int holders;      /* the port, and the thread */
    atomic_bool forsaken;     /* nobody waits for the thread any more */
    struct pf_inbox inbox;    /* the worker's own: what it took out of `down` */
    atomic_bool ended;        /* the thread has done all that it will, */
    bool told;                /* and the port has said so */
    bool looked;              /* and that it did so since `next` last had nothing */
    struct box down, up;      /* with `down`: */
    pthread_cond_t delivered; /* something is there, or: */
    bool over;                /* nothing will be */
};

struct threads {
    struct pf_port port;
    struct bell *bell;
    bool slept; /* the bell may have been rung since it was last quietened */
    struct lane **lanes;
};

/* ---- boxes */
static void setup_box(struct box *box)
{
    pthread_mutex_init(&box->lock, NULL);
    pf_inbox_setup(&box->frames);
}

static void clear_box(struct box *box)
{
    pf_inbox_clear(&box->frames);
    pthread_mutex_destroy(&box->lock);
}

static void put(struct box *box, struct pf_frame *frame)
{
    struct pf_inbox one;

    pf_inbox_setup(&one);
    pf_inbox_put(&one, frame); /* memory is asked for without the lock */
    pthread_mutex_lock(&box->lock);
    pf_inbox_move(&box->frames, &one);
    pthread_mutex_unlock(&box->lock);
}

static void take(struct box *box, struct pf_inbox *to)
{
    pthread_mutex_lock(&box->lock);
    pf_inbox_move(to, &box->frames);
    pthread_mutex_unlock(&box->lock);
}

/* ---- what both sides hold */
static void let_go_of_bell(struct bell *bell)
{
    if (atomic_fetch_sub(&bell->holders, 1) > 1)
        return;
    close(bell->fd);
    free(bell);
}

static void let_go_of_lane(struct lane *lane)
{
    if (atomic_fetch_sub(&lane->holders, 1) > 1)
        return;
    pf_worker_clear(&lane->worker);
    pf_inbox_clear(&lane->inbox);
    clear_box(&lane->down);
    clear_box(&lane->up);
    pthread_cond_destroy(&lane->delivered);
    let_go_of_bell(lane->bell);
    free(lane);
}

/* ---- the worker's side */
static struct pf_frame *link_next(struct pf_link *link)
{
    struct lane *lane = (struct lane *)link; /* link is the first member */
    struct pf_frame *frame;

    if (atomic_load(&lane->forsaken)) {
        pf_worker_forsake(&lane->worker);
        return NULL;
    }
    if (!lane->inbox.first && !lane->looked)
        take(&lane->down, &lane->inbox);
    frame = pf_inbox_get(&lane->inbox);
    lane->looked = frame != NULL; /* what comes meanwhile is for the next time */
    return frame;
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

static void ring_driver(struct bell *bell)
{
    uint64_t one = 1;

    atomic_store(&bell->rung, true);
    if (atomic_exchange(&bell->asleep, false)) {
        ssize_t ignored = write(bell->fd, &one, sizeof one);
        (void)ignored;
    }
}

static void link_commit(struct pf_link *link, struct pf_frame *frame, bool ring)
{
    struct lane *lane = (struct lane *)link;

    if (atomic_load(&lane->forsaken)) {
        pf_worker_forsake(&lane->worker);
        pf_frame_free(frame);
        return;
    }
    put(&lane->up, frame);
    if (ring)
        ring_driver(lane->bell);
}

static bool link_wait(struct pf_link *link)
{
    struct lane *lane = (struct lane *)link;
    bool alive;

    pthread_mutex_lock(&lane->down.lock);
    while (!lane->down.frames.first && !lane->over)
        pthread_cond_wait(&lane->delivered, &lane->down.lock);
    alive = !lane->over;
    pthread_mutex_unlock(&lane->down.lock);
    return alive;
}

static const struct pf_link_ops link_ops = {link_next,   link_free, link_reserve,
                                            link_commit, link_free, link_wait};

static void *live(void *data)
{
    struct lane *lane = data;

    pf_worker_serve(&lane->worker);
    atomic_store(&lane->ended, true);
    ring_driver(lane->bell);
    let_go_of_lane(lane);
    return NULL;
}

/* ---- the engine's side */
static struct lane *lane_of(struct pf_port *port, int lane)
{
    return ((struct threads *)port)->lanes[lane];
}

static struct pf_frame *reserve(struct pf_port *port, int lane, size_t body)
{
    (void)port, (void)lane;
    return pf_frame_new(PF_KIND_NONE, body);
}

static void commit(struct pf_port *port, int number, struct pf_frame *frame)
{
    struct lane *lane = lane_of(port, number);

    put(&lane->down, frame);
    pthread_cond_signal(&lane->delivered);
}

static int poll_all(struct pf_port *port, pf_sink *sink, void *context)
{
    struct threads *all = (struct threads *)port;
    int n = 0;

    if (all->slept) {
        uint64_t rings;
        ssize_t ignored;
        all->slept = false;
        atomic_store(&all->bell->asleep, false);
        ignored = read(all->bell->fd, &rings, sizeof rings); /* EAGAIN: it did not ring */
        (void)ignored;
    }
    atomic_store(&all->bell->rung, false); /* before looking: what comes behind it rings again */
    for (int i = 0; i < port->lanes; i++) {
        struct pf_event event = {.lane = i};
        struct pf_inbox came;
        bool ended = atomic_load(&all->lanes[i]->ended); /* before what it has said is taken */
        pf_inbox_setup(&came);
        take(&all->lanes[i]->up, &came);
        while ((event.frame = pf_inbox_get(&came))) {
            sink(context, &event);
            pf_frame_free(event.frame);
            n++;
        }
        if (ended && !all->lanes[i]->told) {
            all->lanes[i]->told = true;
            event = (struct pf_event){.lane = i,
                                      .final = true,
                                      .code = PINFOLD_E_WORKER_LOST,
                                      .text = "its thread has ended"};
            sink(context, &event);
            n++;
        }
    }
    return n;
}

static bool arm(struct pf_port *port, struct pf_nap *nap)
{
    struct threads *all = (struct threads *)port;

    pf_nap_add(nap, all->bell->fd);
    all->slept = true;
    atomic_store(&all->bell->asleep, true);
    return atomic_load(&all->bell->rung);
}

static int revive(struct pf_port *port, int lane, struct pinfold_error *err)
{
    (void)port, (void)lane;
    return pf_fail(err, PINFOLD_E_UNSUPPORTED, "a worker thread is never lost alone");
}

/* Lets the worker's wait end. */
static void end(struct lane *lane)
{
    pthread_mutex_lock(&lane->down.lock);
    lane->over = true;
    pthread_mutex_unlock(&lane->down.lock);
    pthread_cond_signal(&lane->delivered);
}

static bool forsake(struct pf_port *port, int number)
{
    struct lane *lane = lane_of(port, number);

    atomic_store(&lane->forsaken, true);
    end(lane);
    return false;
}

static void close_all(struct pf_port *port)
{
    struct threads *all = (struct threads *)port;

    for (int i = 0; i < port->lanes; i++)
        end(all->lanes[i]); /* all at once; one that has said BYE is on its way */
    for (int i = 0; i < port->lanes; i++) {
        struct lane *lane = all->lanes[i];
        if (atomic_load(&lane->forsaken))
            pthread_detach(lane->thread);
        else
            pthread_join(lane->thread, NULL);
        let_go_of_lane(lane);
    }
    let_go_of_bell(all->bell);
    free(all->lanes);
    free(all);
}

static const struct pf_port_ops ops = {"threads", reserve, commit,  poll_all,
                                       arm,       revive,  forsake, close_all};

/* ---- opening */
static struct bell *make_bell(void)
{
    struct bell *bell = calloc(1, sizeof *bell);

    if (!bell)
        return NULL;
    bell->holders = 1;
    bell->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (bell->fd >= 0)
        return bell;
    free(bell);
    return NULL;
}

/* 0, or an errno. */
static int start(struct lane **out, struct bell *bell)
{
    struct lane *lane = aligned_alloc(_Alignof(struct lane), sizeof *lane);
    int status;

    if (!lane)
        return ENOMEM;
    memset(lane, 0, sizeof *lane);
    lane->link = (struct pf_link){.ops = &link_ops, .busy = &lane->busy};
    pf_worker_setup(&lane->worker, &lane->link);
    lane->worker.titled = lane->worker.threaded = true;
    lane->bell = bell;
    atomic_fetch_add(&bell->holders, 1);
    pf_inbox_setup(&lane->inbox);
    setup_box(&lane->down);
    setup_box(&lane->up);
    pthread_cond_init(&lane->delivered, NULL);
    lane->holders = 2;
    status = pthread_create(&lane->thread, NULL, live, lane);
    if (status) {
        lane->holders = 1;
        let_go_of_lane(lane);
        return status;
    }
    *out = lane;
    return 0;
}

/* What is sent to the process is the driver's. A thread keeps the signals that it brings upon itself:
 * blocked, they would end the process past the handler that somebody has for them. */
static void worker_signals(sigset_t *set)
{
    static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};

    sigfillset(set);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        sigdelset(set, own[i]);
}

int pf_thread_open(struct pf_port **port, int lanes, struct pinfold_error *err)
{
    struct threads *all = calloc(1, sizeof *all);
    sigset_t blocked, before;
    int status = 0;

    if (!all)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a pool");
    all->port = (struct pf_port){.ops = &ops};
    all->bell = make_bell();
    all->lanes = calloc((size_t)lanes, sizeof *all->lanes);
    if (!all->bell || !all->lanes) {
        if (all->bell)
            let_go_of_bell(all->bell);
        free(all->lanes);
        free(all);
        return pf_fail(err, PINFOLD_E_SYSTEM,
                       "cannot prepare %d workers: out of memory or descriptors (see ulimit -n)",
                       lanes);
    }
    worker_signals(&blocked);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    while (!status && all->port.lanes < lanes) {
        status = start(&all->lanes[all->port.lanes], all->bell);
        all->port.lanes += !status;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status) {
        int code =
            pf_fail(err, PINFOLD_E_SYSTEM, "cannot start thread %d of %d: %s (see ulimit -u)",
                    all->port.lanes + 1, lanes, strerror(status));
        close_all(&all->port);
        return code;
    }
    *port = &all->port;
    return 0;
}
