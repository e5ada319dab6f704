/* What people from elsewhere expect, by number, where no other file has it. A gated task waits until
 * the gate is opened. SPDX-License-Identifier: BSD-3-Clause */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "every.h"

#define GATE    (EVERY_COUNTS - 1)
#define BEGUN   (EVERY_COUNTS - 2)
#define STOPPED (EVERY_COUNTS - 3)
#define HELD    400 /* more than all workers of the suite take ahead */

static int64_t cube(int64_t x)
{
    return x * x * x - 1;
}

/* -1: waits for the gate. A multiple of 7: fails. */
static int work(pinfold_task *task)
{
    int64_t x = *(const int64_t *)pinfold_task_arg(task).data;
    double end = every_now() + every_patience(20);

    while (x == -1 && every_counts[GATE] == 0)
        if (every_now() > end)
            return 99;
    if (x % 7 == 0)
        return pinfold_task_fail(task, 7, "a seven");
    *(int64_t *)pinfold_task_out(task, sizeof x) = cube(x);
    return 0;
}

static pinfold_future *submit(pinfold_pool *pool, int64_t x)
{
    pinfold_future *future = NULL;

    CHECK(pinfold_submit(pool, work, (pinfold_bytes){&x, sizeof x}, NULL, &future, NULL) == 0);
    return future;
}

static void hold(pinfold_pool *pool, pinfold_future *futures[HELD])
{
    every_clear();
    for (int i = 0; i < HELD; i++)
        futures[i] = submit(pool, -1);
}

static void let_go(pinfold_future *futures[HELD])
{
    every_counts[GATE] = 1;
    for (int i = 0; i < HELD; i++) {
        CHECK(pinfold_future_wait(futures[i], PINFOLD_FOREVER, NULL) == 0);
        pinfold_future_free(futures[i]);
    }
}

static void submit_returns_at_once(pinfold_pool *pool)
{
    pinfold_future *futures[HELD];

    hold(pool, futures); /* nobody runs to its end, and we come here */
    for (int i = 0; i < HELD; i++)
        CHECK(pinfold_future_state(futures[i]) < PINFOLD_FINISHED);
    let_go(futures);
    for (int64_t x = 1; x < 200; x++) {
        pinfold_bytes result = {0};
        futures[0] = submit(pool, x);
        CHECK(pinfold_future_result(futures[0], &result, NULL) == (x % 7 ? 0 : 7));
        CHECK(x % 7 == 0 || (result.size == sizeof x && *(const int64_t *)result.data == cube(x)));
        pinfold_future_free(futures[0]);
    }
}

static void numbers_of_workers(void)
{
    static const char *const bad[] = {"0", "-1", "-2147483648", "two", "1.5", ""};

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct pinfold_options options = every_options;
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        char program[] = "app", word[] = "--workers", number[16];
        char *argv[] = {program, word, number, NULL};
        int argc = 3;
        snprintf(number, sizeof number, "%s", bad[i]);
        CHECK(pinfold_options_parse(&options, &argc, argv, &err) == PINFOLD_E_ARGUMENT);
        CHECK(argc == 3 && strstr(err.text, "--workers"));
    }
    for (int i = 1; i < 4; i++) {
        struct pinfold_options options = every_options;
        options.max_workers = i == 3 ? INT32_MIN : -i;
        every_refuse(&options, PINFOLD_E_ARGUMENT, NULL);
    }
}

/* ---- leaving a stream */
static bool pull(void *data, pinfold_bytes *input)
{
    static const char byte;

    ++*(int *)data;
    *input = (pinfold_bytes){&byte, 1};
    return true;
}

/* All but the first wait until nobody waits for them. */
static int until_cancelled(pinfold_task *task)
{
    double end = every_now() + every_patience(20);

    every_counts[BEGUN]++;
    while (pinfold_task_index(task) > 0 && !pinfold_task_cancelled(task))
        if (every_now() > end)
            return 99;
    every_counts[STOPPED]++;
    return 0;
}

static int leave(void *data, uint64_t index, pinfold_bytes result,
                 const struct pinfold_error *error)
{
    (void)data, (void)result;
    return index == 0 && !error ? 42 : 1;
}

static void leaving_cancels(pinfold_pool *pool)
{
    for (int unordered = 0; unordered < 2; unordered++) {
        struct pinfold_call how = {
            .size = sizeof how, .chunk = 1, .window = 3000, .unordered = unordered};
        double end = every_now() + every_patience(20);
        int pulled = 0;

        every_clear();
        CHECK(pinfold_stream(pool, until_cancelled, &how, pull, leave, &pulled, NULL) == 42);
        CHECK(every_squares(pool, NULL, 100)); /* behind what is left of it */
        while (every_counts[STOPPED] < every_counts[BEGUN] && every_now() < end)
            pinfold_poll(pool, 0.001);
        CHECK(every_counts[STOPPED] == every_counts[BEGUN]);
        CHECK(every_counts[BEGUN] >= 1 && every_counts[BEGUN] <= every_workers + 1);
        CHECK(pulled <= 3001);
    }
}

