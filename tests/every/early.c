/* Pools that end early. SPDX-License-Identifier: BSD-3-Clause */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "every.h"

#define N     400
#define ENDED (EVERY_COUNTS - 1) /* the driver has said that it ends */

/* The first fails, and the others wait until the driver has heard of that, and ended the pool. */
static int wait_for_the_end(pinfold_task *task)
{
    size_t i = pinfold_task_index(task);
    double end = every_now() + every_patience(20);

    every_counts[i]++;
    if (i == 0)
        return pinfold_task_fail(task, 7, "the first");
    while (!every_counts[ENDED] && every_now() < end)
        poll(NULL, 0, 1);
    poll(NULL, 0, 2); /* so long that the worker looks at its messages */
    return every_square(task);
}

static void end_it(void *data, const struct pinfold_error *error)
{
    CHECK(error->code == 7 && error->index == 0);
    pinfold_pool_end_early(data);
    every_counts[ENDED] = 1;
}

static int64_t in[N], out[N];
static int codes[N];

static void prepare(void)
{
    every_clear();
    for (int i = 0; i < N; i++)
        in[i] = i, out[i] = codes[i] = -1;
    every_counts[ENDED] = every_inline; /* its driver hears nothing while a batch is run */
}

/* Each item has run to its end, or has not been begun; how many of them have. */
static int check_items(int first)
{
    int run = 0;

    for (int i = first; i < N; i++) {
        CHECK(codes[i] == (every_counts[i] ? 0 : PINFOLD_E_ENDING));
        CHECK(every_counts[i] <= 1);
        CHECK(out[i] == (every_counts[i] ? (int64_t)i * i + i : -1));
        run += every_counts[i];
    }
    return run;
}

static int no_more(void *data, uint64_t index, pinfold_bytes result,
                   const struct pinfold_error *error)
{
    (void)data, (void)index, (void)result, (void)error;
    CHECK(!"a result is pushed");
    return 0;
}

static bool pull_none(void *data, pinfold_bytes *input)
{
    (void)data, (void)input;
    CHECK(!"an input is pulled");
    return false;
}

/* The pool has ended: nothing that is asked of it is begun. */
static void nothing_more(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .codes = codes};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_bytes values[2] = {{in, 8}, {in, 8}}, results[2];
    pinfold_future *future = NULL;
    int64_t sum = -1;

    prepare();
    CHECK(pinfold_pool_ending(pool));
    CHECK(pinfold_map(pool, every_square, &how, in, 8, out, 8, N, &err) == PINFOLD_E_ENDING);
    CHECK(strstr(err.text, "0 of 400 items") != NULL);
    CHECK(check_items(0) == 0);
    CHECK(pinfold_map(pool, every_square, NULL, NULL, 0, NULL, 0, 0, &err) == 0);
    codes[0] = codes[1] = -1;
    CHECK(pinfold_map_bytes(pool, every_square, &how, values, results, 2, &err) ==
          PINFOLD_E_ENDING);
    CHECK(codes[0] == PINFOLD_E_ENDING && codes[1] == PINFOLD_E_ENDING && !results[0].data);
    CHECK(pinfold_stream(pool, every_square, NULL, pull_none, no_more, NULL, &err) ==
          PINFOLD_E_ENDING);
    CHECK(pinfold_submit(pool, every_square, (pinfold_bytes){&sum, sizeof sum}, NULL, &future,
                         &err) == PINFOLD_E_ENDING);
    CHECK(future == NULL);
}

/* In batches of `chunk`, a map whose first item ends the pool. How many others were run. */
static int end_map(size_t chunk)
{
    pinfold_pool *pool = every_open(&every_options);
    struct pinfold_call how = {
        .size = sizeof how, .chunk = chunk, .codes = codes, .failed = end_it, .data = pool};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    char said[64];
    int run;

    if (!pool)
        return 0;
    prepare();
    CHECK(!pinfold_pool_ending(pool));
    CHECK(pinfold_map(pool, wait_for_the_end, &how, in, 8, out, 8, N, &err) == PINFOLD_E_ENDING);
    CHECK(codes[0] == 7);
    run = check_items(1);
    snprintf(said, sizeof said, "%d of %d items", run + 1, N);
    CHECK(err.code == PINFOLD_E_ENDING && err.index == -1 && strstr(err.text, said) != NULL);
    nothing_more(pool);
    every_close(pool);
    return run;
}

