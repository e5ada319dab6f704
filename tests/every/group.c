/* Futures that are waited for together. SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "every.h"

#define GATE (EVERY_COUNTS - 1)
#define N    500

/* Negative: waits for the gate first. A multiple of 7: fails. */
static int maybe(pinfold_task *task)
{
    int x = *(const int *)pinfold_task_arg(task).data;
    double end = every_now() + every_patience(20);

    while (x < 0 && every_counts[GATE] == 0)
        if (every_now() > end)
            return 99;
    if (x % 7 == 0)
        return pinfold_task_fail(task, 7, "a seven");
    *(int *)pinfold_task_out(task, sizeof x) = 3 * x;
    return 0;
}

static pinfold_future *submit(pinfold_pool *pool, int x)
{
    pinfold_future *future = NULL;

    CHECK(pinfold_submit(pool, maybe, (pinfold_bytes){&x, sizeof x}, NULL, &future, NULL) == 0);
    return future;
}

static pinfold_group *group_of(pinfold_pool *pool, pinfold_future **futures, int n)
{
    pinfold_group *group = NULL;

    CHECK(pinfold_group_open(pool, &group, NULL) == 0);
    for (int i = 0; i < n; i++)
        CHECK(pinfold_group_add(group, futures[i], NULL) == 0);
    return group;
}

static void all(pinfold_pool *pool)
{
    pinfold_future *futures[N];
    pinfold_group *group;
    int failed = 0, cancelled = 0;

    for (int i = 0; i < N; i++)
        futures[i] = submit(pool, i + 1);
    group = group_of(pool, futures, N);
    for (int i = N - 10; i < N; i++)
        cancelled += pinfold_future_cancel(futures[i]);
    CHECK(pinfold_group_wait(group, PINFOLD_UNTIL_ALL, PINFOLD_FOREVER, NULL) == 0);
    for (int i = 0; i < N; i++) {
        int code = pinfold_future_result(futures[i], NULL, NULL);
        CHECK(pinfold_future_state(futures[i]) >= PINFOLD_FINISHED);
        failed += code == 7;
        cancelled -= code == PINFOLD_E_CANCELLED;
        pinfold_future_free(futures[i]);
    }
    CHECK(failed >= (N - 10) / 7 && cancelled == 0);
    CHECK(pinfold_group_wait(group, PINFOLD_UNTIL_ALL, 0, NULL) == 0); /* an empty one */
    pinfold_group_close(group);
}

static void one_by_one(pinfold_pool *pool)
{
    pinfold_future *futures[N], *next;
    pinfold_group *group;
    bool seen[N] = {false};
    int n = 0;

    for (int i = 0; i < N; i++)
        futures[i] = submit(pool, i + 1);
    group = group_of(pool, futures, N);
    for (int i = 0; i < N; i += 3) /* a second time */
        CHECK(pinfold_group_add(group, futures[i], NULL) == 0);
    for (;;) {
        pinfold_bytes result = {0};
        int i = 0, code;
        CHECK(pinfold_group_next(group, PINFOLD_FOREVER, &next, NULL) == 0);
        if (!next)
            break;
        while (i < N && futures[i] != next)
            i++;
        if (!CHECK(i < N && !seen[i]))
            break;
        seen[i] = true;
        n++;
        code = pinfold_future_result(next, &result, NULL);
        CHECK((i + 1) % 7 == 0 ? code == 7 : code == 0 && *(const int *)result.data == 3 * (i + 1));
        if (n == 1) { /* one more while we take them */
            pinfold_future *more = submit(pool, 1);
            CHECK(pinfold_group_add(group, more, NULL) == 0);
            pinfold_future_free(more); /* and away: it leaves the group */
        }
    }
    CHECK(n == N);
    CHECK(pinfold_group_next(group, 0, &next, NULL) == 0 && next == NULL);
    pinfold_group_close(group);
    for (int i = 0; i < N; i++)
        pinfold_future_free(futures[i]);
}

static void first(pinfold_pool *pool)
{
    pinfold_future *quick, *slow = NULL, *next = NULL;
    pinfold_group *group;
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    every_clear();
    quick = submit(pool, 1);
    if (!every_inline && every_workers > 1)
        slow = submit(pool, -1);
    group = group_of(pool, &quick, 1);
    if (slow)
        CHECK(pinfold_group_add(group, slow, NULL) == 0);
    CHECK(pinfold_group_wait(group, PINFOLD_UNTIL_FIRST, PINFOLD_FOREVER, NULL) == 0);
    CHECK(pinfold_future_state(quick) == PINFOLD_FINISHED);
    CHECK(pinfold_group_next(group, 0, &next, NULL) == 0 && next == quick);
    if (slow) {
        CHECK(pinfold_group_wait(group, PINFOLD_UNTIL_ALL, 0.02, &err) == PINFOLD_E_TIMEOUT);
        CHECK(strstr(err.text, "1 of 1 unfinished"));
        next = quick;
        CHECK(pinfold_group_next(group, 0, &next, NULL) == PINFOLD_E_TIMEOUT && next == quick);
        every_counts[GATE] = 1;
        CHECK(pinfold_group_next(group, PINFOLD_FOREVER, &next, NULL) == 0 && next == slow);
    }
    CHECK(pinfold_group_wait(group, PINFOLD_UNTIL_FIRST, PINFOLD_FOREVER, NULL) == 0); /* empty */
    pinfold_group_close(group);
    pinfold_future_free(quick);
    pinfold_future_free(slow);
}

