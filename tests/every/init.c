/* init, finish and preload. SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "every.h"

#define FINISHED 1000 /* counts[FINISHED + worker]; counts[worker]: its inits */
#define PRELOADS 5000
#define CRASHED  5001

struct state {
    int worker, sum, preloaded;
    size_t size;
};

static int preloaded; /* by this process, or the one that it was forked from */
static size_t preload_size;

static int init(const struct pinfold_worker *worker, pinfold_bytes arg, void **state, char *text,
                size_t text_size)
{
    struct state *mine = calloc(1, sizeof *mine);

    (void)text, (void)text_size;
    *mine = (struct state){.worker = worker->number, .preloaded = preloaded, .size = arg.size};
    for (size_t i = 0; i < arg.size; i++)
        mine->sum += ((const unsigned char *)arg.data)[i];
    every_counts[worker->number]++;
    *state = mine;
    return 0;
}

static void finish(const struct pinfold_worker *worker, void *state)
{
    if (((struct state *)state)->worker == worker->number)
        every_counts[FINISHED + worker->number]++;
    free(state);
}

static int tell_state(pinfold_task *task)
{
    struct state *state = pinfold_task_state(task);

    *(struct state *)pinfold_task_out(task, sizeof *state) = *state;
    every_spin(100e-6);
    return state->worker != pinfold_task_worker(task)->number;
}

static void states(pinfold_pool *pool, int sum, size_t size, int preload)
{
    struct state out[200];

    CHECK(pinfold_map(pool, tell_state, NULL, NULL, 0, out, sizeof *out, 200, NULL) == 0);
    for (int i = 0; i < 200; i++)
        CHECK(out[i].sum == sum && out[i].size == size && out[i].preloaded == preload);
}

static void on_every_worker(void)
{
    static const size_t sizes[] = {0, 1, 100 << 10, 5 << 20};
    char *bytes = malloc(5 << 20);

    memset(bytes, 2, 5 << 20);
    for (int s = 0; s < 4; s++) {
        struct pinfold_options options = every_options;
        pinfold_pool *pool;
        options.init = init;
        options.finish = finish;
        options.init_arg = (pinfold_bytes){bytes, sizes[s]};
        pool = every_open(&options);
        if (!pool)
            continue;
        states(pool, 2 * (int)sizes[s], sizes[s], preloaded);
        every_close(pool);
        for (int i = 0; i < every_workers; i++)
            CHECK(every_counts[i] == 1 && every_counts[FINISHED + i] == 1);
        every_clear();
    }
    free(bytes);
}

static int refuse(const struct pinfold_worker *worker, pinfold_bytes arg, void **state, char *text,
                  size_t text_size)
{
    (void)arg, (void)state;
    if (worker->number != every_workers - 1)
        return 0;
    snprintf(text, text_size, "no licence for worker %d", worker->number);
    return 42;
}

static int refuse_silently(const struct pinfold_worker *worker, pinfold_bytes arg, void **state,
                           char *text, size_t text_size)
{
    (void)worker, (void)arg, (void)state, (void)text, (void)text_size;
    return -1;
}

static void one_that_fails(void)
{
    struct pinfold_options options = every_options;
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    options.init = refuse;
    every_refuse(&options, PINFOLD_E_WORKER_INIT, &err);
    CHECK(strstr(err.text, "no licence for worker") != NULL);
    if (pinfold_is_driver())
        CHECK(err.worker == every_workers - 1 && err.host[0]);
    options.init = refuse_silently;
    every_refuse(&options, PINFOLD_E_WORKER_INIT, &err);
    every_close(every_open(&every_options));
}

static int crash(const struct pinfold_worker *worker, pinfold_bytes arg, void **state, char *text,
                 size_t text_size)
{
    (void)arg, (void)state, (void)text, (void)text_size;
    if (every_isolated(worker) && worker->number == 0)
        abort();
    return 0;
}

static bool may_crash(void)
{
    return !every_inline && !every_threads &&
           !(every_options.driver && strcmp(every_options.driver, "only") == 0);
}

static bool isolated(void)
{
    if (may_crash())
        return true;
    every_skip("nothing is isolated here");
    return false;
}

static void one_that_crashes(void)
{
    struct pinfold_options options = every_options;
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    if (!isolated())
        return;
    options.init = crash;
    every_refuse(&options, PINFOLD_E_BROKEN, &err);
    CHECK(!pinfold_is_driver() || strstr(err.text, "signal 6"));
    every_close(every_open(&every_options));
}

