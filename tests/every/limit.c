/* Tasks that overrun their time limit. Where a worker is a process of its own they do not return,
 * and are killed; elsewhere they look whether they are cancelled.
 * SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "every.h"

/* Not those of timeout.c: a task of it may be about to end. */
#define CHILD  (EVERY_COUNTS - 11) /* a process that a task has started */
#define KILLED (EVERY_COUNTS - 12) /* how many failures were reported with a process that is gone */
#define TIMED  (EVERY_COUNTS - 13) /* how many there were at all */
#define SEEN   (EVERY_COUNTS - 14) /* how many tasks saw that they were cancelled */
#define STUCK  (EVERY_COUNTS - 15) /* and how many did not, in time */
#define BEGUN  (EVERY_COUNTS - 16)
#define PID    (EVERY_COUNTS - 17)

static double limit(void)
{
    return every_patience(0.2);
}

/* Until its time is over. */
static int until_cancelled(pinfold_task *task)
{
    if (!every_cancelled(task, 30)) {
        every_counts[STUCK]++;
        return 99;
    }
    every_counts[SEEN]++;
    return 0;
}

static int overrun(pinfold_task *task)
{
    if (!every_isolated(pinfold_task_worker(task)))
        return until_cancelled(task);
    for (;;)
        pause();
}

static bool is_late(size_t i)
{
    return i % 20 == 13;
}

static int late_or_square(pinfold_task *task)
{
    return is_late(pinfold_task_index(task)) ? overrun(task) : every_square(task);
}

/* What each failure of these tests has to say. */
static void note(void *data, const struct pinfold_error *error)
{
    (void)data;
    every_counts[TIMED]++;
    CHECK(error->code == PINFOLD_E_TASK_TIME && is_late((size_t)error->index));
    CHECK(error->worker >= 0 && error->host[0]);
    if (!CHECK(strstr(error->text, "overran its limit of ") != NULL))
        printf("# %s\n", error->text);
    if (error->pid) {
        every_counts[KILLED]++;
        CHECK(error->status == SIGKILL && strstr(error->text, "killed"));
        CHECK(kill((pid_t)error->pid, 0) != 0 && errno == ESRCH);
    }
}

static void map_of(pinfold_pool *pool, size_t chunk)
{
    enum { N = 60 };
    static int64_t in[N], out[N];
    static int codes[N];
    struct pinfold_call how = {
        .size = sizeof how, .chunk = chunk, .codes = codes, .failed = note, .limit = limit()};
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    every_clear();
    for (int i = 0; i < N; i++)
        in[i] = i, out[i] = -1;
    CHECK(pinfold_map(pool, late_or_square, &how, in, sizeof *in, out, sizeof *out, N, &err) ==
          PINFOLD_E_TASK_TIME);
    CHECK(err.index == 13);
    for (int64_t i = 0; i < N; i++) {
        CHECK(codes[i] == (is_late((size_t)i) ? PINFOLD_E_TASK_TIME : 0));
        CHECK(out[i] == (is_late((size_t)i) ? -1 : i * i + i));
    }
    CHECK(every_counts[TIMED] == 3 && every_counts[STUCK] == 0);
    CHECK(every_counts[KILLED] + every_counts[SEEN] == 3);
    CHECK(every_counts[KILLED] == 3 || every_ranks || every_inline || every_threads);
}

static void maps(pinfold_pool *pool)
{
    map_of(pool, 0);
    map_of(pool, 1);
    map_of(pool, 60);
}

/* The child is in the task's process group. */
static int starts_a_child(pinfold_task *task)
{
    if (every_isolated(pinfold_task_worker(task)) && every_counts[CHILD] == 0) {
        pid_t child = fork();
        if (child == 0)
            for (;;)
                pause();
        every_counts[CHILD] = child;
    }
    return overrun(task);
}

static void with_its_group(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .limit = limit()};
    double end = every_now() + every_patience(20);
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    every_clear();
    CHECK(pinfold_map(pool, starts_a_child, &how, NULL, 0, NULL, 0, 2, &err) ==
          PINFOLD_E_TASK_TIME);
    CHECK(err.index == 0 && err.worker >= 0);
    while (every_counts[CHILD] && kill(every_counts[CHILD], 0) == 0 && every_now() < end)
        pinfold_poll(pool, 0.005);
    CHECK(!every_counts[CHILD] || (kill(every_counts[CHILD], 0) != 0 && errno == ESRCH));
    CHECK(every_squares(pool, &how, 100));
}

