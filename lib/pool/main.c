/* main.c - pinfold_main and pinfold_drive: what programs have instead of a main of their own. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/screen.h"
#include "base/signals.h"
#include "base/sized.h"
#include "pinfold_main.h"
#include "pool/opening.h"
#include "port/mpi.h"

#define STATUS_USAGE 2
#define STATUS_POOL  3

static int complain(bool driver, const struct pinfold_error *err, int status)
{
    pf_screen_clear();
    if (driver)
        fprintf(stderr, "%s: %s\n", program_invocation_short_name, err->text);
    return status;
}

/* Ours, from what was given, where the progress is shown on a terminal, and signals are taken, unless
 * somebody said something else: a program is somebody's, the library is not. */
static void take_options(struct pinfold_options *options, const struct pinfold_options *given)
{
    const char *variable = getenv("PINFOLD_PROGRESS"), *signals = getenv("PINFOLD_SIGNALS");

    if (given)
        pf_sized_in(options, sizeof *options, given);
    options->size = sizeof *options;
    if (!options->progress && !(variable && *variable))
        options->progress = "auto";
    if (!options->signals && signals && *signals)
        options->signals = signals;
    if (!options->signals && pf_signals_untouched())
        options->signals = "usr";
}

int pinfold_drive(const struct pinfold_options *given, int (*drive)(pinfold_pool *pool, void *data),
                  void *data)
{
    struct pinfold_options options = {.size = sizeof options};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    bool driver = pinfold_is_driver();
    pinfold_pool *pool;
    int code, status;

    take_options(&options, given);
    /* Until the process ends: who still starts MPI, or ends it, has to bear them too. */
    if (options.signals && strcmp(options.signals, "usr") == 0)
        pf_signals_take();
    for (;;) {
        code = pinfold_pool_open(&pool, &options, &err);
        if (code || pool || !pf_fabric_have())
            break;
    }
    if (code == PINFOLD_E_OVER && !driver) {
        pinfold_finalize();
        return 0;
    }
    if (code) {
        status = complain(driver, &err,
                          code == PINFOLD_E_ARGUMENT || code == PINFOLD_E_PLACES ? STATUS_USAGE
                                                                                 : STATUS_POOL);
        pinfold_finalize();
        return driver ? status : 0;
    }
    if (!pool)
        return 0;
    status = drive(pool, data);
    code = pinfold_pool_close(pool);
    if (code && status == 0) {
        pf_fail(&err, code, "%s", pinfold_strerror(code));
        status = complain(driver, &err, STATUS_POOL);
    }
    if (pf_open_early())
        status = PINFOLD_EXIT_EARLY;
    pinfold_finalize();
    return status;
}

/* What a drive of pinfold_main is called with. */
struct arguments {
    int (*drive)(pinfold_pool *pool, int argc, char **argv);
    int argc;
    char **argv;
};

static int drive_with(pinfold_pool *pool, void *data)
{
    const struct arguments *with = data;
    return with->drive(pool, with->argc, with->argv);
}

int pinfold_main(int argc, char **argv, const char *usage, const struct pinfold_options *given,
                 int (*drive)(pinfold_pool *pool, int argc, char **argv))
{
    struct pinfold_options options = {.size = sizeof options, .log = pinfold_log_stderr};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    bool driver = pinfold_is_driver();

    if (given) {
        pf_sized_in(&options, sizeof options, given);
        options.size = sizeof options;
        if (!options.log)
            options.log = pinfold_log_stderr;
    }
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            if (driver && usage)
                printf("%s\nPinfold's options:\n%s", usage, pinfold_options_help());
            else if (driver)
                printf("Usage: %s [OPTION...]\n\nPinfold's options:\n%s", argv[0],
                       pinfold_options_help());
            return 0;
        }
    }
    /* Every rank finds the same mistake and leaves before MPI is started. The others leave in
     * peace: a launcher that sees a failure kills the rest, maybe before rank 0 has spoken. */
    if (pinfold_options_parse(&options, &argc, argv, &err) != 0)
        return complain(driver, &err, driver ? STATUS_USAGE : 0);

    for (int i = 1; !usage && i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (argv[i][0] == '-' && argv[i][1]) {
            pf_fail(&err, PINFOLD_E_ARGUMENT, "unknown option '%s' (try --help)", argv[i]);
            return complain(driver, &err, driver ? STATUS_USAGE : 0);
        }
    }

    return pinfold_drive(&options, drive_with, &(struct arguments){drive, argc, argv});
}
