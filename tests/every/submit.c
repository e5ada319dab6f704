/* Submitting tasks one by one. SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "every.h"

/* Turns its argument around, whatever its size. */
static int turn_around(pinfold_task *task)
{
    pinfold_bytes in = pinfold_task_arg(task);
    const unsigned char *from = in.data;
    unsigned char *out = pinfold_task_out(task, in.size);

    if (((uintptr_t)from | (uintptr_t)out) % 16)
        return pinfold_task_fail(task, 9, "not aligned to 16");
    for (size_t i = 0; i < in.size; i++) {
        if (out[i])
            return pinfold_task_fail(task, 8, "byte %zu was not zero", i);
        out[i] = from[in.size - 1 - i];
    }
    return 0;
}

static unsigned char pattern(size_t i)
{
    return (unsigned char)(i * 7 + i / 251 + 1);
}

static bool arrives(pinfold_pool *pool, size_t size)
{
    unsigned char *in = malloc(size + 1);
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future = NULL;
    pinfold_bytes result = {0};
    bool good = in;

    for (size_t i = 0; good && i < size; i++)
        in[i] = pattern(i);
    good = good &&
           pinfold_submit(pool, turn_around, (pinfold_bytes){in, size}, NULL, &future, &err) == 0;
    free(in); /* it was copied */
    good = good && pinfold_future_result(future, &result, &err) == 0 && result.size == size;
    for (size_t i = 0; good && i < size; i++)
        good = ((const unsigned char *)result.data)[i] == pattern(size - 1 - i);
    if (!good)
        printf("# %zu bytes: %s\n", size, err.text);
    pinfold_future_free(future);
    return good;
}

static void any_size(pinfold_pool *pool)
{
    static const size_t sizes[] = {0,     1,     7,     8,      15,     16,      17,
                                   1000,  1024,  1025,  30000,  61423,  61424,   61425,
                                   61440, 61441, 65536, 200000, 262144, 1 << 20, 5000001};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        CHECK(arrives(pool, sizes[i]));
}

static int twice(pinfold_task *task)
{
    const int64_t *x = pinfold_task_arg(task).data;

    *(int64_t *)pinfold_task_out(task, sizeof *x) = 2 * *x;
    return 0;
}

static void many(pinfold_pool *pool)
{
    enum { N = 50000 };
    pinfold_future **futures = calloc(N, sizeof *futures);
    size_t wrong = 0;

    for (int64_t i = 0; futures && i < N; i++)
        CHECK(pinfold_submit(pool, twice, (pinfold_bytes){&i, sizeof i}, NULL, &futures[i], NULL) ==
              0);
    for (int64_t i = 0; futures && i < N; i++) {
        pinfold_bytes result = {0};
        wrong += pinfold_future_result(futures[i], &result, NULL) != 0 || result.size != sizeof i ||
                 *(const int64_t *)result.data != 2 * i;
        pinfold_future_free(futures[i]);
    }
    CHECK(futures && wrong == 0);
    free(futures);
}

static int once_more(pinfold_task *task)
{
    const int64_t *x = pinfold_task_arg(task).data;

    *(int64_t *)pinfold_task_out(task, sizeof *x) = *x + 1;
    return 0;
}

static void functions_and_maps(pinfold_pool *pool)
{
    enum { N = 300 };
    pinfold_future *futures[N];

    for (int64_t i = 0; i < N; i++)
        CHECK(pinfold_submit(pool, i % 3 ? twice : once_more, (pinfold_bytes){&i, sizeof i}, NULL,
                             &futures[i], NULL) == 0);
    CHECK(every_squares(pool, NULL, 1000)); /* a map while they wait */
    for (int64_t i = N - 1; i >= 0; i--) {
        pinfold_bytes result = {0};
        CHECK(pinfold_future_result(futures[i], &result, NULL) == 0);
        CHECK(result.size == sizeof i && *(const int64_t *)result.data == (i % 3 ? 2 * i : i + 1));
        pinfold_future_free(futures[i]);
    }
}

static int fails(pinfold_task *task)
{
    const int *code = pinfold_task_arg(task).data;

    pinfold_task_out(task, 100); /* what a task that fails leaves is no result */
    return *code > 10 ? *code : pinfold_task_fail(task, *code, "no such number: %d", *code);
}

