/* soak.c - random maps, submits, cancels, streams, families, crashes and kills, round after round,
 * against a trivial model: each item's end is known before. SPDX-License-Identifier: BSD-3-Clause
 *
 *     soak [--seconds N] [--seed S] [--first ROUND] [--rounds N] [PINFOLD'S OPTIONS]
 *
 * A round is a pool, and depends on the seed and its number alone. With PINFOLD_FAULTS, what these
 * may do is no failure: a pool may break, if it does so with one text, and in time. What is wrong is
 * said in one line, with how to repeat the round, and the status is 1.
 */
#include "soak.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define ROUND_SECONDS 60 /* none takes longer, but for patience */

static struct {
    struct pinfold_options options;
    uint64_t seed, first, rounds;
    double seconds;
    const char *program, *backend, *faults;
} soak = {.seed = 1, .rounds = UINT64_MAX, .seconds = 10};

static char stuck[256];

static void too_long(int signal)
{
    ssize_t ignored = write(STDERR_FILENO, stuck, strlen(stuck));

    (void)signal, (void)ignored;
    abort();
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

unsigned soak_patience(void)
{
    const char *text = getenv("PINFOLD_TEST_PATIENCE");
    int times = text ? atoi(text) : 1;

    return times > 1 ? (unsigned)times : 1;
}

static void hear_progress(void *data, const struct pinfold_progress *progress)
{
    ((struct soak_round *)data)->last = *progress;
}

static bool faulty(const char *word)
{
    return soak.faults && strstr(soak.faults, word);
}

static struct soak_round make_round(uint64_t number)
{
    struct soak_round round = {.random = (soak.seed * 0x9e3779b97f4a7c15u) ^ (number << 20) ^ 88};
    const char *isolate = soak.options.isolate;

    for (int i = 0; i < 20; i++)
        soak_below(&round, 2); /* seeds that are alike shall not begin alike */
    round.isolated = strcmp(soak.backend, "processes") == 0 ||
                     (strcmp(soak.backend, "mpi") == 0 && (!isolate || strcmp(isolate, "off")));
    round.breakable = faulty("drop") || faulty("truncate");
    round.starved = faulty("memory");
    round.crashy = faulty("crash");
    return round;
}

/* On all ranks alike. */
static int open_pool(struct soak_round *round, struct pinfold_error *err)
{
    struct pinfold_options options = soak.options;

    if (soak_below(round, 4) == 0)
        options.tasks_per_worker = 20 + (int)soak_below(round, 200);
    options.on_progress = hear_progress;
    options.progress_data = round;
    return pinfold_pool_open(&round->pool, &options, err);
}

static void act(struct soak_round *round, struct soak_futures *futures)
{
    switch (soak_below(round, 9)) {
    case 0:
        soak_map(round);
        break;
    case 1:
        soak_map_bytes(round);
        break;
    case 2:
        soak_reduce(round);
        break;
    case 3:
        soak_stream(round);
        break;
    case 4:
        soak_family(round);
        break;
    case 5:
        soak_cancel(round, futures);
        break;
    case 6:
        soak_group(round, futures);
        break;
    case 7:
        soak_results(round, futures, (int)soak_below(round, 50));
        break;
    default:
        soak_submit(round, futures);
        break;
    }
}

/* What was asked for came to one end or another. */
static void count_up(struct soak_round *round)
{
    const struct pinfold_progress *last = &round->last;
    uint64_t ended = last->done + last->failed + last->cancelled;

    if (round->broken[0] || !round->asked)
        return;
    if (!last->last || last->running || last->queued)
        soak_wrong(round, "progress: %llu running and %llu queued at the end",
                   (unsigned long long)last->running, (unsigned long long)last->queued);
    if (round->grown ? ended < round->asked : ended != round->asked)
        soak_wrong(round, "progress: %llu done + %llu failed + %llu cancelled of %llu",
                   (unsigned long long)last->done, (unsigned long long)last->failed,
                   (unsigned long long)last->cancelled, (unsigned long long)round->asked);
}

static void run_round(struct soak_round *round)
{
    struct soak_futures futures = {.n = 0};
    bool ask_first = soak_below(round, 2);
    int code;

    for (uint64_t n = 1 + soak_below(round, 20); n > 0 && !round->broken[0]; n--)
        act(round, &futures);
    if (round->breakable && !round->broken[0]) {
        code = pinfold_poll(round->pool, 0);
        if (code && code != PINFOLD_E_BROKEN)
            soak_wrong(round, "poll: %d", code);
    }
    if (ask_first)
        soak_results(round, &futures, futures.n);
    code = pinfold_pool_close(round->pool);
    if (code && !(code == PINFOLD_E_BROKEN && round->breakable))
        soak_wrong(round, "close: %d", code);
    if (round->broken[0] && !code)
        soak_wrong(round, "close: 0 of a pool that is broken: %s", round->broken);
    soak_results(round, &futures, futures.n); /* they last longer than the pool */
    if (!code)
        count_up(round);
}

/* False: there is no more to do here. */
static bool soak_one(uint64_t number, uint64_t *broken, uint64_t *tasks, bool *failed)
{
    struct soak_round round = make_round(number);
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    double began = now();
    int code;

    snprintf(stuck, sizeof stuck,
             "soak: STUCK in round %llu: %s --seed %llu --first %llu --rounds 1 --backend %s\n",
             (unsigned long long)number, soak.program, (unsigned long long)soak.seed,
             (unsigned long long)number, soak.backend);
    code = open_pool(&round, &err);
    if (code == PINFOLD_E_OVER)
        return false;
    if (code && !(round.breakable && (code == PINFOLD_E_BROKEN || code == PINFOLD_E_TIMEOUT ||
                                      code == PINFOLD_E_WORKER_INIT)))
        soak_wrong(&round, "open: %d: %s", code, err.text);
    if (!round.pool && !code)
        return true; /* this rank has served */
    if (round.pool) {
        alarm(ROUND_SECONDS * soak_patience());
        run_round(&round);
        alarm(0);
    }
    *broken += code || round.broken[0];
    *tasks += round.asked;
    if (getenv("SOAK_VERBOSE"))
        fprintf(stderr, "soak: round %llu: %.2f s, %llu tasks%s%s\n", (unsigned long long)number,
                now() - began, (unsigned long long)round.asked, round.broken[0] ? ": " : "",
                code ? err.text : round.broken);
    if (round.wrong[0]) {
        printf("soak: FAILED in round %llu: %s\nsoak: repeat it: %s --seed %llu --first %llu "
               "--rounds 1 --backend %s\n",
               (unsigned long long)number, round.wrong, soak.program, (unsigned long long)soak.seed,
               (unsigned long long)number, soak.backend);
        fflush(stdout);
        *failed = true;
    }
    return true;
}

static void read_words(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seconds") == 0)
            soak.seconds = atof(argv[i + 1]);
        else if (strcmp(argv[i], "--seed") == 0)
            soak.seed = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--first") == 0)
            soak.first = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--rounds") == 0)
            soak.rounds = strtoull(argv[i + 1], NULL, 10);
        else
            fprintf(stderr, "soak: what is %s?\n", argv[i]);
    }
}