static void first_failure(pinfold_pool *pool)
{
    pinfold_future *futures[3], *next;
    pinfold_group *group;
    bool apart = !every_inline && every_workers > 1;

    every_clear();
    futures[0] = submit(pool, 7);
    futures[1] = submit(pool, apart ? -1 : 1);
    futures[2] = submit(pool, 2);
    group = group_of(pool, futures, 3);
    CHECK(pinfold_group_wait(group, PINFOLD_UNTIL_FAILURE, PINFOLD_FOREVER, NULL) == 0);
    CHECK(pinfold_future_state(futures[0]) == PINFOLD_FINISHED);
    CHECK(pinfold_future_result(futures[0], NULL, NULL) == 7);
    every_counts[GATE] = 1;
    for (int i = 0; i < 3; i++)
        CHECK(pinfold_group_next(group, PINFOLD_FOREVER, &next, NULL) == 0 && next);
    /* Without a failure it ends when all are done. */
    pinfold_future_free(futures[1]);
    futures[1] = submit(pool, 1);
    CHECK(pinfold_group_add(group, futures[1], NULL) == 0);
    CHECK(pinfold_group_wait(group, PINFOLD_UNTIL_FAILURE, PINFOLD_FOREVER, NULL) == 0);
    CHECK(pinfold_future_state(futures[1]) == PINFOLD_FINISHED);
    pinfold_group_close(group);
    for (int i = 0; i < 3; i++)
        pinfold_future_free(futures[i]);
}

static void note(pinfold_future *future, void *data)
{
    ++*(int *)data;
    pinfold_future_free(future); /* while the group cancels its neighbours */
}

static void cancel_rest(pinfold_pool *pool)
{
    pinfold_future *futures[N], *next;
    pinfold_group *group;
    size_t cancelled, left = 0;
    int called = 0;

    every_clear();
    for (int i = 0; i < N; i++) {
        futures[i] = submit(pool, -i - 1);
        CHECK(pinfold_future_then(futures[i], note, &called, NULL) == 0);
    }
    group = group_of(pool, futures, N);
    cancelled = pinfold_group_cancel(group);
    CHECK(cancelled > 0 && (size_t)called == cancelled);
    every_counts[GATE] = 1;
    while (pinfold_group_next(group, PINFOLD_FOREVER, &next, NULL) == 0 && next)
        left++;
    CHECK((size_t)called + left >= N); /* each of those that ran: given out, or freed by then */
    CHECK(pinfold_poll(pool, 0) == 0 && called == N);
    pinfold_group_close(group);
}

static void nonsense(pinfold_pool *pool)
{
    pinfold_future *future = submit(pool, 1);
    pinfold_group *group = group_of(pool, &future, 1), *other = group_of(pool, NULL, 0);
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    CHECK(pinfold_group_add(other, future, &err) == PINFOLD_E_ARGUMENT && err.text[0]);
    CHECK(pinfold_group_add(group, NULL, NULL) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_group_add(NULL, future, NULL) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_group_wait(group, (enum pinfold_until)9, 1, NULL) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_group_wait(group, PINFOLD_UNTIL_ALL, -1, NULL) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_group_cancel(NULL) == 0);
    pinfold_group_close(NULL);
    pinfold_group_close(group);
    CHECK(pinfold_group_add(other, future, NULL) == 0); /* it is free again */
    CHECK(pinfold_group_wait(other, PINFOLD_UNTIL_ALL, PINFOLD_FOREVER, NULL) == 0);
    pinfold_group_close(other);
    pinfold_future_free(future);
}

static void outlives(void)
{
    pinfold_pool *pool = every_open(&every_options);
    pinfold_future *futures[20], *next;
    pinfold_group *group = NULL;
    int n = 0;

    for (int i = 0; pool && i < 20; i++)
        futures[i] = submit(pool, i + 1);
    if (pool)
        group = group_of(pool, futures, 20);
    every_close(pool);
    while (group && pinfold_group_next(group, 0, &next, NULL) == 0 && next)
        n++;
    CHECK(!pool || n == 20);
    pinfold_group_close(group);
    for (int i = 0; pool && i < 20; i++)
        pinfold_future_free(futures[i]);
}

const struct every_test group_tests[] = {
    {"behaviour 11: waiting for all counts failed and cancelled ones as finished", .shared = all},
    {"behaviour 12: one that is added twice is given out once", .shared = one_by_one},
    {"behaviour 11: waiting for the first; a timeout says k of n unfinished", .shared = first},
    {"behaviour 11: waiting for the first failure", .shared = first_failure},
    {"cancelling the rest", .shared = cancel_rest},
    {"nonsense is refused", .shared = nonsense},
    {"a group of complete futures lives longer than their pool", .alone = outlives},
    {0},
};