/* ---- futures */
static void note(pinfold_future *future, void *data)
{
    (void)future;
    ++*(int *)data;
}

static void truth_table(pinfold_pool *pool)
{
    enum { PENDING, RUNNING, CANCELLED, VALUE, ERROR, ROWS };
    static const struct {
        enum pinfold_state state;
        bool complete, cancel; /* whether it is, and what cancel says */
        int result;
    } table[ROWS] = {
        [PENDING] = {PINFOLD_PENDING, false, true, 0},
        [RUNNING] = {PINFOLD_RUNNING, false, false, 0},
        [CANCELLED] = {PINFOLD_CANCELLED, true, true, PINFOLD_E_CANCELLED},
        [VALUE] = {PINFOLD_FINISHED, true, false, 0},
        [ERROR] = {PINFOLD_FINISHED, true, false, 7},
    };
    pinfold_future *held[HELD], *rows[ROWS];
    int called[ROWS] = {0};

    rows[VALUE] = submit(pool, 5);
    rows[ERROR] = submit(pool, 14);
    CHECK(pinfold_future_wait(rows[VALUE], PINFOLD_FOREVER, NULL) == 0);
    CHECK(pinfold_future_wait(rows[ERROR], PINFOLD_FOREVER, NULL) == 0);
    hold(pool, held);
    rows[RUNNING] = held[0];
    rows[PENDING] = submit(pool, -1);
    rows[CANCELLED] = submit(pool, -1);
    CHECK(pinfold_future_cancel(rows[CANCELLED]));
    for (int i = 0; i < ROWS; i++) {
        CHECK(pinfold_future_state(rows[i]) == table[i].state);
        CHECK(pinfold_future_then(rows[i], note, &called[i], NULL) == 0);
        CHECK(called[i] == table[i].complete);  /* at once, or later */
        if (table[i].complete || !every_inline) /* inline, a wait runs what it waits for */
            CHECK(pinfold_future_wait(rows[i], 0, NULL) ==
                  (table[i].complete ? 0 : PINFOLD_E_TIMEOUT));
        if (table[i].complete)
            CHECK(pinfold_future_result(rows[i], NULL, NULL) == table[i].result);
        CHECK(pinfold_future_cancel(rows[i]) == table[i].cancel);
        CHECK(pinfold_future_state(rows[i]) == (i == PENDING ? PINFOLD_CANCELLED : table[i].state));
    }
    CHECK(called[PENDING] == 1 && called[RUNNING] == 0);
    let_go(held);
    CHECK(pinfold_poll(pool, 0) == 0 && called[RUNNING] == 1);
    for (int i = 0; i < ROWS; i++)
        if (i != RUNNING)
            pinfold_future_free(rows[i]);
}

static int quick(pinfold_task *task)
{
    (void)task;
    return 0;
}

/* Answers do not wait for the tasks behind them, which are held. */
static void completion_wakes(pinfold_pool *pool)
{
    if (every_inline) {
        every_skip("inline, what is behind them is run by the same wait");
        return;
    }
    for (int n = 1; n < 300; n = 3 * n + 1) {
        pinfold_future *held[HELD], *futures[300];

        for (int i = 0; i < n; i++)
            CHECK(pinfold_submit(pool, quick, (pinfold_bytes){0}, NULL, &futures[i], NULL) == 0);
        hold(pool, held);
        for (int i = 0; i < n; i++)
            if (!CHECK(pinfold_future_wait(futures[i], every_patience(10), NULL) == 0))
                break;
        let_go(held);
        for (int i = 0; i < n; i++)
            pinfold_future_free(futures[i]);
    }
}

static void cancel_other(pinfold_future *future, void *data)
{
    (void)future;
    CHECK(pinfold_future_cancel(data));
}

/* The waiter waits for the last, which the first one's callback cancels; the rest is held. */
static void cancellation_wakes(pinfold_pool *pool)
{
    for (int grouped = 0; grouped < 2; grouped++) {
        pinfold_future *held[HELD], *first, *last, *next = NULL;
        pinfold_group *group = NULL;

        every_clear();
        first = submit(pool, 1);
        hold(pool, held);
        last = submit(pool, -1);
        CHECK(pinfold_future_then(first, cancel_other, last, NULL) == 0);
        if (grouped) {
            CHECK(pinfold_group_open(pool, &group, NULL) == 0);
            CHECK(pinfold_group_add(group, last, NULL) == 0);
            CHECK(pinfold_group_next(group, every_patience(10), &next, NULL) == 0 && next == last);
            pinfold_group_close(group);
        } else {
            CHECK(pinfold_future_wait(last, every_patience(10), NULL) == 0);
        }
        CHECK(pinfold_future_state(last) == PINFOLD_CANCELLED);
        let_go(held);
        pinfold_future_free(first);
        pinfold_future_free(last);
    }
}

