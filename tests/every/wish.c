/* Priorities, and where tasks are wanted. SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <string.h>

#include "every.h"

enum { GO, STARTED, TICKET, ORDER };

/* Takes a place in the order of beginnings. */
static int draw(pinfold_task *task)
{
    const int *id = pinfold_task_arg(task).data;
    int ticket = every_counts[TICKET]++;

    every_counts[ORDER + *id] = ticket;
    return 0;
}

/* Holds its worker up until the driver lets it go. */
static int hold(pinfold_task *task)
{
    double end = every_now() + every_patience(30);

    every_counts[STARTED]++;
    while (!every_counts[GO])
        if (every_now() > end)
            return pinfold_task_fail(task, 1, "nobody let it go");
    return 0;
}

static void submit_one(pinfold_pool *pool, pinfold_fn *fn, int id, int priority)
{
    struct pinfold_call how = {.size = sizeof how, .priority = priority};

    CHECK(pinfold_submit(pool, fn, (pinfold_bytes){&id, sizeof id}, &how, NULL, NULL) == 0);
}

/* On one worker, which is busy: 3 x 30 tasks of three priorities, each from 0 to 29, the lowest
 * first. The worker may be given a few of the first ones ahead. */
static void priorities(void)
{
    enum { N = 30, AHEAD = 8 };
    static const int priority[] = {-5, 0, 1000000};
    struct pinfold_options one = every_options;
    pinfold_pool *pool;
    int early = 0;

    one.max_workers = 1;
    pool = every_open(&one);
    if (!pool)
        return;
    every_clear();
    if (!every_inline) {
        double end = every_now() + every_patience(30);
        CHECK(pinfold_submit(pool, hold, (pinfold_bytes){0}, NULL, NULL, NULL) == 0);
        while (!every_counts[STARTED] && every_now() < end)
            pinfold_poll(pool, 0.001);
        CHECK(every_counts[STARTED] == 1);
    }
    for (int level = 0; level < 3; level++)
        for (int i = 0; i < N; i++)
            submit_one(pool, draw, level * N + i, priority[level]);
    every_counts[GO] = 1;
    every_close(pool);
    CHECK(every_counts[TICKET] == 3 * N);
    for (int level = 0; level < 3; level++)
        for (int i = 0; i < N; i++) {
            _Atomic int *ticket = &every_counts[ORDER + level * N + i];
            if (i)
                CHECK(ticket[-1] < ticket[0]); /* in the order of submission */
            early += ticket[0] < (2 - level) * N;
        }
    CHECK(early <= AHEAD);
}

/* Where it was run: worker, node. */
static int where_am_i(pinfold_task *task)
{
    int *out = pinfold_task_out(task, 2 * sizeof *out);

    out[0] = pinfold_task_worker(task)->number;
    out[1] = pinfold_task_worker(task)->node;
    return 0;
}

static int node_of(const pinfold_pool *pool, int number)
{
    struct pinfold_worker worker = {.size = sizeof worker};

    CHECK(pinfold_pool_worker(pool, number, &worker) == 0);
    return worker.node;
}

/* So many tasks with this wish; how many were run on a worker, or node, that it is for. */
static int run_there(pinfold_pool *pool, const struct pinfold_call *how, int n)
{
    pinfold_future *futures[100];
    int there = 0;

    for (int i = 0; i < n; i++)
        CHECK(pinfold_submit(pool, where_am_i, (pinfold_bytes){0}, how, &futures[i], NULL) == 0);
    for (int i = 0; i < n; i++) {
        pinfold_bytes result = {0};
        CHECK(pinfold_future_result(futures[i], &result, NULL) == 0);
        if (result.size == 2 * sizeof(int))
            there += ((const int *)result.data)[how->where == PINFOLD_ON_NODE] == how->number;
        pinfold_future_free(futures[i]);
    }
    return there;
}