static void map_ends(void)
{
    int run = end_map(1);

    CHECK(run < N / 2);
}

/* Batches of an inline worker are done before the driver can think of it. */
static void batches_come_back(void)
{
    int run = end_map(N / 10);

    CHECK(run < (every_inline ? N / 10 : 5 * every_workers));
}

/* ---- futures */
static int slow(pinfold_task *task)
{
    const int *number = pinfold_task_arg(task).data;

    every_counts[*number]++;
    poll(NULL, 0, 5);
    *(int *)pinfold_task_out(task, sizeof(int)) = *number;
    return 0;
}

struct told {
    pinfold_pool *pool;
    int n;
};

static void end_at_first(pinfold_future *future, void *data)
{
    struct told *told = data;

    (void)future;
    if (told->n++ == 0)
        pinfold_pool_end_early(told->pool);
}

static void futures_end(void)
{
    static pinfold_future *futures[N];
    pinfold_pool *pool = every_open(&every_options);
    struct told told = {pool, 0};
    int run = 0;

    if (!pool)
        return;
    prepare();
    for (int i = 0; i < N; i++) {
        CHECK(pinfold_submit(pool, slow, (pinfold_bytes){&i, sizeof i}, NULL, &futures[i], NULL) ==
              0);
        CHECK(pinfold_future_then(futures[i], end_at_first, &told, NULL) == 0);
    }
    for (int i = 0; i < N; i++) {
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        pinfold_bytes result = {0};
        int code = pinfold_future_result(futures[i], &result, &err);
        CHECK(code == (every_counts[i] ? 0 : PINFOLD_E_ENDING));
        CHECK(code || *(const int *)result.data == i);
        CHECK(!code || err.text[0]);
        CHECK(pinfold_future_state(futures[i]) == PINFOLD_FINISHED);
        run += every_counts[i];
        pinfold_future_free(futures[i]);
    }
    CHECK(run >= 1 && run < N / 2);
    CHECK(told.n == N);
    nothing_more(pool);
    every_close(pool);
}

/* ---- streams */
struct flow {
    pinfold_pool *pool;
    int pulled, pushed, run, left_out;
};

static bool pull(void *data, pinfold_bytes *input)
{
    struct flow *flow = data;

    flow->pulled++;
    *input = (pinfold_bytes){&flow->pulled, sizeof flow->pulled};
    return true;
}

static int push(void *data, uint64_t index, pinfold_bytes result, const struct pinfold_error *error)
{
    struct flow *flow = data;

    CHECK(index == (uint64_t)flow->pushed);
    flow->pushed++;
    if (error) {
        CHECK(error->code == PINFOLD_E_ENDING && error->text[0]);
        flow->left_out++;
    } else {
        CHECK(*(const int *)result.data == (int)index + 1);
        flow->run++;
    }
    if (index == 3)
        pinfold_pool_end_early(flow->pool);
    return 0;
}

static void stream_ends(void)
{
    pinfold_pool *pool = every_open(&every_options);
    struct pinfold_call how = {.size = sizeof how, .window = 100};
    struct flow flow = {.pool = pool};
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    if (!pool)
        return;
    prepare();
    CHECK(pinfold_stream(pool, slow, &how, pull, push, &flow, &err) == PINFOLD_E_ENDING);
    CHECK(flow.pushed == flow.pulled && flow.run + flow.left_out == flow.pushed);
    CHECK(flow.run >= 4 && flow.left_out > 0);
    for (int i = 1; i <= flow.pulled; i++)
        flow.run -= every_counts[i];
    CHECK(flow.run == 0);
    nothing_more(pool);
    every_close(pool);
}

/* ---- a tree without end, and another thread */
static int sprout(pinfold_task *task)
{
    every_counts[0]++;
    poll(NULL, 0, 1);
    for (int i = 0; i < 2; i++)
        if (pinfold_task_submit(task, sprout, (pinfold_bytes){0}, NULL) != 0)
            return 1;
    return 0;
}

