/* Items of several megabytes. SPDX-License-Identifier: BSD-3-Clause */
#include <signal.h>
#include <stdio.h>
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

/* ---- values of any size, at the sizes at which they travel in another way: alone in a frame, held
 * rather than copied, in several pieces. */
static int move_on(pinfold_task *task)
{
    pinfold_bytes in = pinfold_task_arg(task);
    unsigned char *out = pinfold_task_out(task, in.size);

    memcpy(out, in.data, in.size); /* as a whole: sanitizers look at each byte of a loop */
    out[0] ^= 1;
    out[in.size - 1] ^= 2;
    return (uintptr_t)in.data % 16 || (uintptr_t)out % 16;
}

static bool is_moved_on(pinfold_bytes in, pinfold_bytes out)
{
    const unsigned char *a = in.data, *b = out.data;
    size_t last = in.size - 1;

    return in.size == out.size && b[0] == (a[0] ^ 1) && b[last] == (a[last] ^ 2) &&
           memcmp(a + 1, b + 1, in.size - 2) == 0;
}

#define BORDERS 17
/* clang-format off */
static const size_t borders[BORDERS] = {
    60 * 1024 - 17, 60 * 1024 - 16, 60 * 1024 - 15, 60 * 1024 + 1,
    MB - 17, MB - 16, MB - 15, MB, MB + 1,
    16 * MB - 17, 16 * MB - 16, 16 * MB - 15, 16 * MB,
    32 * MB - 16, 32 * MB - 15, 40 * MB - BORDERS, 7};
/* clang-format on */

static void fill_borders(pinfold_bytes *in, unsigned char *data)
{
    for (size_t i = 0; i < 40 * MB; i++)
        data[i] = (unsigned char)(i ^ i >> 8 ^ i >> 16);
    for (int i = 0; i < BORDERS; i++)
        in[i] = (pinfold_bytes){data + i, borders[i]};
}

static void submitted(pinfold_pool *pool)
{
    pinfold_bytes in[BORDERS], out;
    unsigned char *data = malloc(40 * MB);
    pinfold_future *future;

    fill_borders(in, data);
    for (int i = 0; i < BORDERS; i++) {
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        CHECK(pinfold_submit(pool, move_on, in[i], NULL, &future, NULL) == 0);
        if (!CHECK(pinfold_future_result(future, &out, &err) == 0 && is_moved_on(in[i], out)))
            printf("# of %zu bytes: %s\n", in[i].size, err.text);
        pinfold_future_free(future);
    }
    free(data);
}

static void mapped(pinfold_pool *pool)
{
    pinfold_bytes in[BORDERS], out[BORDERS];
    unsigned char *data = malloc(40 * MB);

    fill_borders(in, data);
    CHECK(pinfold_map_bytes(pool, move_on, NULL, in, out, BORDERS, NULL) == 0);
    for (int i = 0; i < BORDERS; i++) {
        CHECK(is_moved_on(in[i], out[i]));
        free((void *)out[i].data);
    }
    free(data);
}

/* Each is asked for its part of what all have: they must not have it in each other's way. */
static int part_of_shared(pinfold_task *task)
{
    pinfold_bytes shared = pinfold_task_shared(task);
    const unsigned char *at = shared.data;
    uint64_t sum = 0;

    for (size_t i = pinfold_task_index(task); i < shared.size; i += 40)
        sum += at[i] * (i + 1);
    *(uint64_t *)pinfold_task_out(task, sizeof sum) = sum;
    return (uintptr_t)at % 16 != 0;
}

static void shared_by_all(pinfold_pool *pool)
{
    unsigned char *data = malloc(17 * MB);
    struct pinfold_call how = {.size = sizeof how, .shared = {data, 17 * MB - 3}, .chunk = 1};
    uint64_t out[40], want[40] = {0};

    for (size_t i = 0; i < how.shared.size; i++) {
        data[i] = (unsigned char)(i ^ i >> 9);
        want[i % 40] += data[i] * (i + 1);
    }
    CHECK(pinfold_map(pool, part_of_shared, &how, NULL, 0, out, sizeof *out, 40, NULL) == 0);
    CHECK(memcmp(out, want, sizeof want) == 0);
    free(data);
}

