/* nurse.c - see nurse.h and, for the picture, nursery.h.
 *
 * A *ward* is one worker's corner: its cell, its zygote, and the order for a cell that is not
 * there yet. Everything happens in one loop around one poll, and nothing in it blocks: news that
 * the driver has no room for wait here, since it may be ordering more cells at that moment.
 */
#include "work/nurse.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/signals.h"
#include "work/cell.h"
#include "work/nursery.h"
#include "work/zygote.h"

#define ZYGOTE_DEATHS 5 /* in a row inside preload: it kills its process */

struct ward {
    struct ward *next;
    uint32_t number;
    pid_t cell, zygote; /* 0: none */
    int zygote_socket;
    int zygote_deaths;
    bool due;              /* a cell was ordered and is not there yet */
    int fds[PF_ORDER_FDS]; /* that came with the order; -1 when nothing is due */
    struct pf_order order;
};

struct unsaid {
    struct unsaid *next;
    struct pf_news news;
};

struct nurse {
    int socket, signals;
    int driver; /* pidfd; -1: this kernel has none, and we look every second */
    struct ward *wards;
    struct pf_epitaph epitaph; /* of the driver, or rank */
    struct unsaid *first, **last;
};

/* Sends what waits, as far as there is room. A closed socket is noticed in the loop. */
static void say_on(struct nurse *nurse)
{
    while (nurse->first) {
        struct unsaid *unsaid = nurse->first;
        if (pf_send(nurse->socket, &unsaid->news, sizeof unsaid->news, NULL, 0) == 0)
            return;
        nurse->first = unsaid->next;
        if (!nurse->first)
            nurse->last = &nurse->first;
        free(unsaid);
    }
}

static void pass_on(struct nurse *nurse, struct pf_news news)
{
    struct unsaid *unsaid = calloc(1, sizeof *unsaid);

    if (!unsaid)
        _exit(1); /* the driver sees the end of file */
    unsaid->news = news;
    *nurse->last = unsaid;
    nurse->last = &unsaid->next;
    say_on(nurse);
}

static void say(struct nurse *nurse, int what, const struct ward *ward, pid_t pid, int status,
                const char *text)
{
    struct pf_news news = {.number = ward->number, .pid = pid, .status = status};

    news.what = what;
    snprintf(news.text, sizeof news.text, "%.383s", text);
    pass_on(nurse, news);
}

static void drop_fds(struct ward *ward)
{
    for (int i = 0; i < PF_ORDER_FDS; i++) {
        if (ward->fds[i] >= 0)
            close(ward->fds[i]);
        ward->fds[i] = -1;
    }
    ward->due = false;
}

/* What a child of ours starts from: nothing that the driver had set up for signals. The handlers
 * were reset once, in pf_nurse_run. */
static void unmask(const struct ward *ward)
{
    sigset_t none;

    if (ward->order.signals)
        pf_signals_bear();
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void close_all_but(const struct nurse *nurse, const struct ward *mine)
{
    close(nurse->socket);
    close(nurse->signals);
    if (nurse->driver >= 0)
        close(nurse->driver);
    for (struct ward *w = nurse->wards; w; w = w->next) {
        if (w->zygote_socket >= 0)
            close(w->zygote_socket);
        if (w != mine)
            drop_fds(w);
    }
}

static void start_zygote(struct nurse *nurse, struct ward *ward)
{
    int pair[2];
    pid_t self = getpid();

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        drop_fds(ward);
        say(nurse, PF_NEWS_FAILED, ward, 0, 0, "no socket for a zygote");
        return;
    }
    ward->zygote = fork();
    if (ward->zygote == 0) {
        close_all_but(nurse, ward);
        close(pair[0]);
        for (int i = 0; i < PF_DUCT_FDS; i++)
            close(ward->fds[i]); /* they come again with the order */
        unmask(ward);
        pf_zygote_run(pair[1], &ward->order, ward->fds[PF_DUCT_FDS], self);
    }
    close(pair[1]);
    if (ward->zygote < 0) {
        ward->zygote = 0;
        close(pair[0]);
        drop_fds(ward);
        say(nurse, PF_NEWS_FAILED, ward, 0, 0, "cannot fork a zygote");
        return;
    }
    ward->zygote_socket = pair[0];
}

