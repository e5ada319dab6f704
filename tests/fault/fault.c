/* What the scripts of tests/fault need: a program that does one thing, and is then hurt.
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *     fault MODE [PINFOLD'S OPTIONS] [ANYTHING]
 *
 * ANYTHING stays in the command line of all of its processes, by which the scripts find them.
 */
#include "fault.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
    const char *name;
    int (*drive)(pinfold_pool *pool, struct pinfold_options *options);
} modes[] = {
    {"spin", fault_spin},       {"segfaults", fault_segfaults}, {"zygotes", fault_zygotes},
    {"nursery", fault_nursery}, {"from-task", fault_from_task}, {"hang", fault_hang},
    {"exit", fault_exit},       {"absent", fault_absent},       {"leave", fault_leave},
    {"kept", fault_kept},       {"losses", fault_losses},       {"daemons", fault_daemons},
};

double fault_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int fault_tell(const char *what, int code, const struct pinfold_error *err)
{
    printf("%s %d%s%s\n", what, code, code ? " " : "", code ? err->text : "");
    fflush(stdout);
    return code;
}

int main(int argc, char **argv)
{
    struct pinfold_options options = {.size = sizeof options, .log = pinfold_log_stderr};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_pool *pool = NULL;
    const char *mode = argc > 1 ? argv[1] : "";
    bool driver = pinfold_is_driver();
    int status = 0, code;

    signal(SIGINT, SIG_DFL); /* a shell starts what is in its background with it ignored */
    signal(SIGQUIT, SIG_DFL);
    /* The words of the command line that are left are nobody's. */
    code = pinfold_options_parse(&options, &argc, argv, &err);
    if (!code && strcmp(mode, "zygotes") == 0)
        options.preload = fault_preload;
    if (!code)
        code = pinfold_pool_open(&pool, &options, &err);
    if (code) {
        if (driver)
            fprintf(stderr, "fault: %s\n", err.text);
        pinfold_finalize();
        return driver ? 3 : 0;
    }
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strcmp(mode, modes[i].name) == 0) {
            /* Where a mode has something to do on other ranks, that is after the pool. */
            if (pool)
                status = modes[i].drive(pool, &options);
            else if (modes[i].drive == fault_absent)
                fault_sleep();
        }
    pinfold_finalize();
    return status;
}