/* One large argument that its worker dies of does not take the next one with it. */
static int die_of_it(pinfold_task *task)
{
    pinfold_bytes in = pinfold_task_arg(task);

    if (((const unsigned char *)in.data)[in.size - 1] == 1 &&
        every_isolated(pinfold_task_worker(task)))
        raise(SIGKILL);
    *(unsigned char *)pinfold_task_out(task, 1) = ((const unsigned char *)in.data)[in.size - 1];
    return 0;
}

static void with_deaths(pinfold_pool *pool)
{
    unsigned char *data = calloc(1, 5 * MB);
    pinfold_future *futures[9];
    pinfold_bytes out;

    for (int i = 0; i < 9; i++) {
        data[5 * MB - 1] = (unsigned char)(i % 3);
        CHECK(pinfold_submit(pool, die_of_it, (pinfold_bytes){data, 5 * MB}, NULL, &futures[i],
                             NULL) == 0);
    }
    for (int i = 0; i < 9; i++) {
        int code = pinfold_future_result(futures[i], &out, NULL);
        if (code)
            CHECK(code == PINFOLD_E_TASK_SIGNAL && i % 3 == 1);
        else
            CHECK(out.size == 1 && *(const unsigned char *)out.data == i % 3);
        pinfold_future_free(futures[i]);
    }
    free(data);
}

/* A task that makes tasks, each with an argument of 3 MB and as large a result: all become one. */
static void add_bytes(void *into, const void *other, pinfold_bytes shared)
{
    (void)shared;
    for (size_t i = 0; i < 3 * MB; i++)
        ((unsigned char *)into)[i] += ((const unsigned char *)other)[i];
}

static int pass_on(pinfold_task *task)
{
    pinfold_bytes in = pinfold_task_arg(task);

    memcpy(pinfold_task_out(task, in.size), in.data, in.size);
    return 0;
}

static int make_three(pinfold_task *task)
{
    for (int i = 0; i < 3; i++)
        if (pinfold_task_submit(task, pass_on, pinfold_task_arg(task), NULL) != 0)
            return 1;
    return pass_on(task);
}

static void of_a_family(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .combine = add_bytes};
    unsigned char *data = malloc(3 * MB);
    pinfold_future *futures[2];

    for (size_t i = 0; i < 3 * MB; i++)
        data[i] = (unsigned char)(i ^ i >> 7);
    for (int k = 0; k < 2; k++)
        CHECK(pinfold_submit(pool, make_three, (pinfold_bytes){data, 3 * MB}, &how, &futures[k],
                             NULL) == 0);
    for (int k = 0; k < 2; k++) {
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        pinfold_bytes out = {0};
        bool good = pinfold_future_result(futures[k], &out, &err) == 0 && out.size == 3 * MB;
        for (size_t i = 0; good && i < 3 * MB; i++)
            good = ((const unsigned char *)out.data)[i] == (unsigned char)(4 * data[i]);
        if (!CHECK(good))
            printf("# %s\n", err.text);
        pinfold_future_free(futures[k]);
    }
    free(data);
}

const struct every_test large_tests[] = {
    {"3 MB in and out", in_and_out, NULL},
    {"5 MB in", in_alone, NULL},
    {"7 MB out", out_alone, NULL},
    {"many items that just do not fit into a frame, or just do", many_middling, NULL},
    {"submitted values of sizes at which they travel in another way", submitted, NULL},
    {"mapped values of such sizes", mapped, NULL},
    {"17 MB that all share", shared_by_all, NULL},
    {"3 MB in and out of tasks that a task makes, added up", of_a_family, NULL},
    {"5 MB that a worker dies of, and the next 5 MB", with_deaths, NULL},
    {NULL, NULL, NULL},
};
