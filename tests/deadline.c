/* deadline.c - runs one test: under its deadline, with nobody left behind.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *     deadline TEST [ARG...]
 *
 * `make check` starts every test through this program. The limit is 60 seconds, or what a line
 * "# deadline: SECONDS" in the test's own file says; a C program has that line as a string
 * constant. PINFOLD_TEST_PATIENCE=N multiplies it (for sanitizers and valgrind).
 *
 * All descendants of the test are ours: we are their subreaper, so that whoever loses its
 * parent, in whatever session or process group, becomes our child. The test has ended when its
 * last descendant has. Those that outlive the test's own process by more than two seconds were
 * left behind: they are named and killed, and the test has failed. A test that is over its
 * deadline is killed with all of its descendants.
 *
 * The test's standard output (TAP) passes through us, so that what the harness would not count
 * becomes a "Bail out!": a signal, a status that no "not ok" explains, a deadline, a leftover.
 * cmocka's "not ok N # SKIP name", which is a failure by TAP's rules, becomes the skip it
 * means.
 */
#include "config.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LEAVE_SECONDS 2  /* to go, for descendants, after the test itself has */
#define TERM_SECONDS  3  /* to clean up, for a test that is over its deadline */
#define KILL_SECONDS  20 /* to die, after SIGKILL */

struct test {
    pid_t pid;
    int out;        /* read end of its standard output; -1: closed */
    bool ended;     /* its own process has: */
    int status;     /* as wait says */
    bool explained; /* a "not ok" or a "Bail out!" was seen */
    bool bailed;
    size_t used;      /* of line */
    char line[65536]; /* the beginning of a line */
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Ends the TAP with an error, unless the test has done so itself. */
__attribute__((format(printf, 2, 3))) static void bail(struct test *test, const char *format, ...)
{
    va_list args;

    if (!test->bailed) {
        va_start(args, format);
        fputs("Bail out! ", stdout);
        vprintf(format, args);
        va_end(args);
        puts("");
    }
    fflush(stdout);
    test->bailed = test->explained = true;
}

/* The limit that the test's file names. */
static int limit_of(const char *path)
{
    static const char mark[] = "# deadline: ";
    int limit = 60;
    FILE *file = fopen(path, "rb");
    struct stat st;
    char *text;

    if (!file)
        return limit;
    if (!fstat(fileno(file), &st) && S_ISREG(st.st_mode) &&
        (text = calloc(1, (size_t)st.st_size + 1))) {
        size_t size = fread(text, 1, (size_t)st.st_size, file);
        const char *at = text;
        while ((at = memmem(at, size - (size_t)(at - text), mark, sizeof mark - 1))) {
            at += sizeof mark - 1;
            if (isdigit((unsigned char)*at)) {
                limit = atoi(at);
                break;
            }
        }
        free(text);
    }
    fclose(file);
    return limit;
}

/* What a shell that is set up for a cluster or for Pinfold would change in a test, and what
 * make says to the makes below it. */
static void clean_environment(void)
{
    static const char *const gone[] = {"PINFOLD_", "OMPI_COMM_", "PMIX_", "PMI_",   "SLURM_",
                                       "PALS_",    "OMP_",       "MAKE",  "MFLAGS="};
    static const char *const kept[] = {"PINFOLD_SHARED=", "PINFOLD_TEST_"};

    for (char **e = environ; *e;) {
        bool drop = false;
        char name[256];
        for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
            drop |= !strncmp(*e, gone[i], strlen(gone[i]));
        for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
            drop &= strncmp(*e, kept[i], strlen(kept[i])) != 0;
        size_t length = strcspn(*e, "=");
        if (!drop || length >= sizeof name) {
            e++;
            continue;
        }
        memcpy(name, *e, length);
        name[length] = '\0';
        unsetenv(name); /* moves the rest up */
    }
}

/* ---- Descendants --------------------------------------------------------------------------*/

struct process {
    pid_t pid, parent;
    bool ours;
};

/* All living descendants (zombies are not), by a walk over /proc. The caller frees. */
static size_t descendants(struct process **list)
{
    struct process *all = NULL;
    size_t n = 0, room = 0, kept = 0;
    DIR *proc = opendir("/proc");
    struct dirent *entry;

    while (proc && (entry = readdir(proc))) {
        char path[64], text[512], state;
        const char *after;
        int parent;
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        snprintf(path, sizeof path, "/proc/%.20s/stat", entry->d_name);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        ssize_t size = read(fd, text, sizeof text - 1);
        close(fd);
        text[size > 0 ? size : 0] = '\0';
        /* pid (name) state parent: the name may hold anything, but ends at the last ')' */
        if (!(after = strrchr(text, ')')) || sscanf(after + 1, " %c %d", &state, &parent) != 2)
            continue;
        if (n == room) {
            struct process *more = realloc(all, (room = 2 * room + 64) * sizeof *all);
            if (!more)
                abort();
            all = more;
        }
        all[n].pid = atoi(entry->d_name);
        all[n].parent = parent;
        all[n++].ours = parent == getpid() && state != 'Z' && state != 'X';
    }
    if (proc)
        closedir(proc);
    for (bool more = true; more;) {
        more = false;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n && !all[i].ours; j++)
                if (all[j].ours && all[i].parent == all[j].pid)
                    all[i].ours = more = true;
    }
    for (size_t i = 0; i < n; i++)
        if (all[i].ours)
            all[kept++] = all[i];
    *list = all;
    return kept;
}

