/* walltime.c - see walltime.h.
 *
 * Slurm sets SLURM_JOB_END_TIME since 23.02. Before, a job has to ask, and what it asks is the
 * controller of the whole cluster: so one process of a job does, once. squeue is asked for plain local
 * time, whatever the user likes to read (SLURM_TIME_FORMAT). It is waited for no longer than PATIENCE:
 * a controller that is busy must not cost a job its time, and then there is no deadline.
 */
#include "host/walltime.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"

#define PATIENCE 5 /* seconds */

int pf_walltime_read(const char *word, double *seconds, bool *ask, struct pinfold_error *err)
{
    bool at = word[0] == '@';
    char *end;
    double value;

    *ask = strcmp(word, "auto") == 0;
    *seconds = HUGE_VAL;
    if (*ask || strcmp(word, "none") == 0)
        return 0;
    errno = 0;
    value = strtod(word + at, &end);
    if (end == word + at || *end || errno || !(value > 0) || isinf(value))
        return pf_fail(
            err, PINFOLD_E_ARGUMENT,
            "deadline '%s': must be auto, none, a number of seconds above 0, or @ and the "
            "seconds since 1970",
            word);
    *seconds = at ? value - (double)time(NULL) : value;
    return 0;
}

bool pf_walltime_parse(const char *line, time_t *end)
{
    struct tm tm = {.tm_isdst = -1};
    const char *rest;
    time_t at;

    rest = strptime(line, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!rest || rest[strspn(rest, " \n")])
        return false;
    at = mktime(&tm);
    if (at == (time_t)-1)
        return false;
    *end = at;
    return true;
}

/* The environment of ours, with time in the usual form. To be freed; NULL: out of memory. */
static char **environment(void)
{
    static const char usual[] = "SLURM_TIME_FORMAT=standard";
    const size_t name = sizeof "SLURM_TIME_FORMAT=" - 1;
    size_t n = 0, kept = 0;
    char **copy;

    while (environ && environ[n])
        n++;
    copy = calloc(n + 2, sizeof *copy);
    for (size_t i = 0; copy && i < n; i++)
        if (strncmp(environ[i], usual, name) != 0)
            copy[kept++] = environ[i];
    if (copy)
        copy[kept] = (char *)(uintptr_t)usual;
    return copy;
}

/* Starts squeue, whose output comes out of `*out`. In a group of its own, so that it can be ended with
 * whatever it started, and as if it came from a shell. */
static int start(pid_t *pid, int *out, const char *job)
{
    const char *argv[] = {"squeue", "-h", "-j", job, "-o", "%e", NULL};
    char **with = environment();
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none, all;
    int pair[2], code;

    if (!with || pipe2(pair, O_CLOEXEC) != 0) {
        free(with);
        return errno;
    }
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                       POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, pair[1], 1);
    posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
    code = posix_spawnp(pid, argv[0], &files, &how, (char **)(uintptr_t)argv, with);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    close(pair[1]);
    free(with);
    if (code)
        close(pair[0]);
    else
        *out = pair[0];
    return code;
}

/* What it says, until it has closed its output, or for as long as we wait. */
static bool listen_to(int out, char *text, size_t size)
{
    int64_t until = pf_deadline(PATIENCE);
    size_t used = 0;

    for (;;) {
        int64_t left = pf_left(until);
        struct pollfd readable = {.fd = out, .events = POLLIN};
        ssize_t got;

        if (left <= 0)
            return false;
        if (poll(&readable, 1, (int)(left / PF_MS) + 1) <= 0)
            continue;
        got = read(out, text + used, size - 1 - used);
        if (got <= 0) {
            text[used] = '\0';
            return got == 0;
        }
        used += (size_t)got;
        if (used == size - 1)
            return false; /* that is no time */
    }
}

/* Its status; it is killed unless it has ended, or is about to. */
static int await(pid_t pid, bool heard)
{
    int64_t until = pf_deadline(heard ? PATIENCE : 0);
    int status = -1;

    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (pf_now() >= until) {
            kill(-pid, SIGKILL);
            kill(pid, SIGKILL);
            until = PF_NEVER;
        }
        poll(NULL, 0, 1);
    }
    return status;
}

static double ask_squeue(const struct pf_log *log, const char *job)
{
    char text[128] = "";
    pid_t pid;
    int out = -1, code = start(&pid, &out, job), status;
    bool heard;
    time_t end;

    if (code) {
        pf_log(log, PF_DETAIL, "no deadline is known: squeue cannot be started: %s",
               strerror(code));
        return HUGE_VAL;
    }
    heard = listen_to(out, text, sizeof text);
    close(out);
    status = await(pid, heard);
    if (!heard || status != 0 || !pf_walltime_parse(text, &end)) {
        text[strcspn(text, "\n")] = '\0';
        pf_log(log, PF_DETAIL, "no deadline is known: squeue %s (status %d): '%s'",
               heard ? "said no time" : "did not answer in time", status, text);
        return HUGE_VAL;
    }
    return (double)end;
}

double pf_walltime_ask(const struct pf_log *log)
{
    static double answer; /* in seconds since 1970; 0: nobody was asked yet */
    const char *job = getenv("SLURM_JOB_ID"), *said = getenv("SLURM_JOB_END_TIME");
    double left;

    if (!job || !*job)
        return HUGE_VAL;
    if (said && *said) {
        char *rest;
        double value = strtod(said, &rest);
        answer = *rest || !(value > 0) ? HUGE_VAL : value;
    } else if (answer == 0) {
        answer = ask_squeue(log, job);
    }
    left = answer - (double)time(NULL);
    if (left > 0)
        return left;
    pf_log(log, PF_DETAIL, "Slurm's job %s should have ended %.0f s ago: no deadline is known", job,
           -left);
    return HUGE_VAL;
}