static void failures(pinfold_pool *pool)
{
    for (int code = 1; code < 20; code += 5) {
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        pinfold_future *future = NULL;
        pinfold_bytes result = {NULL, 77};
        char text[64];
        CHECK(pinfold_submit(pool, fails, (pinfold_bytes){&code, sizeof code}, NULL, &future,
                             NULL) == 0);
        CHECK(pinfold_future_result(future, &result, &err) == code);
        CHECK(result.size == 77); /* nothing was written */
        CHECK(err.code == code && err.worker >= 0 && err.worker < every_workers && err.host[0]);
        snprintf(text, sizeof text, code > 10 ? "the function returned %d" : "no such number: %d",
                 code);
        CHECK(strcmp(err.text, text) == 0);
        CHECK(pinfold_future_result(future, NULL, NULL) == code); /* and again */
        pinfold_future_free(future);
    }
}

static int says_nothing(pinfold_task *task)
{
    (void)task;
    return 0;
}

static int changes_its_mind(pinfold_task *task)
{
    unsigned char *small = pinfold_task_out(task, 10), *large, *less;

    memset(small, 1, 10);
    large = pinfold_task_out(task, 70000);
    for (size_t i = 0; i < 70000; i++)
        if (large[i])
            return 1;
    memset(large, 2, 70000);
    less = pinfold_task_out(task, 5);
    return less == large ? 0 : 2;
}

static void sizes_of_results(pinfold_pool *pool)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future;
    pinfold_bytes result = {"x", 1};

    CHECK(pinfold_submit(pool, says_nothing, (pinfold_bytes){0}, NULL, &future, NULL) == 0);
    CHECK(pinfold_future_result(future, &result, NULL) == 0 && result.size == 0);
    pinfold_future_free(future);
    CHECK(pinfold_submit(pool, changes_its_mind, (pinfold_bytes){0}, NULL, &future, NULL) == 0);
    CHECK(pinfold_future_result(future, &result, &err) == 0 && result.size == 5 &&
          memcmp(result.data, "\2\2\2\2\2", 5) == 0);
    pinfold_future_free(future);
}

static void nonsense(pinfold_pool *pool)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pinfold_call how = {.size = sizeof how, .timeout = 1}, none = {.size = sizeof none};
    pinfold_future *future = NULL;
    pinfold_bytes nowhere = {NULL, 8}, huge = {&err, ((size_t)1 << 40) + 1};

    CHECK(pinfold_submit(pool, NULL, (pinfold_bytes){0}, NULL, &future, &err) ==
          PINFOLD_E_ARGUMENT);
    CHECK(err.code == PINFOLD_E_ARGUMENT && err.text[0]);
    CHECK(pinfold_submit(pool, twice, nowhere, NULL, &future, NULL) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_submit(pool, twice, huge, NULL, &future, NULL) == PINFOLD_E_TOO_BIG);
    CHECK(pinfold_submit(pool, twice, (pinfold_bytes){0}, &how, &future, NULL) ==
          PINFOLD_E_ARGUMENT);
    CHECK(pinfold_submit(NULL, twice, (pinfold_bytes){0}, NULL, &future, NULL) ==
          PINFOLD_E_ARGUMENT);
    CHECK(future == NULL);
    CHECK(pinfold_submit(pool, says_nothing, (pinfold_bytes){0}, &none, &future, NULL) == 0);
    CHECK(pinfold_future_result(future, NULL, NULL) == 0);
    pinfold_future_free(future);
}

static int counts(pinfold_task *task)
{
    every_counts[*(const int *)pinfold_task_arg(task).data]++;
    return 0;
}

static bool counted(int n)
{
    int good = 0;

    for (int i = 0; i < n; i++)
        good += every_counts[i] == 1;
    return good == n;
}

/* The counters are this node's: on others nobody can be seen to work. */
static void works_unobserved(pinfold_pool *pool)
{
    double end = every_now() + every_patience(20);
    int zero = 0;

    if (every_inline) {
        every_skip("inline, tasks run when the driver waits");
        return;
    }
    every_clear();
    CHECK(pinfold_submit(pool, counts, (pinfold_bytes){&zero, sizeof zero}, NULL, NULL, NULL) == 0);
    while (every_counts[0] == 0 && every_now() < end)
        ; /* the driver computes */
    CHECK(every_counts[0] == 1);
}

