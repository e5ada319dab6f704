/* Tasks that make tasks. SPDX-License-Identifier: BSD-3-Clause */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "every.h"

enum { RUNS }; /* of every_counts: all tasks that have begun */

static void add(void *into, const void *other, pinfold_bytes shared)
{
    (void)shared;
    *(int64_t *)into += *(const int64_t *)other;
}

static const struct pinfold_call sum = {.size = sizeof sum, .combine = add};

static pinfold_bytes bytes_of(const int64_t *number)
{
    return (pinfold_bytes){number, sizeof *number};
}

static void leave_number(pinfold_task *task, int64_t number)
{
    *(int64_t *)pinfold_task_out(task, sizeof number) = number;
}

static int64_t number_of(const pinfold_task *task)
{
    return *(const int64_t *)pinfold_task_arg(task).data;
}

static pinfold_future *begin(pinfold_pool *pool, pinfold_fn *fn, int64_t number,
                             const struct pinfold_call *how)
{
    pinfold_future *future = NULL;

    CHECK(pinfold_submit(pool, fn, bytes_of(&number), how, &future, NULL) == 0);
    return future;
}

/* The family's number, or -1; frees the future. */
static int64_t outcome(pinfold_future *future)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_bytes result = {0};
    int64_t number = -1;

    if (future && pinfold_future_result(future, &result, &err) != 0)
        printf("# %s\n", err.text);
    else if (result.size == sizeof number)
        memcpy(&number, result.data, sizeof number);
    pinfold_future_free(future);
    return number;
}

/* A full tree: each of n makes two of n - 1; those of 0 are counted. */
static int halves(pinfold_task *task)
{
    int64_t n = number_of(task) - 1;

    every_counts[RUNS]++;
    if (n < 0) {
        leave_number(task, 1);
        return 0;
    }
    for (int i = 0; i < 2; i++)
        if (pinfold_task_submit(task, halves, bytes_of(&n), NULL) != 0)
            return 1;
    return 0;
}

static void trees(pinfold_pool *pool)
{
    for (int64_t depth = 0; depth <= 13; depth++) {
        every_clear();
        CHECK(outcome(begin(pool, halves, depth, &sum)) == INT64_C(1) << depth);
        CHECK(every_counts[RUNS] == (2 << depth) - 1);
    }
}

static void without_results(pinfold_pool *pool)
{
    pinfold_future *future;
    pinfold_bytes result = {NULL, 1};

    every_clear();
    future = begin(pool, halves, 10, NULL);
    CHECK(pinfold_future_result(future, &result, NULL) == 0);
    CHECK(result.size == 0 && every_counts[RUNS] == 2047);
    pinfold_future_free(future);
}

/* Two functions in turn, of which every one adds what it is. */
static int pong(pinfold_task *task);
static int ping(pinfold_task *task)
{
    int64_t n = number_of(task);

    leave_number(task, 1);
    for (int64_t i = 0; i < n; i++)
        if (pinfold_task_submit(task, i % 2 ? ping : pong, bytes_of(&i), NULL) != 0)
            return 1;
    return 0;
}
static int pong(pinfold_task *task)
{
    int64_t n = number_of(task);

    leave_number(task, 1000000);
    for (int64_t i = 0; i < n; i++)
        if (pinfold_task_submit(task, i % 2 ? pong : ping, bytes_of(&i), NULL) != 0)
            return 1;
    return 0;
}

static int64_t play(bool is_ping, int64_t n)
{
    int64_t total = is_ping ? 1 : 1000000;

    for (int64_t i = 0; i < n; i++)
        total += play(i % 2 ? is_ping : !is_ping, i);
    return total;
}

static void two_functions(pinfold_pool *pool)
{
    for (int64_t n = 0; n < 12; n++)
        CHECK(outcome(begin(pool, ping, n, &sum)) == play(true, n));
}

/* Each makes one, so that there is nothing to share, and no end of depth. */
static int chain(pinfold_task *task)
{
    int64_t n = number_of(task) - 1;

    leave_number(task, 1);
    return n < 0 || pinfold_task_submit(task, chain, bytes_of(&n), NULL) == 0 ? 0 : 1;
}

static int wide(pinfold_task *task)
{
    int64_t n = number_of(task), leaf = 0;

    for (int64_t i = 0; i < n; i++)
        if (pinfold_task_submit(task, halves, bytes_of(&leaf), NULL) != 0)
            return 1;
    return 0;
}

static void shapes(pinfold_pool *pool)
{
    CHECK(outcome(begin(pool, chain, 3000, &sum)) == 3001);
    CHECK(outcome(begin(pool, wide, 100000, &sum)) == 100000);
    CHECK(outcome(begin(pool, wide, 0, &sum)) == -1); /* nobody left anything */
}

