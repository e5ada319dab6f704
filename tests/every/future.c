/* What a future says and does. SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "every.h"

#define GATE (EVERY_COUNTS - 1) /* tasks wait until it is not 0 */
#define HELD 400                /* more than all workers of the suite take ahead */

/* Waits for the gate, then squares. Inline it runs only when the driver waits, with the gate open. */
static int held(pinfold_task *task)
{
    double end = every_now() + every_patience(20);
    const int64_t *x = pinfold_task_arg(task).data;

    while (every_counts[GATE] == 0)
        if (every_now() > end)
            return 99;
    if (*x % 10 == 3)
        return pinfold_task_fail(task, 3, "a three");
    *(int64_t *)pinfold_task_out(task, sizeof *x) = *x * *x;
    return 0;
}

/* So many tasks behind the gate that the last ones are not taken. */
static void submit_held(pinfold_pool *pool, pinfold_future *futures[HELD])
{
    every_clear();
    for (int64_t i = 0; i < HELD; i++)
        CHECK(pinfold_submit(pool, held, (pinfold_bytes){&i, sizeof i}, NULL, &futures[i], NULL) ==
              0);
}

static void open_gate(void)
{
    every_counts[GATE] = 1;
}

/* None may be left behind when the gate is closed again, for the next test. */
static void free_all(pinfold_future *futures[HELD])
{
    for (int i = 0; i < HELD; i++) {
        CHECK(pinfold_future_wait(futures[i], PINFOLD_FOREVER, NULL) == 0);
        pinfold_future_free(futures[i]);
    }
}

static void states(pinfold_pool *pool)
{
    pinfold_future *futures[HELD], *last;
    int running = 0, pending = 0;

    submit_held(pool, futures);
    last = futures[HELD - 1];
    for (int i = 0; i < HELD; i++) {
        running += pinfold_future_state(futures[i]) == PINFOLD_RUNNING;
        pending += pinfold_future_state(futures[i]) == PINFOLD_PENDING;
    }
    CHECK(running > 0 && pending > 0 && running + pending == HELD);
    CHECK(pinfold_future_state(futures[0]) == PINFOLD_RUNNING);
    CHECK(pinfold_future_state(last) == PINFOLD_PENDING);

    CHECK(pinfold_future_cancel(last)); /* pending: yes */
    CHECK(pinfold_future_state(last) == PINFOLD_CANCELLED);
    CHECK(pinfold_future_cancel(last));        /* already: yes */
    CHECK(!pinfold_future_cancel(futures[0])); /* running: no */
    CHECK(pinfold_future_state(futures[0]) == PINFOLD_RUNNING);
    CHECK(pinfold_future_wait(last, 0, NULL) == 0);
    CHECK(pinfold_future_result(last, NULL, NULL) == PINFOLD_E_CANCELLED);

    open_gate();
    for (int64_t i = 0; i < HELD - 1; i++) {
        pinfold_bytes result = {0};
        CHECK(pinfold_future_result(futures[i], &result, NULL) == (i % 10 == 3 ? 3 : 0));
        CHECK(i % 10 == 3 || *(const int64_t *)result.data == i * i);
        CHECK(pinfold_future_state(futures[i]) == PINFOLD_FINISHED);
    }
    CHECK(!pinfold_future_cancel(futures[0])); /* finished: no */
    CHECK(!pinfold_future_cancel(futures[3])); /* with an error: no */
    CHECK(!pinfold_future_cancel(NULL));
    free_all(futures);
}

static void waits(pinfold_pool *pool)
{
    pinfold_future *futures[HELD];
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    double begin;

    submit_held(pool, futures);
    if (every_inline)
        open_gate(); /* a wait runs what it waits for */
    CHECK(every_inline || pinfold_future_wait(futures[HELD - 1], 0, &err) == PINFOLD_E_TIMEOUT);
    CHECK(every_inline || strstr(err.text, "1 of 1 unfinished"));
    begin = every_now();
    CHECK(every_inline || pinfold_future_wait(futures[0], 0.05, NULL) == PINFOLD_E_TIMEOUT);
    CHECK(every_inline || every_now() - begin >= 0.05);
    CHECK(pinfold_future_wait(futures[0], -1, NULL) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_future_wait(NULL, 1, NULL) == PINFOLD_E_ARGUMENT);
    open_gate();
    CHECK(pinfold_future_wait(futures[HELD - 1], PINFOLD_FOREVER, NULL) == 0);
    CHECK(pinfold_future_wait(futures[HELD - 1], 0, NULL) == 0);
    CHECK(pinfold_future_wait(futures[HELD - 1], -1, &err) == PINFOLD_E_ARGUMENT); /* now too */
    CHECK(strstr(err.text, "-1 s"));
    CHECK(pinfold_future_wait(futures[HELD - 1], (double)NAN, NULL) == PINFOLD_E_ARGUMENT);
    free_all(futures);
}

struct order {
    char seen[64];
    size_t n;
    pinfold_pool *pool;
    pinfold_future *other;
    int code;
};

static void note_a(pinfold_future *future, void *data)
{
    struct order *order = data;

    CHECK(pinfold_future_state(future) >= PINFOLD_FINISHED);
    order->seen[order->n++] = 'a';
}

static void note_b(pinfold_future *future, void *data)
{
    struct order *order = data;

    (void)future;
    order->seen[order->n++] = 'b';
}

static void note_c(pinfold_future *future, void *data)
{
    struct order *order = data;

    order->seen[order->n++] = 'c';
    CHECK(pinfold_future_then(future, note_b, order, NULL) == 0); /* one more, from inside */
}

