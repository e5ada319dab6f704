/* cell.c - see cell.h. */
#include "work/cell.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "work/crash.h"
#include "work/worker.h"

struct cell {
    struct pf_link link;
    struct pf_duct *duct;
    pid_t parent;
};

static struct pf_duct *duct_of(struct pf_link *link)
{
    return ((struct cell *)link)->duct; /* link is the first member */
}

static struct pf_frame *next(struct pf_link *link)
{
    return pf_duct_next(duct_of(link));
}

static void release(struct pf_link *link, struct pf_frame *frame)
{
    pf_duct_release(duct_of(link), frame);
}

static bool driver_lives(const struct cell *cell)
{
    return getppid() == cell->parent && !pf_duct_broken(cell->duct);
}

static void wait_for_room(struct cell *cell)
{
    pf_duct_wait_for_room(cell->duct, pf_now() + PF_S);
    if (!driver_lives(cell))
        _exit(1);
}

/* What lies in our own memory dies with us, and the driver would take an item that was answered
 * for one that was being run. So results are made in the ring, unless one alone is larger than a
 * frame of it; and nothing is begun before all answers are there. */
static struct pf_frame *reserve(struct pf_link *link, size_t body)
{
    struct cell *cell = (struct cell *)link;

    while (body <= PF_BODY_MAX && !pf_duct_has_room(cell->duct, body))
        wait_for_room(cell);
    return pf_duct_reserve(cell->duct, body);
}

static void commit(struct pf_link *link, struct pf_frame *frame, bool ring)
{
    struct cell *cell = (struct cell *)link;

    pf_duct_commit(cell->duct, frame, ring);
    while (!pf_duct_pump(cell->duct))
        wait_for_room(cell);
}

static void give_up(struct pf_link *link, struct pf_frame *frame)
{
    pf_duct_abandon(duct_of(link), frame);
}

static bool wait_for_frames(struct pf_link *link)
{
    struct cell *cell = (struct cell *)link;

    pf_duct_wait(cell->duct, pf_now() + PF_S);
    return driver_lives(cell);
}

static const struct pf_link_ops ops = {next, release, reserve, commit, give_up, wait_for_frames};

_Noreturn void pf_cell_run(const int fds[PF_DUCT_FDS], pid_t parent)
{
    struct cell cell = {.link.ops = &ops, .parent = parent};
    struct pf_worker worker;
    bool orderly;

    /* A group of its own, so that what a task starts can be killed with it. The signal comes when
     * the parent dies; should it be dead already, the parent is another one. */
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || pf_duct_attach(&cell.duct, fds) != 0)
        _exit(1);
    cell.link.busy = pf_duct_busy(cell.duct);
    cell.link.present = pf_duct_present(cell.duct);
    cell.link.words = pf_duct_words(cell.duct);
    pf_crash_watch(cell.link.words);
    pf_worker_setup(&worker, &cell.link);
    worker.titled = true;
    orderly = pf_worker_serve(&worker);

    _exit(orderly ? 0 : 1); /* what the driver registered with atexit is the driver's */
}