static void many(pinfold_pool *pool)
{
    enum { N = 200 };
    pinfold_future *futures[N];

    for (int i = 0; i < N; i++)
        futures[i] = begin(pool, i % 3 ? halves : ping, i % 7, i % 5 ? &sum : NULL);
    CHECK(every_squares(pool, NULL, 1000)); /* a map beside them */
    for (int i = N - 1; i >= 0; i--) {
        int64_t expected = i % 3 ? INT64_C(1) << i % 7 : play(true, i % 7);
        if (i % 5 == 0)
            expected = i % 3 == 0 ? 1 : i % 7 ? -1 : 1; /* the first one's own */
        CHECK(outcome(futures[i]) == expected);
    }
}

/* Its argument and its result are large. */
static int heavy(pinfold_task *task)
{
    pinfold_bytes arg = pinfold_task_arg(task);
    int64_t *out = pinfold_task_out(task, arg.size), n;

    memcpy(out, arg.data, arg.size);
    n = out[0] - 1;
    for (int i = 0; n >= 0 && i < 2; i++) {
        int64_t *next = malloc(arg.size);
        if (!next)
            return 2;
        memcpy(next, arg.data, arg.size);
        next[0] = n;
        if (pinfold_task_submit(task, heavy, (pinfold_bytes){next, arg.size}, NULL) != 0)
            return 1;
        free(next);
    }
    return 0;
}

static void add_all(void *into, const void *other, pinfold_bytes shared)
{
    int64_t *a = into;
    const int64_t *b = other;

    (void)shared;
    for (int i = 0; i < 20000; i++)
        a[i] += b[i];
}

static void large(pinfold_pool *pool)
{
    enum { N = 20000 };
    const struct pinfold_call how = {.size = sizeof how, .combine = add_all};
    int64_t *in = calloc(N, sizeof *in);
    pinfold_future *future = NULL;
    pinfold_bytes result = {0};
    int wrong = 0;

    for (int i = 0; i < N; i++)
        in[i] = i;
    in[0] = 5;
    CHECK(pinfold_submit(pool, heavy, (pinfold_bytes){in, N * sizeof *in}, &how, &future, NULL) ==
          0);
    CHECK(pinfold_future_result(future, &result, NULL) == 0 && result.size == N * sizeof *in);
    for (int i = 1; result.size == N * sizeof *in && i < N; i++)
        wrong += ((const int64_t *)result.data)[i] != (int64_t)63 * i;
    CHECK(wrong == 0);
    pinfold_future_free(future);
    free(in);
}

/* As halves, but that of 3 on the left fails, having made both of its own. */
static int half_fails(pinfold_task *task)
{
    const int64_t *arg = pinfold_task_arg(task).data; /* n, whether it is on the left */
    int64_t next[2] = {arg[0] - 1, 0};

    every_counts[RUNS]++;
    for (int i = 0; next[0] >= 0 && i < 2; i++) {
        next[1] = arg[1] && i == 0;
        if (pinfold_task_submit(task, half_fails, (pinfold_bytes){next, sizeof next}, NULL) != 0)
            return 1;
    }
    return arg[0] == 3 && arg[1] ? pinfold_task_fail(task, 42, "no such half: %d", 3) : 0;
}

static void failures(pinfold_pool *pool)
{
    static const int64_t root[2] = {8, 1};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future = NULL;
    pinfold_bytes result = {NULL, 77};

    for (int i = 0; i < 20; i++) {
        every_clear();
        CHECK(pinfold_submit(pool, half_fails, (pinfold_bytes){root, sizeof root}, &sum, &future,
                             NULL) == 0);
        CHECK(pinfold_future_result(future, &result, &err) == 42 && result.size == 77);
        CHECK(pinfold_future_state(future) == PINFOLD_FINISHED);
        CHECK(err.code == 42 && strcmp(err.text, "no such half: 3") == 0);
        CHECK(err.worker >= 0 && err.worker < every_workers && err.host[0] && err.index == -1);
        /* All are run, but for the fourteen below that one. */
        CHECK(every_counts[RUNS] == 511 - 14);
        pinfold_future_free(future);
    }
}

static int unlike(pinfold_task *task)
{
    int64_t n = number_of(task), zero = 0;

    memset(pinfold_task_out(task, 8 + 8 * (size_t)n), 1, 8 + 8 * (size_t)n);
    return n == 0 ? 0 : pinfold_task_submit(task, unlike, bytes_of(&zero), NULL);
}

static void unlike_results(pinfold_pool *pool)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future = begin(pool, unlike, 1, &sum);

    CHECK(pinfold_future_result(future, NULL, &err) == PINFOLD_E_ARGUMENT);
    CHECK(strcmp(err.text, "results of 16 and of 8 bytes cannot be combined") == 0);
    pinfold_future_free(future);
}

/* Leaves the code that it was refused with. */
static int refused(pinfold_task *task)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int64_t zero = 0;

    leave_number(task, pinfold_task_submit(task, halves, bytes_of(&zero), &err));
    return err.code == PINFOLD_E_UNSUPPORTED ? 0 : pinfold_task_fail(task, 1, "%s", err.text);
}