static void *end_from_beside(void *pool)
{
    double end = every_now() + every_patience(20);

    while (every_counts[0] < 10 && every_now() < end)
        poll(NULL, 0, 1);
    pinfold_pool_end_early(pool);
    return NULL;
}

static void tree_ends(void)
{
    pinfold_pool *pool = every_open(&every_options);
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future;
    pthread_t thread;

    if (!pool)
        return;
    every_clear();
    CHECK(pinfold_submit(pool, sprout, (pinfold_bytes){0}, NULL, &future, NULL) == 0);
    CHECK(pthread_create(&thread, NULL, end_from_beside, pool) == 0);
    CHECK(pinfold_future_result(future, NULL, &err) == PINFOLD_E_ENDING);
    CHECK(err.text[0]);
    pthread_join(thread, NULL);
    pinfold_future_free(future);
    nothing_more(pool);
    every_close(pool);
}

static void poll_returns(void)
{
    pinfold_pool *pool = every_open(&every_options);
    pthread_t thread;

    if (!pool)
        return;
    every_clear();
    every_counts[0] = 10;
    CHECK(pthread_create(&thread, NULL, end_from_beside, pool) == 0);
    while (!pinfold_pool_ending(pool))
        CHECK(pinfold_poll(pool, PINFOLD_FOREVER) == 0);
    pthread_join(thread, NULL);
    pinfold_pool_end_early(NULL);
    CHECK(!pinfold_pool_ending(NULL));
    nothing_more(pool);
    every_close(pool);
}

/* ---- the deadline */
static int until_cancelled(pinfold_task *task)
{
    double end = every_now() + every_patience(30);

    every_counts[pinfold_task_index(task)]++;
    while (!pinfold_task_cancelled(task) && every_now() < end)
        poll(NULL, 0, 1);
    return 0;
}

static int for_ever(pinfold_task *task)
{
    every_counts[pinfold_task_index(task)]++;
    for (;;)
        poll(NULL, 0, 1000);
    return 0;
}

/* Opens a pool whose deadline is so near; when that was. */
static pinfold_pool *open_until(double seconds, double margin, double *began)
{
    static char word[32];
    struct pinfold_options options = every_options;

    snprintf(word, sizeof word, "%g", seconds);
    options.deadline = word;
    options.deadline_margin = margin;
    *began = every_now();
    return every_open(&options);
}

/* A map of tasks that would be stopped; when it was. */
static double stop_map(pinfold_pool *pool, pinfold_fn *fn)
{
    struct pinfold_call how = {.size = sizeof how, .codes = codes};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int run = 0;

    prepare();
    CHECK(pinfold_map(pool, fn, &how, in, 8, NULL, 0, N, &err) == PINFOLD_E_ENDING);
    for (int i = 0; i < N; i++) {
        CHECK(codes[i] == PINFOLD_E_ENDING);
        run += every_counts[i];
    }
    CHECK(run >= 1 && run <= every_workers);
    return every_now();
}

static void deadline_stops(void)
{
    double began, ended, margin = every_patience(5), time = 1 + margin;
    pinfold_pool *pool;

    if (every_inline) {
        every_skip("an inline worker is asked by nobody while it runs a task");
        return;
    }
    pool = open_until(time, margin, &began);
    if (!pool)
        return;
    ended = stop_map(pool, until_cancelled);
    CHECK(ended >= began + time - margin && ended < began + time);
    nothing_more(pool);
    every_close(pool);
    CHECK(every_now() < began + time);
}

/* Not by `grace`, which would be behind the deadline. */
static void deadline_kills(void)
{
    double began, margin = every_patience(5), time = 1 + margin;
    pinfold_pool *pool;

    if (every_inline || every_threads || every_ranks) {
        every_skip("only a worker that is a process of its own can be ended");
        return;
    }
    pool = open_until(time, margin, &began);
    stop_map(pool, for_ever);
    every_close(pool);
    CHECK(every_now() < began + time);
}