static void hard(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .must = true};

    for (int i = 0; i < every_workers; i++) {
        how.where = PINFOLD_ON_WORKER;
        how.number = i;
        CHECK(run_there(pool, &how, 100) == 100);
        how.where = PINFOLD_ON_NODE;
        how.number = node_of(pool, i);
        CHECK(run_there(pool, &how, 100) == 100);
    }
}

/* An idle pool grants a soft wish too. */
static void soft(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .where = PINFOLD_ON_WORKER};

    for (how.number = 0; how.number < every_workers; how.number++)
        for (int i = 0; i < 20; i++)
            CHECK(run_there(pool, &how, 1) == 1);
}

static int let_go(pinfold_task *task)
{
    (void)task;
    every_counts[GO] = 1;
    return 0;
}

/* What is wanted on a worker that waits for it is run elsewhere. */
static void soft_gives_way(pinfold_pool *pool)
{
    struct pinfold_call there = {
        .size = sizeof there, .where = PINFOLD_ON_WORKER, .number = every_workers - 1};
    double end = every_now() + every_patience(30);
    pinfold_future *held = NULL;

    if (every_workers == 1) {
        every_skip("there is one worker");
        return;
    }
    every_clear();
    there.must = true;
    CHECK(pinfold_submit(pool, hold, (pinfold_bytes){0}, &there, &held, NULL) == 0);
    while (!every_counts[STARTED] && every_now() < end)
        pinfold_poll(pool, 0.001);
    there.must = false;
    CHECK(pinfold_submit(pool, let_go, (pinfold_bytes){0}, &there, NULL, NULL) == 0);
    CHECK(pinfold_future_result(held, NULL, NULL) == 0);
    pinfold_future_free(held);
}

static void maps_too(pinfold_pool *pool)
{
    struct pinfold_call how = {
        .size = sizeof how, .where = PINFOLD_ON_WORKER, .number = every_workers - 1, .must = true};
    enum { N = 2000 };
    static int out[N][2];
    int elsewhere = 0;

    CHECK(pinfold_map(pool, where_am_i, &how, NULL, 0, out, sizeof out[0], N, NULL) == 0);
    for (int i = 0; i < N; i++)
        elsewhere += out[i][0] != how.number;
    CHECK(elsewhere == 0);
    how.priority = 3;
    CHECK(every_squares(pool, &how, 1000));
}

static void nonsense(pinfold_pool *pool)
{
    static const struct {
        struct pinfold_call how;
        const char *text;
    } wrong[] = {
        {{.where = PINFOLD_ON_WORKER, .number = -1}, "there is no worker -1, only 0 to "},
        {{.where = PINFOLD_ON_WORKER, .number = 100000}, "there is no worker 100000, only 0 to "},
        {{.where = PINFOLD_ON_NODE, .number = 100000}, "there is no node 100000, only 0 to "},
        {{.where = (enum pinfold_where)9}, "where = 9 is no place to wish for"},
        {{.must = true}, "`number` and `must` are set, but not where it should be"},
        {{.number = 1}, "`number` and `must` are set, but not where it should be"},
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct pinfold_call how = wrong[i].how;
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        int64_t in = 0, out = 0;
        how.size = sizeof how;
        CHECK(pinfold_submit(pool, where_am_i, (pinfold_bytes){0}, &how, NULL, &err) ==
              PINFOLD_E_ARGUMENT);
        CHECK(strstr(err.text, "submit: ") && strstr(err.text, wrong[i].text));
        CHECK(pinfold_map(pool, every_square, &how, &in, sizeof in, &out, sizeof out, 1, &err) ==
              PINFOLD_E_ARGUMENT);
        CHECK(strstr(err.text, "map: ") && strstr(err.text, wrong[i].text));
    }
}

const struct every_test wish_tests[] = {
    {"what has a higher priority begins first, equals in the order of submission",
     .alone = priorities},
    {"a task that must be run on a worker, or on a node, is run there", hard},
    {"an idle worker gets what is wanted on it", soft},
    {"what is wanted on a busy worker is run elsewhere, rather than to wait", soft_gives_way},
    {"a map has a wish and a priority too", maps_too},
    {"a place that there is not is an argument error", nonsense},
    {0},
};