static int nonsense(pinfold_task *task)
{
    int64_t zero = 0;
    pinfold_fn *nowhere = (pinfold_fn *)(uintptr_t)&zero;

    if (pinfold_task_submit(task, NULL, bytes_of(&zero), NULL) != PINFOLD_E_ARGUMENT)
        return 1;
    if (pinfold_task_submit(task, halves, (pinfold_bytes){NULL, 8}, NULL) != PINFOLD_E_ARGUMENT)
        return 2;
    if (pinfold_task_submit(task, halves, (pinfold_bytes){&zero, SIZE_MAX}, NULL) !=
        PINFOLD_E_TOO_BIG)
        return 3;
    if (pinfold_task_submit(task, nowhere, bytes_of(&zero), NULL) != PINFOLD_E_FUNCTION)
        return 4;
    leave_number(task, 5);
    return 0;
}

static void refusals(pinfold_pool *pool)
{
    int64_t out[3] = {0};

    CHECK(pinfold_map(pool, refused, NULL, NULL, 0, out, sizeof *out, 3, NULL) == 0);
    for (int i = 0; i < 3; i++)
        CHECK(out[i] == PINFOLD_E_UNSUPPORTED);
    CHECK(outcome(begin(pool, nonsense, 0, &sum)) == 5);
    CHECK(pinfold_map(pool, refused, &sum, NULL, 0, out, sizeof *out, 3, NULL) ==
          PINFOLD_E_ARGUMENT); /* combine is not for a map */
}

/* The family is as RUNNING as its first task was; it cannot be cancelled, but all together can. */
static void cancelled(pinfold_pool *pool)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future = begin(pool, halves, 16, &sum);
    double end = every_now() + every_patience(30);
    int code;

    every_clear();
    while (every_counts[RUNS] < 100 && every_now() < end)
        pinfold_poll(pool, 0.001);
    CHECK(!pinfold_future_cancel(future));
    CHECK(pinfold_pool_cancel(pool) == 0);
    code = pinfold_future_result(future, NULL, &err);
    CHECK(code == 0 || code == PINFOLD_E_CANCELLED); /* 0: it was too late */
    if (code)
        CHECK(strcmp(err.text, "a task that it had made was cancelled before it ran") == 0);
    CHECK(pinfold_future_state(future) == PINFOLD_FINISHED);
    pinfold_future_free(future);
    CHECK(outcome(begin(pool, halves, 5, &sum)) == 32);
}

/* As halves; the leaf at the left end kills its worker. */
static int dies(pinfold_task *task)
{
    const int64_t *arg = pinfold_task_arg(task).data;
    int64_t next[2] = {arg[0] - 1, 0};

    if (arg[0] == 0 && arg[1])
        raise(SIGKILL);
    for (int i = 0; next[0] >= 0 && i < 2; i++) {
        next[1] = arg[1] && i == 0;
        if (pinfold_task_submit(task, dies, (pinfold_bytes){next, sizeof next}, NULL) != 0)
            return 1;
    }
    return 0;
}

static void crashes(pinfold_pool *pool)
{
    struct pinfold_call there = {.size = sizeof there, .where = PINFOLD_ON_WORKER, .must = true};
    struct pinfold_worker worker = {.size = sizeof worker};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    static const int64_t root[2] = {10, 1};
    pinfold_future *future = NULL;

    while (there.number < every_workers &&
           (pinfold_pool_worker(pool, there.number, &worker) != 0 || !every_isolated(&worker)))
        there.number++;
    if (there.number == every_workers) {
        every_skip("nothing is isolated here");
        return;
    }
    CHECK(pinfold_submit(pool, dies, (pinfold_bytes){root, sizeof root}, &there, &future, NULL) ==
          0);
    CHECK(pinfold_future_result(future, NULL, &err) == PINFOLD_E_TASK_SIGNAL);
    CHECK(err.worker == there.number);
    pinfold_future_free(future);
    CHECK(outcome(begin(pool, halves, 10, &sum)) == 1024);
}

/* Closing waits for all that came from what was submitted, also where nobody asks. */
static void closing(void)
{
    pinfold_pool *pool = every_open(NULL);

    if (!pool)
        return;
    every_clear();
    for (int64_t i = 0; i < 10; i++)
        CHECK(pinfold_submit(pool, halves, bytes_of(&i), NULL, NULL, NULL) == 0);
    every_close(pool);
    CHECK(every_counts[RUNS] == 2 * 1023 - 10);
}

const struct every_test family_tests[] = {
    {"a tree of tasks is run, and its results are added up", trees},
    {"without combine the result is the first task's own, when all are done", without_results},
    {"tasks of one function make tasks of another", two_functions},
    {"chains, and many children of one", shapes},
    {"many families at a time, and a map beside them", many},
    {"large arguments and results", large},
    {"the first failure is the family's; all others are run, but what the failed one made",
     failures},
    {"results of different sizes cannot be combined", unlike_results},
    {"no tasks in a map, and no nonsense", refusals},
    {"a family is cancelled with all that waits, and not alone", cancelled},
    {"a crash fails the family, and no more", crashes},
    {"close waits for families", .alone = closing},
    {0},
};