int main(int argc, char **argv)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    uint64_t number, broken = 0, tasks = 0;
    bool driver = pinfold_is_driver(), failed = false;
    double end;

    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0}); /* crashes are many, and meant */
    soak.options.size = sizeof soak.options;
    if (pinfold_options_parse(&soak.options, &argc, argv, &err) != 0) {
        fprintf(stderr, "soak: %s\n", err.text);
        return 2;
    }
    read_words(argc, argv);
    soak.program = argv[0];
    soak.faults = getenv("PINFOLD_FAULTS");
    soak.backend = soak.options.backend ? soak.options.backend : "processes";
    signal(SIGALRM, too_long);
    if (driver) {
        printf("soak: seed %llu, %s%s%s\n", (unsigned long long)soak.seed, soak.backend,
               soak.faults ? ", faults " : "", soak.faults ? soak.faults : "");
        fflush(stdout);
    }
    end = now() + soak.seconds;
    /* The driver says when it is over; all others open until they hear it. */
    for (number = soak.first;
         number - soak.first < soak.rounds && (!driver || now() < end) && !(driver && failed);
         number++)
        if (!soak_one(number, &broken, &tasks, &failed))
            break;
    pinfold_finalize();
    if (driver)
        printf("soak: %llu rounds, %llu tasks, %llu pools that broke: %s\n",
               (unsigned long long)(number - soak.first), (unsigned long long)tasks,
               (unsigned long long)broken, failed ? "FAILED" : "as it must be");
    return driver && failed;
}