/* Looks, and returns this. */
static int returns_late(pinfold_task *task)
{
    int code = until_cancelled(task);

    return code ? code : *(const int *)pinfold_task_arg(task).data;
}

static void whatever_it_returns(pinfold_pool *pool)
{
    static const int in[] = {0, 7, -3};
    int codes[3];
    struct pinfold_call how = {.size = sizeof how, .codes = codes, .limit = every_patience(0.02)};
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    every_clear();
    CHECK(pinfold_map(pool, returns_late, &how, in, sizeof *in, NULL, 0, 3, &err) ==
          PINFOLD_E_TASK_TIME);
    for (int i = 0; i < 3; i++)
        CHECK(codes[i] == PINFOLD_E_TASK_TIME);
    CHECK(strstr(err.text, "overran its limit of ") && every_counts[STUCK] == 0);
}

static int late_range(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    for (size_t i = first; i < first + count; i++) {
        if (is_late(i))
            return overrun(task);
        ((int64_t *)out)[i - first] = 2 * ((const int64_t *)in)[i - first];
    }
    return 0;
}

static void ranges(pinfold_pool *pool)
{
    enum { N = 60 };
    static int64_t in[N], out[N];
    static int codes[N];
    struct pinfold_call how = {
        .size = sizeof how, .chunk = 5, .codes = codes, .failed = note, .limit = limit() / 2};

    every_clear();
    for (int i = 0; i < N; i++)
        in[i] = i, out[i] = -1;
    CHECK(pinfold_map_range(pool, late_range, &how, in, sizeof *in, out, sizeof *out, N, NULL) ==
          PINFOLD_E_TASK_TIME);
    for (int64_t i = 0; i < N; i++) {
        CHECK(codes[i] == (is_late((size_t)i) ? PINFOLD_E_TASK_TIME : 0));
        CHECK(out[i] == (is_late((size_t)i) ? -1 : 2 * i));
    }
    CHECK(every_counts[TIMED] == 3 && every_counts[STUCK] == 0);
}

static void add(void *into, const void *other, pinfold_bytes shared)
{
    (void)shared;
    *(int64_t *)into += *(const int64_t *)other;
}

static void reduced(pinfold_pool *pool)
{
    enum { N = 30 };
    static int64_t in[N];
    int64_t out = -1;
    struct pinfold_call how = {.size = sizeof how, .failed = note, .limit = limit()};
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    every_clear();
    CHECK(pinfold_map_reduce(pool, late_or_square, add, &how, in, sizeof *in, &out, sizeof out, N,
                             &err) == PINFOLD_E_TASK_TIME);
    CHECK(err.index == 13 && out == -1 && every_counts[TIMED] == 1);
}

static void of_any_size(pinfold_pool *pool)
{
    enum { N = 30 };
    pinfold_bytes in[N], out[N];
    int64_t x = 5;
    struct pinfold_call how = {.size = sizeof how, .failed = note, .limit = limit()};
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    every_clear();
    for (int i = 0; i < N; i++)
        in[i] = (pinfold_bytes){&x, sizeof x};
    CHECK(pinfold_map_bytes(pool, late_or_square, &how, in, out, N, &err) == PINFOLD_E_TASK_TIME);
    CHECK(err.index == 13 && every_counts[TIMED] == 1);
    for (int i = 0; i < N; i++) {
        CHECK(i == 13 ? !out[i].data : out[i].size == sizeof x);
        CHECK(i == 13 || *(const int64_t *)out[i].data == 25 + i);
        free((void *)out[i].data);
    }
}

static int late_if_odd(pinfold_task *task)
{
    return *(const int *)pinfold_task_arg(task).data % 2 ? overrun(task) : 0;
}

/* Tasks of one function with several limits. */
static void submitted(pinfold_pool *pool)
{
    enum { N = 24 };
    pinfold_future *futures[N];
    struct pinfold_call how = {.size = sizeof how};

    every_clear();
    for (int i = 0; i < N; i++) {
        int odd = i % 12 == 5;
        how.limit = odd ? limit() : i % 2 ? 0 : 1e12;
        CHECK(pinfold_submit(pool, late_if_odd, (pinfold_bytes){&odd, sizeof odd}, &how,
                             &futures[i], NULL) == 0);
    }
    for (int i = 0; i < N; i++) {
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        int code = pinfold_future_result(futures[i], NULL, &err);
        CHECK(code == (i % 12 == 5 ? PINFOLD_E_TASK_TIME : 0));
        CHECK(pinfold_future_state(futures[i]) == PINFOLD_FINISHED);
        if (code)
            CHECK(strstr(err.text, "overran its limit of ") && err.worker >= 0);
        pinfold_future_free(futures[i]);
    }
}