static int crash_once(pinfold_task *task)
{
    if (every_isolated(pinfold_task_worker(task)) && every_counts[CRASHED]++ == 0)
        abort();
    every_spin(100e-6);
    return 0;
}

static int preload(pinfold_bytes arg, char *text, size_t text_size)
{
    (void)text, (void)text_size;
    preload_size = arg.size;
    preloaded++;
    every_counts[PRELOADS]++;
    return 0;
}

/* With a preload, and without: in a replaced worker, everything is as in the first. */
static void in_replaced_workers(void)
{
    for (int with = 0; with < 2; with++) {
        struct pinfold_options options = every_options;
        pinfold_pool *pool;
        int inits = 0;
        if (!isolated())
            return;
        options.init = init;
        options.preload = with ? preload : NULL;
        pool = every_open(&options);
        if (!pool)
            continue;
        every_counts[CRASHED] = 0;
        CHECK(pinfold_map(pool, crash_once, NULL, NULL, 0, NULL, 0, 100, NULL) ==
              PINFOLD_E_TASK_SIGNAL);
        states(pool, 0, 0, preloaded + with);
        every_close(pool);
        for (int i = 0; i < every_workers; i++)
            inits += every_counts[i];
        CHECK(inits > every_workers);
        every_clear();
    }
}

static int tell_preloaded(pinfold_task *task)
{
    return preloaded > 0 && preload_size == 9 ? 0 : 1 + (int)pinfold_task_index(task);
}

static void preload_is_run_once(void)
{
    struct pinfold_options options = every_options;
    pinfold_pool *pool;

    options.preload = preload;
    options.preload_arg = (pinfold_bytes){"argument", 9};
    pool = every_open(&options);
    if (!pool)
        return;
    CHECK(every_counts[PRELOADS] == (every_threads ? 1 : every_workers)); /* in each process */
    CHECK(pinfold_map(pool, tell_preloaded, NULL, NULL, 0, NULL, 0, 100, NULL) == 0);
    for (int i = 0; may_crash() && !every_ranks && i < 20; i++) {
        every_counts[CRASHED] = 0;
        CHECK(pinfold_map(pool, crash_once, NULL, NULL, 0, NULL, 0, 20, NULL) ==
              PINFOLD_E_TASK_SIGNAL);
        CHECK(pinfold_map(pool, tell_preloaded, NULL, NULL, 0, NULL, 0, 20, NULL) == 0);
    }
    if (!every_ranks && !every_threads)
        CHECK(every_counts[PRELOADS] == every_workers);
    every_close(pool);
    every_clear();
}

static int preload_fails(pinfold_bytes arg, char *text, size_t text_size)
{
    (void)arg;
    snprintf(text, text_size, "the table is missing");
    return 1;
}

static int preload_dies(pinfold_bytes arg, char *text, size_t text_size)
{
    (void)arg, (void)text, (void)text_size;
    abort();
}

static void preload_that_fails(void)
{
    struct pinfold_options options = every_options;
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_pool *pool = NULL;

    options.preload = preload_fails;
    CHECK(pinfold_pool_open(&pool, &options, &err) < 0 && !pool);
    CHECK(strstr(err.text, "the table is missing") != NULL);
    if (may_crash() && !every_ranks) {
        options.preload = preload_dies;
        CHECK(pinfold_pool_open(&pool, &options, &err) < 0 && !pool);
        CHECK(strstr(err.text, "preload") != NULL);
    }
    every_close(every_open(&every_options));
}

static void arguments(void)
{
    struct pinfold_options options = every_options;

    options.init = init;
    options.init_arg = (pinfold_bytes){NULL, 5};
    every_refuse(&options, PINFOLD_E_ARGUMENT, NULL);
    options.init_arg = (pinfold_bytes){"", (size_t)2 << 40};
    every_refuse(&options, PINFOLD_E_TOO_BIG, NULL);
}

const struct every_test init_tests[] = {
    {"behaviour 14: init runs on every worker, with its argument, and finish at the end", NULL,
     on_every_worker},
    {"behaviour 14: an init that fails on one fails the open on all, with its text", NULL,
     one_that_fails},
    {"an init that crashes fails the open", NULL, one_that_crashes},
    {"behaviour 14: a replaced worker has its init too", NULL, in_replaced_workers},
    {"preload runs once, and replaced workers have it", NULL, preload_is_run_once},
    {"a preload that fails fails the open", NULL, preload_that_fails},
    {"an argument of init that makes no sense", NULL, arguments},
    {NULL, NULL, NULL},
};