static int square(pinfold_task *task)
{
    const int64_t *x = pinfold_task_arg(task).data;

    *(int64_t *)pinfold_task_out(task, sizeof *x) = *x * *x;
    return 0;
}

static void callbacks(pinfold_pool *pool)
{
    struct order order = {.n = 0};
    pinfold_future *future;
    int64_t x = 3;

    CHECK(pinfold_submit(pool, square, (pinfold_bytes){&x, sizeof x}, NULL, &future, NULL) == 0);
    CHECK(pinfold_future_then(future, note_a, &order, NULL) == 0);
    CHECK(pinfold_future_then(future, note_b, &order, NULL) == 0);
    CHECK(pinfold_future_then(future, note_c, &order, NULL) == 0);
    CHECK(pinfold_future_then(future, note_a, &order, NULL) == 0);
    CHECK(pinfold_future_then(future, NULL, &order, NULL) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_future_wait(future, PINFOLD_FOREVER, NULL) == 0);
    CHECK(pinfold_poll(pool, 0) == 0);
    CHECK(strcmp(order.seen, "abcab") == 0);
    CHECK(pinfold_future_then(future, note_a, &order, NULL) == 0); /* at once */
    CHECK(strcmp(order.seen, "abcaba") == 0);
    CHECK(pinfold_poll(pool, 0) == 0);
    CHECK(order.n == 6); /* once each */
    pinfold_future_free(future);
}

static void on_cancellation(pinfold_pool *pool)
{
    pinfold_future *futures[HELD];
    struct order order = {.n = 0};

    submit_held(pool, futures);
    CHECK(pinfold_future_then(futures[HELD - 1], note_a, &order, NULL) == 0);
    CHECK(pinfold_future_then(futures[HELD - 1], note_b, &order, NULL) == 0);
    CHECK(order.n == 0);
    CHECK(pinfold_future_cancel(futures[HELD - 1]));
    CHECK(strcmp(order.seen, "ab") == 0); /* by the cancel itself */
    CHECK(pinfold_future_cancel(futures[HELD - 1]) && order.n == 2);
    open_gate();
    free_all(futures);
}

/* What a callback may do, and what not. */
static void busy_callback(pinfold_future *future, void *data)
{
    struct order *order = data;
    int64_t x = 5;

    order->n++;
    CHECK(pinfold_poll(order->pool, 0) == PINFOLD_E_NESTED);
    CHECK(pinfold_pool_close(order->pool) == PINFOLD_E_NESTED);
    CHECK(pinfold_map(order->pool, square, NULL, &x, sizeof x, &x, sizeof x, 1, NULL) ==
          PINFOLD_E_NESTED);
    CHECK(pinfold_future_result(future, NULL, NULL) == 0); /* it is complete */
    CHECK(pinfold_submit(order->pool, square, (pinfold_bytes){&x, sizeof x}, NULL, &order->other,
                         NULL) == 0);
    CHECK(pinfold_future_wait(order->other, 0, NULL) == PINFOLD_E_NESTED);
    pinfold_future_free(future);
}

static void from_callbacks(pinfold_pool *pool)
{
    struct order order = {.pool = pool};
    pinfold_future *future;
    pinfold_bytes result = {0};
    int64_t x = 3;
    double end = every_now() + every_patience(20);

    CHECK(pinfold_submit(pool, square, (pinfold_bytes){&x, sizeof x}, NULL, &future, NULL) == 0);
    CHECK(pinfold_future_then(future, busy_callback, &order, NULL) == 0);
    while (!order.other && every_now() < end)
        CHECK(pinfold_poll(pool, 0.01) == 0);
    CHECK(order.n == 1 && order.other);
    CHECK(pinfold_future_result(order.other, &result, NULL) == 0);
    CHECK(result.size == 8 && *(const int64_t *)result.data == 25);
    pinfold_future_free(order.other);
}

static int count_it(pinfold_task *task)
{
    every_counts[*(const int *)pinfold_task_arg(task).data]++;
    return 0;
}

static void freed_while_pending(pinfold_pool *pool)
{
    enum { N = 300 };
    struct order order = {.n = 0};
    double end = every_now() + every_patience(20);
    int left = N;

    every_clear();
    for (int i = 0; i < N; i++) {
        pinfold_future *future;
        CHECK(pinfold_submit(pool, count_it, (pinfold_bytes){&i, sizeof i}, NULL, &future, NULL) ==
              0);
        if (i % 10 == 0)
            CHECK(pinfold_future_then(future, note_a, &order, NULL) == 0);
        pinfold_future_free(future);
    }
    pinfold_future_free(NULL);
    while ((left > 0 || order.n < N / 10) && every_now() < end) {
        CHECK(pinfold_poll(pool, 0.01) == 0);
        left = N;
        for (int i = 0; i < N; i++)
            left -= every_counts[i];
    }
    CHECK(left == 0 && order.n == N / 10);
}

const struct every_test future_tests[] = {
    {"behaviour 7: cancel: pending yes, running or finished no, cancelled yes", .shared = states},
    {"behaviour 9: a wait ends with the task, or in time; 0 polls, less is refused",
     .shared = waits},
    {"behaviour 10: callbacks run once, in their order; late ones at once", .shared = callbacks},
    {"behaviour 10: callbacks run on cancellation", .shared = on_cancellation},
    {"behaviour 10: a callback whose calls are refused hurts nobody; it may submit and free",
     .shared = from_callbacks},
    {"tasks whose futures are freed are run, and call back", .shared = freed_while_pending},
    {0},
};
