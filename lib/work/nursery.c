/* nursery.c - the driver's side of it; the process itself is nurse.c. */
#include "work/nursery.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/signals.h"
#include "work/nurse.h"
#include "work/order.h"

struct heard { /* news that its pool did not ask for yet */
    struct heard *next;
    struct pf_news news;
};

struct child { /* a worker that was ordered and not dismissed */
    struct child *next;
    uint32_t number;
    struct heard *first, **last;
};

struct pf_nursery {
    struct pf_nursery *before; /* one that is gone: pools that it made workers for still ask it */
    pid_t owner;               /* a fork of the owner has no nursery: it makes its own */
    pid_t pid;
    int socket;
    uint32_t numbers;
    bool gone;
    struct child *children;
};

/* The process fact. */
static struct pf_nursery *the_nursery;

static struct child **find(struct pf_nursery *nursery, uint32_t number)
{
    struct child **at = &nursery->children;

    while (*at && (*at)->number != number)
        at = &(*at)->next;
    return at;
}

static void forget(struct child **at)
{
    struct child *child = *at;

    *at = child->next;
    while (child->first) {
        struct heard *heard = child->first;
        child->first = heard->next;
        free(heard);
    }
    free(child);
}

int pf_nursery_get(struct pf_nursery **out, struct pinfold_error *err)
{
    struct pf_nursery *nursery;
    pid_t self = getpid(), pid;
    int pair[2];

    if (the_nursery && the_nursery->owner != self)
        pf_nursery_end(); /* of the process that we were forked from */
    if (the_nursery && !the_nursery->gone) {
        *out = the_nursery;
        return 0;
    }
    nursery = calloc(1, sizeof *nursery);
    if (!nursery)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a pool");
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        free(nursery);
        return pf_fail(err, PINFOLD_E_SYSTEM, "cannot make a socket: %s", strerror(errno));
    }
    fflush(NULL); /* or every child would write again what is in our buffers */
    pid = fork();
    if (pid == 0) {
        close(pair[0]);
        pf_nurse_run(pair[1], self);
    }
    close(pair[1]);
    if (pid < 0) {
        int why = errno;
        close(pair[0]);
        free(nursery);
        return pf_fail(err, PINFOLD_E_SYSTEM, "cannot fork: %s", strerror(why));
    }
    *nursery =
        (struct pf_nursery){.before = the_nursery, .owner = self, .pid = pid, .socket = pair[0]};
    the_nursery = nursery;
    *out = nursery;
    return 0;
}

static void end(struct pf_nursery *nursery)
{
    close(nursery->socket);
    while (nursery->children)
        forget(&nursery->children);
    if (nursery->owner == getpid()) {
        /* It goes within a second; should something hold it (a debugger, a stopped process), we
         * do not wait longer. User code may have waited for it already: ECHILD. */
        int64_t end = pf_now() + 2 * PF_S;
        while (waitpid(nursery->pid, NULL, WNOHANG) == 0) {
            if (pf_now() > end) {
                kill(nursery->pid, SIGKILL);
                waitpid(nursery->pid, NULL, 0);
                break;
            }
            poll(NULL, 0, 1);
        }
    }
    free(nursery);
}

void pf_nursery_end(void)
{
    while (the_nursery) {
        struct pf_nursery *nursery = the_nursery;
        the_nursery = nursery->before;
        end(nursery);
    }
}

int pf_nursery_fd(const struct pf_nursery *nursery)
{
    return nursery->socket;
}

uint32_t pf_nursery_numbers(struct pf_nursery *nursery, uint32_t count)
{
    uint32_t first = nursery->numbers + 1;

    nursery->numbers += count;
    return first;
}

int pf_nursery_spawn(struct pf_nursery *nursery, uint32_t number, const struct pf_cpus *cpus,
                     int preload, const int fds[PF_DUCT_FDS], struct pinfold_error *err)
{
    struct pf_order order = {.what = PF_ORDER_SPAWN,
                             .number = number,
                             .bound = cpus != NULL,
                             .signals = pf_signals_taken(),
                             .preload = preload >= 0};
    int with[PF_ORDER_FDS];
    struct child **at = find(nursery, number);

    if (cpus)
        order.cpus = *cpus;
    memcpy(with, fds, PF_DUCT_FDS * sizeof *fds);
    with[PF_DUCT_FDS] = preload;
    if (!*at) {
        *at = calloc(1, sizeof **at);
        if (!*at)
            return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a worker");
        (*at)->number = number;
        (*at)->last = &(*at)->first;
    }
    if (pf_send(nursery->socket, &order, sizeof order, with, PF_DUCT_FDS + order.preload) != 1) {
        nursery->gone = true;
        return pf_fail(err, PINFOLD_E_BROKEN,
                       "the process that makes workers (pid %d) is gone: was it killed?",
                       (int)nursery->pid);
    }
    return 0;
}

void pf_nursery_epitaph(int rank, int size)
{
    struct pf_order order = {.what = PF_ORDER_EPITAPH};

    if (!the_nursery || the_nursery->owner != getpid() || the_nursery->gone)
        return;
    if (rank >= 0)
        pf_epitaph_write(&order.epitaph, rank, size);
    if (pf_send(the_nursery->socket, &order, sizeof order, NULL, 0) != 1)
        the_nursery->gone = true;
}

void pf_nursery_kill(struct pf_nursery *nursery, uint32_t number)
{
    struct pf_order order = {.what = PF_ORDER_KILL, .number = number};

    if (pf_send(nursery->socket, &order, sizeof order, NULL, 0) != 1)
        nursery->gone = true;
}

void pf_nursery_dismiss(struct pf_nursery *nursery, uint32_t number)
{
    struct pf_order order = {.what = PF_ORDER_DISMISS, .number = number};
    struct child **at = find(nursery, number);

    if (*at)
        forget(at);
    if (pf_send(nursery->socket, &order, sizeof order, NULL, 0) != 1)
        nursery->gone = true;
}

/* Takes all that was said to whom it is about. */
static void hear(struct pf_nursery *nursery)
{
    struct pf_news news;
    int got;

    while ((got = pf_receive(nursery->socket, &news, sizeof news, NULL, 0)) == 1) {
        struct child *child = *find(nursery, news.number);
        struct heard *heard;
        if (!child)
            continue;
        heard = malloc(sizeof *heard);
        if (!heard)
            abort(); /* a death that is not told is waited for, for ever */
        *heard = (struct heard){NULL, news};
        *child->last = heard;
        child->last = &heard->next;
    }
    if (got < 0)
        nursery->gone = true;
}

int pf_nursery_news(struct pf_nursery *nursery, uint32_t first, uint32_t count,
                    struct pf_news *news)
{
    if (!nursery->gone)
        hear(nursery);
    for (struct child *child = nursery->children; child; child = child->next) {
        struct heard *heard = child->first;
        if (!heard || child->number - first >= count)
            continue;
        *news = heard->news;
        child->first = heard->next;
        if (!child->first)
            child->last = &child->first;
        free(heard);
        return 1;
    }
    return nursery->gone ? -1 : 0;
}
