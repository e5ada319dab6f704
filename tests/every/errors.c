/* Items that fail, and calls that make no sense. SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "every.h"

#define N 200

static int sevens_fail(pinfold_task *task)
{
    int i = (int)pinfold_task_index(task);

    *(int *)pinfold_task_out(task, sizeof i) = 10 * i;
    return i % 7 == 3 ? pinfold_task_fail(task, 1000 + i, "no %d today", i) : 0;
}

struct heard {
    int calls, wrong;
    bool seen[N];
};

static void hear(void *data, const struct pinfold_error *error)
{
    struct heard *heard = data;
    char text[64];

    heard->calls++;
    snprintf(text, sizeof text, "no %d today", (int)error->index);
    if (error->index < 0 || error->index >= N || error->index % 7 != 3 ||
        heard->seen[error->index] || error->code != 1000 + error->index ||
        !strstr(error->text, text) || error->worker < 0 || !error->host[0])
        heard->wrong++;
    else
        heard->seen[error->index] = true;
}

static void at_their_own_position(pinfold_pool *pool)
{
    for (size_t chunk = 0; chunk < 10; chunk += 3) {
        struct heard heard = {0};
        int out[N], codes[N];
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        struct pinfold_call how = {
            .size = sizeof how, .chunk = chunk, .codes = codes, .failed = hear, .data = &heard};

        for (int i = 0; i < N; i++)
            out[i] = codes[i] = -7;
        CHECK(pinfold_map(pool, sevens_fail, &how, NULL, 0, out, sizeof *out, N, &err) == 1003);
        CHECK(err.code == 1003 && err.index == 3 && strstr(err.text, "no 3 today"));
        CHECK(err.worker >= 0 && err.worker < pinfold_pool_workers(pool) && err.host[0]);
        CHECK(heard.calls == 29 && heard.wrong == 0);
        for (int i = 0; i < N; i++) {
            CHECK(codes[i] == (i % 7 == 3 ? 1000 + i : 0));
            CHECK(out[i] == (i % 7 == 3 ? -7 : 10 * i));
        }
    }
}

static int silent(pinfold_task *task)
{
    static const int codes[] = {1, 255, 256, 65536, 0x7FFFFFFF, -1, -302, -404};

    return codes[pinfold_task_index(task)];
}

static void codes_are_kept(pinfold_pool *pool)
{
    int codes[8];
    struct pinfold_call how = {.size = sizeof how, .codes = codes};
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    CHECK(pinfold_map(pool, silent, &how, NULL, 0, NULL, 0, 8, &err) == 1);
    CHECK(err.index == 0 && err.text[0]);
    CHECK(codes[0] == 1 && codes[1] == 255 && codes[2] == 256 && codes[3] == 65536);
    CHECK(codes[4] == 0x7FFFFFFF);
    for (int i = 5; i < 8; i++)
        CHECK(codes[i] == PINFOLD_E_TASK_CODE);
}

static int wordy(pinfold_task *task)
{
    char text[3000];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    return pinfold_task_fail(task, 5, "%s", text);
}

static void long_texts(pinfold_pool *pool)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    CHECK(pinfold_map(pool, wordy, NULL, NULL, 0, NULL, 0, 3, &err) == 5);
    CHECK(strlen(err.text) > 100 && strspn(err.text, "x") == strlen(err.text));
}

static void all_fail(pinfold_pool *pool)
{
    static int codes[5000];
    struct pinfold_call how = {.size = sizeof how, .codes = codes};
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    CHECK(pinfold_map(pool, wordy, &how, NULL, 0, NULL, 0, 5000, &err) == 5);
    CHECK(err.index == 0);
    for (int i = 0; i < 5000; i++)
        CHECK(codes[i] == 5);
}

static pinfold_pool *inside;
static int nested_codes[4];

static void call_back(void *data, const struct pinfold_error *error)
{
    char out[1];

    (void)error;
    *(int *)data += 1;
    nested_codes[0] = pinfold_map(inside, wordy, NULL, NULL, 0, NULL, 0, 1, NULL);
    nested_codes[1] = pinfold_map_range(inside, NULL, NULL, NULL, 0, out, 1, 1, NULL);
    nested_codes[2] = pinfold_poll(inside, 0);
    nested_codes[3] = pinfold_pool_close(inside);
}

static void no_calls_from_callbacks(pinfold_pool *pool)
{
    int calls = 0;
    struct pinfold_call how = {.size = sizeof how, .failed = call_back, .data = &calls};

    inside = pool;
    CHECK(pinfold_map(pool, wordy, &how, NULL, 0, NULL, 0, 4, NULL) == 5);
    CHECK(calls == 4);
    for (int i = 0; i < 4; i++)
        CHECK(nested_codes[i] == PINFOLD_E_NESTED);
}

static int map_with(pinfold_pool *pool, pinfold_fn *fn, struct pinfold_call how, const void *in,
                    size_t in_size, void *out, size_t out_size)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int code;

    how.size = sizeof how;
    code = pinfold_map(pool, fn, &how, in, in_size, out, out_size, 1, &err);
    CHECK(err.code == code && err.text[0]);
    return code;
}

static void arguments(pinfold_pool *pool)
{
    const struct pinfold_call plain = {0};
    char byte = 0;
    const int bad = PINFOLD_E_ARGUMENT, big = PINFOLD_E_TOO_BIG;

    CHECK(map_with(pool, NULL, plain, NULL, 0, NULL, 0) == bad);
    CHECK(map_with(pool, silent, plain, NULL, 1, NULL, 0) == bad);
    CHECK(map_with(pool, silent, plain, NULL, 0, NULL, 1) == bad);
    CHECK(map_with(pool, silent, plain, &byte, ((size_t)1 << 40) + 1, NULL, 0) == big);
    CHECK(map_with(pool, silent, plain, NULL, 0, &byte, ((size_t)1 << 40) + 1) == big);
    CHECK(map_with(pool, silent, plain, NULL, 0, &byte, (size_t)-1) == big);
    CHECK(map_with(pool, silent, (struct pinfold_call){.timeout = -1}, NULL, 0, NULL, 0) == bad);
    CHECK(map_with(pool, silent, (struct pinfold_call){.timeout = (double)NAN}, NULL, 0, NULL, 0) ==
          bad);
    CHECK(map_with(pool, silent, (struct pinfold_call){.shared = {NULL, 1}}, NULL, 0, NULL, 0) ==
          bad);
    CHECK(map_with(pool, silent, (struct pinfold_call){.shared = {&byte, (size_t)2 << 40}}, NULL, 0,
                   NULL, 0) == big);
    CHECK(map_with(NULL, silent, plain, NULL, 0, NULL, 0) == bad);
    CHECK(pinfold_map_range(pool, NULL, NULL, NULL, 0, NULL, 0, 1, NULL) == bad);
}

/* Not part of any module: what a trampoline or a JIT hands out. */
static void functions_without_a_module(pinfold_pool *pool)
{
    static char heap_like[64];
    pinfold_fn *fn;
    void *address = heap_like;
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    char *stack = (char *)&address;

    memcpy(&fn, &stack, sizeof fn);
    CHECK(pinfold_map(pool, fn, NULL, NULL, 0, NULL, 0, 1, &err) == PINFOLD_E_FUNCTION);
    CHECK(err.text[0]);
}

const struct every_test errors_tests[] = {
    {"behaviour 3: a failing item is told at its own position; all others are there",
     at_their_own_position, NULL},
    {"the function's codes are kept, negative ones are refused", codes_are_kept, NULL},
    {"a long text is cut, not lost", long_texts, NULL},
    {"behaviour 22: all items may fail, and nothing hangs", all_fail, NULL},
    {"a callback cannot use its pool", no_calls_from_callbacks, NULL},
    {"arguments that make no sense", arguments, NULL},
    {"a function of no module is refused", functions_without_a_module, NULL},
    {NULL, NULL, NULL},
};