static int leaf(pinfold_task *task)
{
    int time = *(const int *)pinfold_task_arg(task).data;

    every_counts[BEGUN]++;
    if (time < 0)
        return overrun(task);
    every_spin(time * 1e-3);
    return 0;
}

/* Makes ten that together take longer than one may; or one that overruns. */
static int makes(pinfold_task *task)
{
    int late = *(const int *)pinfold_task_arg(task).data, time = late ? -1 : (int)(limit() * 200);

    for (int i = 0; i < (late ? 1 : 10); i++)
        if (pinfold_task_submit(task, leaf, (pinfold_bytes){&time, sizeof time}, NULL) != 0)
            return 98;
    return 0;
}

static void families(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .limit = limit()};
    pinfold_future *future;

    for (int late = 0; late < 2; late++) {
        every_clear();
        CHECK(pinfold_submit(pool, makes, (pinfold_bytes){&late, sizeof late}, &how, &future,
                             NULL) == 0);
        CHECK(pinfold_future_result(future, NULL, NULL) == (late ? PINFOLD_E_TASK_TIME : 0));
        CHECK(every_counts[BEGUN] == (late ? 1 : 10));
        pinfold_future_free(future);
    }
}

/* Far more items than one limit's time: none is blamed for the others. */
static void many_in_one(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .limit = limit()};

    for (int i = 0; i < 3; i++)
        CHECK(every_squares(pool, &how, 200000));
}

static void nonsense(pinfold_pool *pool)
{
    static const double bad[] = {-1, -1e300, NAN};
    struct pinfold_call how = {.size = sizeof how};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future = NULL;

    for (int i = 0; i < 3; i++) {
        how.limit = bad[i];
        CHECK(pinfold_map(pool, every_square, &how, NULL, 0, NULL, 0, 1, &err) ==
              PINFOLD_E_ARGUMENT);
        CHECK(strstr(err.text, "limit"));
        CHECK(pinfold_submit(pool, every_square, (pinfold_bytes){0}, &how, &future, NULL) ==
              PINFOLD_E_ARGUMENT);
    }
    how.limit = 1e300;
    CHECK(every_squares(pool, &how, 100));
}

/* ---- tasks that nobody waits for */
static int hangs_for_ever(pinfold_task *task)
{
    if (every_isolated(pinfold_task_worker(task))) {
        every_counts[BEGUN]++;
        every_counts[PID] = getpid();
    }
    return overrun(task);
}

static void abandoned(void)
{
    struct pinfold_options options = every_options;
    struct pinfold_call how = {.size = sizeof how, .timeout = every_patience(0.3), .chunk = 1};
    double end = every_now() + every_patience(30);
    pinfold_pool *pool;

    options.grace = 0.2;
    pool = every_open(&options);
    if (!pool)
        return;
    CHECK(pinfold_map(pool, hangs_for_ever, &how, NULL, 0, NULL, 0, 1000, NULL) ==
          PINFOLD_E_TIMEOUT);
    CHECK(every_counts[STUCK] == 0);
    while (every_counts[BEGUN] && kill(every_counts[PID], 0) == 0 && every_now() < end)
        pinfold_poll(pool, 0.01);
    CHECK(!every_counts[BEGUN] || kill(every_counts[PID], 0) != 0);
    CHECK(every_squares(pool, NULL, 1000)); /* with all workers that there were */
    every_close(pool);
}

const struct every_test limit_tests[] = {
    {"behaviour 18: a task that overruns its limit is stopped, and reported as timed out",
     .shared = maps},
    {"behaviour 18: what it has started is killed with it", .shared = with_its_group},
    {"one that returns late fails, whatever it returns", .shared = whatever_it_returns},
    {"a range has the time of all its items, and the culprit is found", .shared = ranges},
    {"of maps that combine", .shared = reduced},
    {"of items of any size", .shared = of_any_size},
    {"of submitted tasks, each its own", .shared = submitted},
    {"what a task makes has the limit anew", .shared = families},
    {"many short tasks are not taken for one long one", .shared = many_in_one},
    {"a negative one is an argument error", .shared = nonsense},
    {"a worker in a task that nobody waits for is ended, and the pool goes on", .alone = abandoned},
    {0},
};