static void without_futures(pinfold_pool *pool)
{
    enum { N = 500 };
    double end = every_now() + every_patience(20);

    every_clear();
    for (int i = 0; i < N; i++)
        CHECK(pinfold_submit(pool, counts, (pinfold_bytes){&i, sizeof i}, NULL, NULL, NULL) == 0);
    while (!counted(N) && every_now() < end)
        CHECK(pinfold_poll(pool, 0.01) == 0);
    CHECK(counted(N));
}

static void close_completes(void)
{
    enum { N = 200 };
    pinfold_pool *pool = every_open(&every_options);
    pinfold_future *futures[N];

    for (int i = 0; pool && i < N; i++)
        CHECK(pinfold_submit(pool, counts, (pinfold_bytes){&i, sizeof i}, NULL, &futures[i],
                             NULL) == 0);
    every_close(pool);
    if (!pool)
        return;
    CHECK(counted(N));
    for (int i = 0; i < N; i++) { /* they live longer than their pool */
        CHECK(pinfold_future_state(futures[i]) == PINFOLD_FINISHED);
        CHECK(pinfold_future_result(futures[i], NULL, NULL) == 0);
        CHECK(!pinfold_future_cancel(futures[i]));
        pinfold_future_free(futures[i]);
    }
}

static void cancel_and_close(void)
{
    enum { N = 5000 };
    pinfold_pool *pool = every_open(&every_options);
    static pinfold_future *futures[N];
    int cancelled = 0, run = 0;

    for (int i = 0; pool && i < N; i++)
        CHECK(pinfold_submit(pool, counts, (pinfold_bytes){&i, sizeof i}, NULL, &futures[i],
                             NULL) == 0);
    if (pool)
        CHECK(pinfold_pool_cancel(pool) == 0);
    every_close(pool);
    for (int i = 0; pool && i < N; i++) {
        int code = pinfold_future_result(futures[i], NULL, NULL);
        CHECK(code == 0 || code == PINFOLD_E_CANCELLED);
        CHECK(every_counts[i] == (code == 0));
        cancelled += pinfold_future_state(futures[i]) == PINFOLD_CANCELLED;
        run += pinfold_future_state(futures[i]) == PINFOLD_FINISHED;
        pinfold_future_free(futures[i]);
    }
    CHECK(!pool || cancelled + run == N);
}

static void submit_again(pinfold_future *future, void *data)
{
    (void)future;
    *(int *)data = pinfold_submit(*(pinfold_pool **)((int *)data + 2), says_nothing,
                                  (pinfold_bytes){0}, NULL, NULL, NULL);
}

static void no_submit_in_close(void)
{
    struct {
        int code, pad;
        pinfold_pool *pool;
    } seen = {0};
    pinfold_future *future;

    seen.pool = every_open(&every_options);
    if (!seen.pool)
        return;
    CHECK(pinfold_submit(seen.pool, says_nothing, (pinfold_bytes){0}, NULL, &future, NULL) == 0);
    CHECK(pinfold_future_then(future, submit_again, &seen, NULL) == 0);
    pinfold_future_free(future);
    every_close(seen.pool);
    CHECK(seen.code == PINFOLD_E_CLOSING);
}

const struct every_test submit_tests[] = {
    {"arguments and results of any size arrive as they were sent", .shared = any_size},
    {"fifty thousand tasks, each with its own result", .shared = many},
    {"tasks of several functions, and a map between them", .shared = functions_and_maps},
    {"a task that fails has its code, worker, host and text", .shared = failures},
    {"a result is as long as the task says last", .shared = sizes_of_results},
    {"nonsense is refused, and changes nothing", .shared = nonsense},
    {"behaviour 23: a driver that computes does not starve its workers",
     .shared = works_unobserved},
    {"tasks whose futures nobody wants are run", .shared = without_futures},
    {"behaviour 13: close completes what was submitted, and futures live on",
     .alone = close_completes},
    {"behaviour 13: submit, cancel and close at once: nobody stays pending, or runs twice",
     .alone = cancel_and_close},
    {"behaviour 13: submit is refused while the pool is being closed", .alone = no_submit_in_close},
    {0},
};
