/* The range function: a whole chunk in one call. SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "every.h"

#define N 100000

static int squares(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    const int *x = in;
    int64_t *y = out;

    (void)task;
    for (size_t i = 0; i < count; i++)
        y[i] = (int64_t)x[i] * x[i] + (int64_t)(first + i);
    return 0;
}

static void same_as_one_by_one(pinfold_pool *pool)
{
    static const size_t chunks[] = {0, 1, 10, 3333, N, 2 * N};
    int *in = malloc(N * sizeof *in);
    int64_t *out = malloc(N * sizeof *out);

    for (int i = 0; in && i < N; i++)
        in[i] = N - i;
    for (int c = 0; in && out && c < 6; c++) {
        struct pinfold_call how = {.size = sizeof how, .chunk = chunks[c]};
        bool good = true;
        memset(out, 0, N * sizeof *out);
        CHECK(pinfold_map_range(pool, squares, &how, in, sizeof *in, out, sizeof *out, N, NULL) ==
              0);
        for (int64_t i = 0; i < N; i++)
            good = good && out[i] == (N - i) * (N - i) + i;
        CHECK(good);
    }
    free(in);
    free(out);
}

static int some_bad(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    const int *x = in;

    for (size_t i = 0; i < count; i++) {
        if (x[i] < 0)
            return pinfold_task_fail(task, -x[i], "item %zu is bad", first + i);
        ((int *)out)[i] = x[i] + 1;
    }
    return 0;
}

static void each_has_its_verdict(pinfold_pool *pool)
{
    int in[1000], out[1000], codes[1000];
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    for (size_t chunk = 0; chunk <= 100; chunk += 50) {
        struct pinfold_call how = {.size = sizeof how, .chunk = chunk, .codes = codes};
        for (int i = 0; i < 1000; i++) {
            in[i] = i == 77 || i == 78 || i == 999 ? -i : i;
            out[i] = -5;
        }
        CHECK(pinfold_map_range(pool, some_bad, &how, in, sizeof *in, out, sizeof *out, 1000,
                                &err) == 77);
        CHECK(err.index == 77 && strstr(err.text, "item 77 is bad") && err.worker >= 0);
        for (int i = 0; i < 1000; i++) {
            CHECK(codes[i] == (in[i] < 0 ? -in[i] : 0));
            CHECK(out[i] == (in[i] < 0 ? -5 : i + 1));
        }
    }
}

static int nothing(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    (void)in, (void)out;
    for (size_t i = 0; i < count; i++)
        every_counts[(first + i) % EVERY_COUNTS]++;
    return count == 0 || pinfold_task_shared(task).size != 5;
}

static void without_bytes(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .shared = {"five", 5}};

    every_clear();
    CHECK(pinfold_map_range(pool, nothing, &how, NULL, 0, NULL, 0, 10 * EVERY_COUNTS, NULL) == 0);
    for (int i = 0; i < EVERY_COUNTS; i++)
        CHECK(every_counts[i] == 10);
}

/* Dies at item 50, where that costs no more than the item. */
static int crash_at_50(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    (void)in;
    for (size_t i = 0; i < count; i++) {
        if (first + i == 50 && every_isolated(pinfold_task_worker(task))) {
            every_counts[0] = 1;
            abort();
        }
        ((char *)out)[i] = 1;
    }
    return 0;
}

static void the_culprit_is_found(pinfold_pool *pool)
{
    char out[100] = {0};
    int codes[100];
    struct pinfold_call how = {.size = sizeof how, .chunk = 100, .codes = codes};

    every_clear();
    pinfold_map_range(pool, crash_at_50, &how, NULL, 0, out, 1, 100, NULL);
    for (int i = 0; i < 100; i++) {
        /* Among ranks, a second one may have run it well. */
        if (i == 50 && every_counts[0])
            CHECK(codes[i] == PINFOLD_E_TASK_SIGNAL || (every_ranks && codes[i] == 0));
        else
            CHECK(codes[i] == 0 && out[i] == 1);
    }
    if (!every_isolated(&(struct pinfold_worker){.rank = 0}))
        every_skip("nothing is isolated here");
}

const struct every_test range_tests[] = {
    {"the same results as one by one, at every chunk size", same_as_one_by_one, NULL},
    {"when a range fails, each of its items gets its own verdict", each_has_its_verdict, NULL},
    {"without input and output", without_bytes, NULL},
    {"when a range kills its worker, the item that did it is found", the_culprit_is_found, NULL},
    {NULL, NULL, NULL},
};