static void estimate_is_heeded(void)
{
    struct pinfold_call how = {.size = sizeof how, .estimate = 5000, .codes = codes}, one = how;
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future;
    double began;
    pinfold_pool *pool = open_until(4000, 1, &began);
    int number = 3;

    if (!pool)
        return;
    prepare();
    CHECK(pinfold_map(pool, slow, &how, in, 8, out, 8, N, &err) == PINFOLD_E_ENDING);
    CHECK(check_items(0) == 0);
    CHECK(strstr(err.text, "0 of 400") != NULL);
    one.codes = NULL;
    CHECK(pinfold_submit(pool, slow, (pinfold_bytes){&number, sizeof number}, &one, &future,
                         &err) == 0);
    CHECK(pinfold_future_result(future, NULL, &err) == PINFOLD_E_ENDING);
    pinfold_future_free(future);

    /* What takes less is run, and in an estimate that is too low nothing is wrong. */
    CHECK(!pinfold_pool_ending(pool));
    how.estimate = 1e-9;
    CHECK(every_squares(pool, &(struct pinfold_call){.size = sizeof how, .estimate = 1}, 1000));
    CHECK(every_squares(pool, &(struct pinfold_call){.size = sizeof how, .estimate = 1e-9}, 1000));
    CHECK(every_squares(pool, NULL, 1000));
    how.estimate = -1;
    CHECK(pinfold_map(pool, slow, &how, in, 8, out, 8, N, &err) == PINFOLD_E_ARGUMENT);
    one.estimate = -1;
    CHECK(pinfold_submit(pool, slow, (pinfold_bytes){&number, sizeof number}, &one, &future,
                         &err) == PINFOLD_E_ARGUMENT);
    every_close(pool);
}

static int a_second(pinfold_task *task)
{
    double end = every_now() + every_patience(1);

    every_counts[pinfold_task_index(task)]++;
    while (every_now() < end)
        poll(NULL, 0, 1);
    return every_square(task);
}

/* Of items that take as long as the first, no second one would be done. */
static void seen_is_heeded(void)
{
    double began, margin = every_patience(5), stop = every_patience(1.9), ended;
    pinfold_pool *pool = open_until(stop + margin, margin, &began);
    struct pinfold_call how = {.size = sizeof how, .codes = codes};
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    if (!pool)
        return;
    prepare();
    CHECK(pinfold_map(pool, a_second, &how, in, 8, out, 8, N, &err) == PINFOLD_E_ENDING);
    ended = every_now();
    CHECK(check_items(0) == every_workers);
    CHECK(ended < began + stop); /* it does not wait for that */
    CHECK(!pinfold_pool_ending(pool) || every_now() >= began + stop);
    every_close(pool);
}

/* A deadline that has passed is one, and a far one costs nothing. */
static void words(void)
{
    struct pinfold_options options = every_options;
    char word[32];
    pinfold_pool *pool;

    options.deadline = "@1";
    pool = every_open(&options);
    if (pool)
        nothing_more(pool);
    every_close(pool);
    snprintf(word, sizeof word, "@%lld", (long long)time(NULL) + 100000);
    options.deadline = word;
    pool = every_open(&options);
    if (pool)
        CHECK(every_squares(pool, NULL, 10000) && !pinfold_pool_ending(pool));
    every_close(pool);
    options.deadline = "none";
    every_close(every_open(&options));
    options.deadline = "soon";
    every_refuse(&options, PINFOLD_E_ARGUMENT, NULL);
}

const struct every_test early_tests[] = {
    {"a map begins nothing more", .alone = map_ends},
    {"workers give back what they have not begun", .alone = batches_come_back},
    {"futures that were not begun complete, and call back", .alone = futures_end},
    {"a stream pulls no more", .alone = stream_ends},
    {"a tree of tasks ends, and any thread may end it", .alone = tree_ends},
    {"poll returns", .alone = poll_returns},
    {"what runs at the deadline is cancelled", .alone = deadline_stops},
    {"what does not return is ended before the deadline", .alone = deadline_kills},
    {"what is estimated to take too long is not begun", .alone = estimate_is_heeded},
    {"nor what has taken too long", .alone = seen_is_heeded},
    {"a deadline is a time, or none", .alone = words},
    {0}};