/* ---- pools */
static void close_after_failures(void)
{
    static const int64_t sevens[] = {7, 14, 21};
    pinfold_pool *pool = every_open(&every_options);
    pinfold_future *future;
    int64_t out[3];

    if (pool) {
        CHECK(pinfold_map(pool, work, NULL, sevens, 8, out, 8, 3, NULL) == 7);
        future = submit(pool, 7);
        every_close(pool); /* with a failure that nobody has looked at */
        CHECK(pinfold_future_result(future, NULL, NULL) == 7);
        pinfold_future_free(future);
    }
    every_close(every_open(&every_options));
}

static int second_fails(const struct pinfold_worker *worker, pinfold_bytes arg, void **state,
                        char *text, size_t text_size)
{
    (void)arg, (void)state;
    snprintf(text, text_size, "no licence for a second worker %d", worker->number);
    return worker->generation > 0 ? 42 : 0;
}

static void init_of_a_replacement_fails(void)
{
    enum { N = 300 };
    struct pinfold_options options = every_options;
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    static pinfold_future *futures[N];
    pinfold_pool *pool;
    int good = 0, broken = 0, refused = 0, n = 0;

    options.init = second_fails;
    options.tasks_per_worker = 10;
    pool = every_open(&options);
    if (pool) {
        int64_t x = 1;
        for (int i = 0; i < N && !refused; i++, n += !refused)
            refused =
                pinfold_submit(pool, work, (pinfold_bytes){&x, sizeof x}, NULL, &futures[i], NULL);
        CHECK(refused == 0 || refused == PINFOLD_E_BROKEN); /* it may be so by now */
        for (int i = 0; i < n; i++) {
            int code = pinfold_future_result(futures[i], NULL, &err);
            CHECK(code == 0 || code == PINFOLD_E_BROKEN);
            if (code)
                CHECK(strstr(err.text, "no licence for a second worker") && err.host[0]);
            good += code == 0;
            broken += code != 0;
            pinfold_future_free(futures[i]);
        }
        CHECK(good >= 10 && good <= 10 * every_workers && good + broken == n);
        CHECK(broken > 0 || refused);
        CHECK(pinfold_submit(pool, work, (pinfold_bytes){&x, sizeof x}, NULL, NULL, NULL) ==
              PINFOLD_E_BROKEN);
        CHECK(pinfold_pool_close(pool) == PINFOLD_E_BROKEN);
    }
    every_close(every_open(&every_options));
}

/* ---- sizes */
static int asks_for_too_much(pinfold_task *task)
{
    if (pinfold_task_out(task, (size_t)1 << 60) || pinfold_task_out(task, SIZE_MAX))
        return 1;
    *(char *)pinfold_task_out(task, 1) = 'x';
    return 0;
}

static void too_large(pinfold_pool *pool)
{
    static const size_t sizes[] = {(size_t)1 << 60, SIZE_MAX - 4096, SIZE_MAX};
    const int big = PINFOLD_E_TOO_BIG;
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future = NULL;
    pinfold_bytes result = {0}, out = {0};
    char byte = 0;

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        pinfold_bytes huge = {&byte, sizes[i]};
        struct pinfold_call how = {.size = sizeof how, .shared = huge};
        CHECK(pinfold_submit(pool, work, huge, NULL, &future, &err) == big);
        CHECK(!future && err.code == big && err.text[0]);
        CHECK(pinfold_map(pool, work, NULL, &byte, huge.size, NULL, 0, 1, NULL) == big);
        CHECK(pinfold_map(pool, work, NULL, NULL, 0, &byte, huge.size, 1, NULL) == big);
        CHECK(pinfold_map(pool, work, &how, NULL, 0, NULL, 0, 1, NULL) == big);
        CHECK(pinfold_map_bytes(pool, work, NULL, &huge, &out, 1, NULL) == big);
    }
    CHECK(pinfold_submit(pool, asks_for_too_much, (pinfold_bytes){0}, NULL, &future, NULL) == 0);
    CHECK(pinfold_future_result(future, &result, NULL) == 0 && result.size == 1);
    pinfold_future_free(future);
}

const struct every_test behaviour_tests[] = {
    {"behaviour 1: submit returns at once; the result equals a direct call",
     .shared = submit_returns_at_once},
    {"behaviour 1: zero or negative worker counts are an argument error",
     .alone = numbers_of_workers},
    {"behaviour 5: leaving a stream early cancels the remainder", .shared = leaving_cancels},
    {"behaviour 8: the state truth table: pending, running, cancelled, a value, an error",
     .shared = truth_table},
    {"behaviour 9: waiters wake on completion", .shared = completion_wakes},
    {"behaviour 9: waiters wake on cancellation", .shared = cancellation_wakes},
    {"behaviour 13: close may be called after a failure", .alone = close_after_failures},
    {"behaviour 14: when init fails in a replaced worker, the pool breaks with the reason",
     .alone = init_of_a_replacement_fails},
    {"behaviour 24: what is larger than can be sent is refused, never truncated",
     .shared = too_large},
    {0},
};
