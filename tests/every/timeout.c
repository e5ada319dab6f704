/* Maps that run out of time. SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>

#include "every.h"

#define FAST  10
#define SEEN  (EVERY_COUNTS - 5) /* how many tasks saw that they were cancelled */
#define STUCK (EVERY_COUNTS - 2) /* and how many gave up waiting for that */

/* Ends when nobody waits for it any more. */
static int long_one(pinfold_task *task)
{
    every_counts[pinfold_task_index(task)]++;
    if (!every_cancelled(task, 20)) {
        every_counts[STUCK]++;
        return 99;
    }
    every_counts[SEEN]++;
    return 0;
}

static int fast_then_long(pinfold_task *task)
{
    if (pinfold_task_index(task) >= FAST)
        return long_one(task);
    if (pinfold_task_cancelled(task))
        return 98;
    return every_square(task);
}

static void finished_is_delivered(pinfold_pool *pool)
{
    enum { N = 1000 };
    static int64_t in[N], out[N];
    static int codes[N];
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pinfold_call how = {
        .size = sizeof how, .chunk = 1, .timeout = every_patience(0.5), .codes = codes};
    double start = every_now(), took;
    int run = 0;

    every_clear();
    for (int i = 0; i < N; i++)
        in[i] = i, out[i] = codes[i] = -1;
    CHECK(pinfold_map(pool, fast_then_long, &how, in, sizeof *in, out, sizeof *out, N, &err) ==
          PINFOLD_E_TIMEOUT);
    took = every_now() - start;
    CHECK(took >= how.timeout && took < how.timeout + every_patience(5));
    CHECK(err.code == PINFOLD_E_TIMEOUT && err.text[0]);
    for (int64_t i = 0; i < FAST; i++)
        CHECK(codes[i] == 0 && out[i] == i * i + i);
    for (int i = FAST; i < N; i++)
        CHECK(codes[i] == PINFOLD_E_CANCELLED && out[i] == -1);

    CHECK(every_squares(pool, NULL, 100));
    for (int i = FAST; i < N; i++)
        run += every_counts[i];
    CHECK(run >= 1 && run <= pinfold_pool_workers(pool)); /* the rest was never begun */
    CHECK(every_counts[STUCK] == 0);
}

/* On some backends a worker that runs a task still notices the cancellation a moment later. */
static void tasks_see_it(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .timeout = 0.05};
    double end = every_now() + every_patience(20);

    every_clear();
    CHECK(pinfold_map(pool, long_one, &how, NULL, 0, NULL, 0, 1, NULL) == PINFOLD_E_TIMEOUT);
    while (!every_counts[SEEN] && every_now() < end)
        pinfold_poll(pool, 0.01);
    CHECK(every_counts[SEEN] >= 1); /* some of the test before may be counted too */
}

static void in_a_row(pinfold_pool *pool)
{
    int codes[50];
    struct pinfold_call how = {
        .size = sizeof how, .timeout = 0.02, .codes = codes, .chunk = 0, .shared = {"x", 1}};

    every_clear();
    for (int i = 0; i < 10; i++)
        CHECK(pinfold_map(pool, long_one, &how, NULL, 0, NULL, 0, 50, NULL) == PINFOLD_E_TIMEOUT);
    CHECK(every_squares(pool, NULL, 1000));
    CHECK(every_counts[STUCK] == 0);
}

static void large_ones(pinfold_pool *pool)
{
    enum { SIZE = 1 << 20, N = 12 };
    char *in = calloc(N, SIZE), *out = calloc(N, SIZE);
    struct pinfold_call how = {.size = sizeof how, .timeout = 0.1};

    every_clear();
    CHECK(in && out);
    CHECK(pinfold_map(pool, long_one, &how, in, SIZE, out, SIZE, N, NULL) == PINFOLD_E_TIMEOUT);
    CHECK(every_squares(pool, NULL, 1000));
    CHECK(every_counts[STUCK] == 0);
    free(in);
    free(out);
}

static void time_enough(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .timeout = 1e300};

    CHECK(every_squares(pool, &how, 1000));
    how.timeout = 600;
    CHECK(every_squares(pool, &how, 1000));
}

static int range(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    (void)in, (void)out, (void)first, (void)count;
    return long_one(task);
}

static void ranges(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .timeout = 0.05, .chunk = 10};

    every_clear();
    CHECK(pinfold_map_range(pool, range, &how, NULL, 0, NULL, 0, 1000, NULL) == PINFOLD_E_TIMEOUT);
    CHECK(every_squares(pool, NULL, 1000));
    CHECK(every_counts[STUCK] == 0);
}

const struct every_test timeout_tests[] = {
    {"behaviour 4: what was finished in time is delivered, the rest is cancelled",
     finished_is_delivered, NULL},
    {"a task sees that nobody waits for it", tasks_see_it, NULL},
    {"one after the other", in_a_row, NULL},
    {"with items that do not fit into a frame", large_ones, NULL},
    {"with ranges", ranges, NULL},
    {"a time that is enough changes nothing", time_enough, NULL},
    {NULL, NULL, NULL},
};
