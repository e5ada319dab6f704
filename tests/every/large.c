/* Items of several megabytes. SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "every.h"

#define MB ((size_t)1 << 20)

static int turn_around(pinfold_task *task)
{
    pinfold_bytes in = pinfold_task_arg(task);
    size_t size;
    unsigned char *out;

    memcpy(&size, pinfold_task_shared(task).data, sizeof size);
    out = pinfold_task_out(task, size);
    for (size_t i = 0; i < size; i++)
        out[i] = in.size ? ((const unsigned char *)in.data)[in.size - 1 - i % in.size]
                         : (unsigned char)(i + pinfold_task_index(task));
    return 0;
}

static void both_ways(pinfold_pool *pool, size_t in_size, size_t out_size, size_t n)
{
    struct pinfold_call how = {.size = sizeof how, .shared = {&out_size, sizeof out_size}};
    unsigned char *in = malloc(n * in_size + 1), *out = calloc(n, out_size + 1);
    bool good = in && out;

    for (size_t i = 0; in && i < n * in_size; i++)
        in[i] = (unsigned char)(i >> 4 ^ i);
    CHECK(good && pinfold_map(pool, turn_around, &how, in, in_size, out, out_size, n, NULL) == 0);
    for (size_t k = 0; good && k < n; k++)
        for (size_t i = 0; good && i < out_size; i++) {
            unsigned char want =
                in_size ? in[k * in_size + in_size - 1 - i % in_size] : (unsigned char)(i + k);
            good = out[k * out_size + i] == want;
        }
    CHECK(good);
    free(in);
    free(out);
}

static void in_and_out(pinfold_pool *pool)
{
    both_ways(pool, 3 * MB + 1, 3 * MB + 1, 7);
}

static void in_alone(pinfold_pool *pool)
{
    both_ways(pool, 5 * MB, 1, 7);
}

static void out_alone(pinfold_pool *pool)
{
    both_ways(pool, 0, 7 * MB, 5);
}

static void many_middling(pinfold_pool *pool)
{
    both_ways(pool, 200 << 10, 150 << 10, 60);
    both_ways(pool, 50 << 10, 50 << 10, 200);
}

const struct every_test large_tests[] = {
    {"3 MB in and out", in_and_out, NULL},
    {"5 MB in", in_alone, NULL},
    {"7 MB out", out_alone, NULL},
    {"many items that just do not fit into a frame, or just do", many_middling, NULL},
    {NULL, NULL, NULL},
};