/* Says who is still there, as TAP comments. */
static void show(const char *what)
{
    struct process *list;
    size_t n = descendants(&list);

    for (size_t i = 0; i < n; i++) {
        char path[64], text[200];
        snprintf(path, sizeof path, "/proc/%d/cmdline", (int)list[i].pid);
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
        if (fd >= 0)
            close(fd);
        for (ssize_t c = 0; c < size; c++)
            if (!isprint((unsigned char)text[c]))
                text[c] = ' ';
        text[size > 0 ? size : 0] = '\0';
        printf("# %s: %d (child of %d) %s\n", what, (int)list[i].pid, (int)list[i].parent, text);
    }
    free(list);
}

static void kill_all(int signal)
{
    struct process *list;
    size_t n = descendants(&list);

    for (size_t i = 0; i < n; i++)
        kill(list[i].pid, signal);
    free(list);
}

/* Reaps whoever has ended; false when there is nobody left. */
static bool reap(struct test *test)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (pid == test->pid) {
            test->ended = true;
            test->status = status;
        }
    return pid == 0;
}

/* ---- The test's output --------------------------------------------------------------------*/

static void pass_line(struct test *test, char *line)
{
    int number, at = 0;

    if (!strncmp(line, "Bail out!", 9))
        test->bailed = test->explained = true;
    if (sscanf(line, "not ok %d # SKIP %n", &number, &at) == 1 && at) {
        printf("ok %d - %s # SKIP\n", number, line + at);
        return;
    }
    if (!strncmp(line, "not ok", 6))
        test->explained = true;
    puts(line);
}

/* Takes what has been written; returns at EAGAIN or at the end. */
static void pass_output(struct test *test)
{
    while (test->out >= 0) {
        char *start = test->line, *end;
        ssize_t got = read(test->out, test->line + test->used, sizeof test->line - 1 - test->used);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            break;
        if (got <= 0) {
            close(test->out);
            test->out = -1;
            got = 0;
        }
        test->used += (size_t)got;
        test->line[test->used] = '\0';
        while ((end = memchr(start, '\n', test->used))) {
            *end = '\0';
            pass_line(test, start);
            test->used -= (size_t)(end + 1 - start);
            start = end + 1;
        }
        if (test->used && (test->out < 0 || test->used == sizeof test->line - 1)) {
            pass_line(test, start); /* the last line has no end; one is too long */
            test->used = 0;
        }
        memmove(test->line, start, test->used);
    }
    fflush(stdout);
}

/* Sleeps until there is output, a child has ended or `until` is reached; passes output on.
 * Returns the signal that asks us to stop, or 0. */
static int attend(struct test *test, int signals, double until)
{
    struct pollfd fds[2] = {{signals, POLLIN, 0}, {test->out, POLLIN, 0}};
    struct signalfd_siginfo info;
    double left = until - now();
    int stop = 0;

    poll(fds, 2, left <= 0 ? 0 : left > 3600 ? 3600000 : (int)(left * 1000) + 1);
    while (read(signals, &info, sizeof info) == sizeof info)
        if (info.ssi_signo != SIGCHLD)
            stop = (int)info.ssi_signo;
    pass_output(test);
    return stop;
}

static void start(struct test *test, char **argv)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) || (test->pid = fork()) < 0) {
        perror("deadline");
        exit(99);
    }
    if (test->pid == 0) {
        sigset_t none;
        struct rlimit no_core = {0, 0};
        int null = open("/dev/null", O_RDONLY);
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setsid();
        setrlimit(RLIMIT_CORE, &no_core);
        if (null >= 0)
            dup2(null, 0);
        dup2(ends[1], 1);
        for (int fd = 3; fd < 256; fd++) /* the harness's and make's own */
            close(fd);
        execv(argv[0], argv);
        fprintf(stderr, "deadline: %s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    close(ends[1]);
    test->out = ends[0];
    fcntl(test->out, F_SETFL, O_NONBLOCK);
}

int main(int argc, char **argv)
{
    static struct test test;
    const char *patience = getenv("PINFOLD_TEST_PATIENCE");
    int factor = patience && atoi(patience) > 0 ? atoi(patience) : 1;
    int stop = 0;
    sigset_t mask;

    if (argc < 2) {
        fputs("usage: deadline TEST [ARG...]\n", stderr);
        return 2;
    }
    int limit = limit_of(argv[1]) * factor;
    clean_environment();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGHUP);
    sigprocmask(SIG_BLOCK, &mask, NULL);
    int signals = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
    start(&test, argv + 1);

    double end = now() + limit;
    bool alive, left = false, over;
    while ((alive = reap(&test)) && !test.ended && !stop && now() < end)
        stop = attend(&test, signals, end);
    over = !test.ended;

    if (over) {
        show("still running");
        kill(-test.pid, SIGTERM);
        for (end = now() + TERM_SECONDS; (alive = reap(&test)) && !test.ended && now() < end;)
            attend(&test, signals, end);
    } else {
        for (end = now() + LEAVE_SECONDS * factor; (alive = reap(&test)) && now() < end;)
            attend(&test, signals, end);
        if ((left = alive))
            show("left behind");
    }
    for (end = now() + KILL_SECONDS; alive && now() < end; alive = reap(&test)) {
        kill_all(SIGKILL);
        attend(&test, signals, now() + 0.05);
    }
    pass_output(&test);

    if (stop)
        bail(&test, "stopped by signal %d", stop);
    else if (over)
        bail(&test, "over its deadline of %d s", limit);
    else if (WIFSIGNALED(test.status))
        bail(&test, "killed by signal %d", WTERMSIG(test.status));
    else if (WEXITSTATUS(test.status) && !test.explained)
        bail(&test, "exited with status %d", WEXITSTATUS(test.status));
    else if (left)
        bail(&test, "left processes behind");
    return stop ? 128 + stop : test.explained;
}