/* Makes the cell that is due, or has it made. */
static void make_cell(struct nurse *nurse, struct ward *ward)
{
    pid_t self = getpid();

    if (ward->order.preload) {
        if (!ward->zygote)
            start_zygote(nurse, ward);
        if (ward->zygote)
            pf_send(ward->zygote_socket, &ward->order, sizeof ward->order, ward->fds, PF_DUCT_FDS);
        return; /* its answer, or its death, comes through the loop */
    }
    ward->cell = fork();
    if (ward->cell == 0) {
        close_all_but(nurse, ward);
        unmask(ward);
        pf_cell_run(ward->fds, self);
    }
    drop_fds(ward);
    if (ward->cell < 0) {
        char text[128];
        snprintf(text, sizeof text, "cannot fork a worker: %s", strerror(errno));
        ward->cell = 0;
        say(nurse, PF_NEWS_FAILED, ward, 0, 0, text);
        return;
    }
    say(nurse, PF_NEWS_SPAWNED, ward, ward->cell, 0, "");
}

static struct ward **find(struct nurse *nurse, uint32_t number)
{
    struct ward **at = &nurse->wards;

    while (*at && (*at)->number != number)
        at = &(*at)->next;
    return at;
}

static void kill_cell(const struct ward *ward)
{
    if (!ward->cell)
        return;
    kill(ward->cell, SIGKILL); /* it may not lead its group yet */
    kill(-ward->cell, SIGKILL);
}

static void kill_ward(struct ward *ward)
{
    kill_cell(ward);
    if (ward->zygote) {
        kill(ward->zygote, SIGKILL);
        kill(-ward->zygote, SIGKILL);
        close(ward->zygote_socket);
        ward->zygote_socket = -1;
    }
    drop_fds(ward);
}

static void hear_zygote(struct nurse *nurse, struct ward *ward)
{
    struct pf_zygote_answer answer;

    while (ward->zygote_socket >= 0 &&
           pf_receive(ward->zygote_socket, &answer, sizeof answer, NULL, 0) == 1) {
        ward->zygote_deaths = 0;
        switch (answer.what) {
        case PF_ZYGOTE_READY:
            break;
        case PF_ZYGOTE_FAILED:
            drop_fds(ward);
            say(nurse, PF_NEWS_FAILED, ward, 0, 0, answer.text);
            break;
        case PF_ZYGOTE_CELL:
            drop_fds(ward);
            ward->cell = (pid_t)answer.pid;
            say(nurse, PF_NEWS_SPAWNED, ward, ward->cell, 0, "");
            break;
        }
    }
}

static void obey(struct nurse *nurse, const struct pf_order *order, const int fds[PF_ORDER_FDS])
{
    struct ward **at = find(nurse, order->number), *ward = *at;

    if (order->what == PF_ORDER_EPITAPH) {
        nurse->epitaph = order->epitaph;
        return;
    }
    if (order->what == PF_ORDER_KILL) {
        if (ward)
            kill_cell(ward);
        return;
    }
    if (order->what == PF_ORDER_DISMISS) {
        if (ward) {
            hear_zygote(nurse, ward); /* a cell that we did not know would be left */
            kill_ward(ward);
            *at = ward->next;
            free(ward);
        }
        return;
    }
    if (!ward) {
        ward = calloc(1, sizeof *ward);
        if (!ward)
            _exit(1); /* the driver sees the end of file */
        ward->number = order->number;
        ward->zygote_socket = -1;
        for (int i = 0; i < PF_ORDER_FDS; i++)
            ward->fds[i] = -1;
        ward->next = nurse->wards;
        nurse->wards = ward;
    }
    drop_fds(ward);
    ward->order = *order;
    memcpy(ward->fds, fds, sizeof ward->fds);
    ward->due = true;
    make_cell(nurse, ward);
}

