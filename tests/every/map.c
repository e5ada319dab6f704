/* Map: n items in, n results out, in order. SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "every.h"

static void order_at_every_chunk(pinfold_pool *pool)
{
    static const size_t chunks[] = {0, 1, 2, 3, 7, 64, 999, 1000, 1001, 5000, (size_t)-1};

    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        struct pinfold_call how = {.size = sizeof how, .chunk = chunks[i]};
        CHECK(every_squares(pool, &how, 1000));
    }
}

/* The first items take longest, so that the last ones are done first. */
static int slow_first(pinfold_task *task)
{
    every_spin((double)(60 - pinfold_task_index(task)) * 20e-6);
    return every_square(task);
}

static void order_of_uneven_items(pinfold_pool *pool)
{
    for (size_t chunk = 0; chunk < 4; chunk++) {
        struct pinfold_call how = {.size = sizeof how, .chunk = chunk};
        int64_t in[60], out[60];
        for (int i = 0; i < 60; i++)
            in[i] = i, out[i] = -1;
        CHECK(pinfold_map(pool, slow_first, &how, in, sizeof *in, out, sizeof *out, 60, NULL) == 0);
        for (int64_t i = 0; i < 60; i++)
            CHECK(out[i] == i * i + i);
    }
}

static void numbers_of_items(pinfold_pool *pool)
{
    CHECK(pinfold_map(pool, every_square, NULL, NULL, 8, NULL, 8, 0, NULL) == 0);
    for (size_t n = 1; n < 20; n++)
        CHECK(every_squares(pool, NULL, n));
}

static void a_million_items(pinfold_pool *pool)
{
    CHECK(every_squares(pool, NULL, 1000000));
}

/* Checks its input, and writes every byte of its output. `shared` is the size of that. */
static int patterns(pinfold_task *task)
{
    pinfold_bytes in = pinfold_task_arg(task);
    size_t i = pinfold_task_index(task), out_size;
    const unsigned char *from = in.data;
    unsigned char *to;

    memcpy(&out_size, pinfold_task_shared(task).data, sizeof out_size);
    to = pinfold_task_out(task, out_size);
    for (size_t j = 0; j < in.size; j++)
        if (from[j] != (unsigned char)(31 * i + j))
            return 1;
    for (size_t j = 0; j < out_size; j++)
        to[j] = (unsigned char)(17 * i + 3 * j);
    return 0;
}

static void sizes(pinfold_pool *pool, size_t in_size, size_t out_size, size_t n)
{
    struct pinfold_call how = {.size = sizeof how, .shared = {&out_size, sizeof out_size}};
    unsigned char *in = malloc(n * in_size + 1), *out = malloc(n * out_size + 1);
    bool good = in && out;

    for (size_t i = 0; good && i < n * in_size; i++)
        in[i] = (unsigned char)(31 * (i / in_size) + i % in_size);
    if (out)
        out[n * out_size] = 0xA5;
    good = good && pinfold_map(pool, patterns, &how, in_size ? in : NULL, in_size,
                               out_size ? out : NULL, out_size, n, NULL) == 0;
    for (size_t i = 0; good && i < n * out_size; i++)
        good = out[i] == (unsigned char)(17 * (i / out_size) + 3 * (i % out_size));
    CHECK(good);
    CHECK(out && out[n * out_size] == 0xA5);
    free(in);
    free(out);
}

static void odd_sizes(pinfold_pool *pool)
{
    static const size_t bytes[] = {0, 1, 3, 16, 61, 4096, 61440, 61441, 65535, 65536, 65537};
    const size_t n = sizeof bytes / sizeof *bytes;

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            sizes(pool, bytes[i], bytes[j], 5);
    sizes(pool, 3, 61, 2000);
    sizes(pool, 0, 1, 100000);
    sizes(pool, 1, 0, 100000);
    sizes(pool, 0, 0, 100000);
}

static int look_at_out(pinfold_task *task)
{
    const char *out = pinfold_task_out(task, 100);

    if (!out || pinfold_task_out(task, 101))
        return 1;
    for (int i = 0; i < 100; i++)
        if (out[i])
            return 2;
    return 0;
}

static void out_is_zeroed(pinfold_pool *pool)
{
    static char out[500 * 100];

    memset(out, 0xFF, sizeof out);
    CHECK(pinfold_map(pool, look_at_out, NULL, NULL, 0, out, 100, 500, NULL) == 0);
    for (size_t i = 0; i < sizeof out; i++)
        CHECK(out[i] == 0);
}

static int look_at_alignment(pinfold_task *task)
{
    return (uintptr_t)pinfold_task_arg(task).data % 16 != 0;
}

static void inputs_are_aligned(pinfold_pool *pool)
{
    static char in[300 * 48];

    CHECK(pinfold_map(pool, look_at_alignment, NULL, in, 48, NULL, 0, 300, NULL) == 0);
    CHECK(pinfold_map(pool, look_at_alignment, NULL, in, 16, NULL, 0, 900, NULL) == 0);
}

static int once(pinfold_task *task)
{
    every_counts[pinfold_task_index(task)]++;
    return 0;
}

static void every_item_once(pinfold_pool *pool)
{
    every_clear();
    CHECK(pinfold_map(pool, once, NULL, NULL, 0, NULL, 0, EVERY_COUNTS, NULL) == 0);
    for (int i = 0; i < EVERY_COUNTS; i++)
        CHECK(every_counts[i] == 1);
}

static void many_maps(pinfold_pool *pool)
{
    for (int i = 0; i < 200; i++)
        CHECK(every_squares(pool, NULL, 3));
}

const struct every_test map_tests[] = {
    {"behaviour 2: results are in the order of the items at every chunk size, 0: automatic",
     order_at_every_chunk, NULL},
    {"behaviour 2: also when the last ones are done first", order_of_uneven_items, NULL},
    {"no item, one item, a few items", numbers_of_items, NULL},
    {"a million items of 8 bytes", a_million_items, NULL},
    {"items of odd sizes, and of none", odd_sizes, NULL},
    {"the output is zeroed, and has no more room than the map gave it", out_is_zeroed, NULL},
    {"inputs are aligned", inputs_are_aligned, NULL},
    {"every item is run once", every_item_once, NULL},
    {"many short maps, one after the other", many_maps, NULL},
    {NULL, NULL, NULL},
};