static void bury_zygote(struct nurse *nurse, struct ward *ward, int status)
{
    /* One that was forked by it may still be about to tell us of a cell: either that was said
     * before this line, or it cannot be said any more, and the cell is not begun (zygote.c). */
    shutdown(ward->zygote_socket, SHUT_RD);
    hear_zygote(nurse, ward);
    ward->zygote = 0;
    close(ward->zygote_socket);
    ward->zygote_socket = -1;
    if (!ward->due)
        return;
    if (++ward->zygote_deaths < ZYGOTE_DEATHS) {
        make_cell(nurse, ward);
    } else {
        char text[128];
        snprintf(text, sizeof text, "preload ended its process %d times, last by %s %d",
                 ZYGOTE_DEATHS, WIFSIGNALED(status) ? "signal" : "exit code",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
        drop_fds(ward);
        say(nurse, PF_NEWS_FAILED, ward, 0, status, text);
    }
}

static void hear_zygotes(struct nurse *nurse)
{
    for (struct ward *w = nurse->wards; w; w = w->next)
        hear_zygote(nurse, w);
}

/* False: it is nobody that we know. */
static bool bury_one(struct nurse *nurse, pid_t pid, int status, const struct rusage *used)
{
    for (struct ward *w = nurse->wards; w; w = w->next) {
        if (pid == w->cell) {
            kill(-pid, SIGKILL); /* what its task had started */
            w->cell = 0;
            pass_on(nurse, (struct pf_news){.what = PF_NEWS_DIED,
                                            .number = w->number,
                                            .pid = pid,
                                            .status = status,
                                            .peak = (uint64_t)used->ru_maxrss * 1024});
            return true;
        }
        if (pid == w->zygote) {
            bury_zygote(nurse, w, status);
            return true;
        }
    }
    return false;
}

/* Takes all who died. Who made a cell told its pid before that cell could become our child: so a
 * death that we cannot place is looked at again when all zygotes were heard. Those that nobody
 * told of were started by tasks, and orphaned. */
static void bury(struct nurse *nurse)
{
    struct signalfd_siginfo info;
    struct rusage used;
    int status;
    pid_t pid;

    while (read(nurse->signals, &info, sizeof info) == sizeof info)
        ;
    hear_zygotes(nurse);
    while ((pid = wait4(-1, &status, WNOHANG, &used)) > 0) {
        if (bury_one(nurse, pid, status, &used))
            continue;
        hear_zygotes(nurse);
        bury_one(nurse, pid, status, &used);
    }
}

/* Kills children that are left (also those that a task had started and orphaned). */
static void kill_children(void)
{
    char path[64];
    FILE *list;
    int pid;

    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    list = fopen(path, "re");
    if (!list)
        return;
    while (fscanf(list, "%d", &pid) == 1)
        kill(pid, SIGKILL);
    fclose(list);
}

/* All that it has, for a second at most: something may not be killed at once. */
static void kill_all(struct nurse *nurse)
{
    int64_t end = pf_now() + PF_S;

    for (struct ward *w = nurse->wards; w; w = w->next)
        kill_ward(w);
    while (pf_now() <= end) {
        pid_t pid = waitpid(-1, NULL, WNOHANG);
        if (pid < 0)
            return;
        if (pid == 0) {
            kill_children();
            poll(NULL, 0, 1);
        }
    }
}

static _Noreturn void leave(struct nurse *nurse)
{
    bool said = pf_epitaph_print(&nurse->epitaph);

    kill_all(nurse);
    if (said) {
        for (int fd = 0; fd < 3; fd++)
            close(fd); /* a launcher waits for who holds them */
        poll(NULL, 0, PF_EPITAPH_LINGERS_MS);
    }
    _exit(0);
}

static void prepare(struct nurse *nurse, int socket, pid_t driver)
{
    sigset_t mask;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    for (int signal = 1; signal < NSIG; signal++) {
        struct sigaction plain = {.sa_handler = SIG_DFL};
        sigaction(signal, &plain, NULL); /* refused for KILL and STOP, and libc's own */
    }
    sigfillset(&mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    setpgid(0, 0); /* a Ctrl-C is the driver's; it decides what becomes of us */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_NAME, "pinfold-nursery");
    if (null >= 0) {
        dup2(null, 0);
        if (null > 0)
            close(null);
    }
    *nurse = (struct nurse){.socket = socket,
                            .signals = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC)};
    nurse->last = &nurse->first;
    nurse->driver = (int)syscall(SYS_pidfd_open, driver, 0);
    if (nurse->signals < 0 || fcntl(socket, F_SETFL, O_NONBLOCK) != 0)
        _exit(1);
}

_Noreturn void pf_nurse_run(int socket, pid_t driver)
{
    struct nurse nurse;

    prepare(&nurse, socket, driver);
    for (;;) {
        struct pf_order order;
        int fds[PF_ORDER_FDS], got, n = 3;
        bool alone;
        struct pollfd *poll_on;

        for (struct ward *w = nurse.wards; w; w = w->next)
            n++;
        poll_on = calloc((size_t)n, sizeof *poll_on);
        if (!poll_on)
            leave(&nurse);
        poll_on[0] = (struct pollfd){.fd = nurse.socket,
                                     .events = (short)(POLLIN | (nurse.first ? POLLOUT : 0))};
        poll_on[1] = (struct pollfd){.fd = nurse.signals, .events = POLLIN};
        poll_on[2] = (struct pollfd){.fd = nurse.driver, .events = POLLIN};
        n = 3;
        for (struct ward *w = nurse.wards; w; w = w->next)
            poll_on[n++] = (struct pollfd){.fd = w->due ? w->zygote_socket : -1, .events = POLLIN};
        poll(poll_on, (nfds_t)n, nurse.driver >= 0 ? -1 : 1000);
        alone = poll_on[2].revents != 0 || getppid() != driver;
        free(poll_on);

        while ((got = pf_receive(nurse.socket, &order, sizeof order, fds, PF_ORDER_FDS)) == 1)
            obey(&nurse, &order, fds);
        if (got < 0 || alone)
            leave(&nurse);
        bury(&nurse);
        say_on(&nurse);
    }
}
