/* An argument, a result and shared bytes of several GiB: intact? SPDX-License-Identifier: BSD-3-Clause
 *
 *     huge [PINFOLD'S OPTIONS] BYTES (submit|map_bytes|shared)
 *
 * Prints "intact" on the driver. Word i of a value is a function of i and the value's seed alone, so
 * whoever has it can check it, and nobody needs the original: a byte that is lost, moved or repeated
 * shows, wherever the sizes are cut off at 31 or 32 bits. */
#include <inttypes.h>
#include <pinfold.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct order { /* "make that" */
    uint64_t size, seed;
};

static uint64_t word(uint64_t i, uint64_t seed)
{
    return (i + seed) * 0x9E3779B97F4A7C15u;
}

static void fill(void *data, uint64_t size, uint64_t seed)
{
    unsigned char *bytes = data;
    uint64_t whole = size / 8, last = word(whole, seed);

    for (uint64_t i = 0; i < whole; i++) {
        uint64_t value = word(i, seed);
        memcpy(bytes + 8 * i, &value, 8);
    }
    memcpy(bytes + 8 * whole, &last, size % 8);
}

/* Where the first wrong word is; size: nowhere. */
static uint64_t wrong_at(const void *data, uint64_t size, uint64_t seed)
{
    const unsigned char *bytes = data;
    uint64_t whole = size / 8, last = word(whole, seed);

    for (uint64_t i = 0; i < whole; i++) {
        uint64_t value;
        memcpy(&value, bytes + 8 * i, 8);
        if (value != word(i, seed))
            return 8 * i;
    }
    return memcmp(bytes + 8 * whole, &last, size % 8) ? 8 * whole : size;
}

/* ---- tasks */
static int look(pinfold_task *task, pinfold_bytes bytes)
{
    uint64_t at = wrong_at(bytes.data, bytes.size, 1), *out;

    if (at != bytes.size)
        return pinfold_task_fail(task, 1, "of %zu bytes, those at %" PRIu64 " are wrong",
                                 bytes.size, at);
    out = pinfold_task_out(task, sizeof *out);
    *out = bytes.size;
    return 0;
}

static int look_at_argument(pinfold_task *task)
{
    return look(task, pinfold_task_arg(task));
}

static int look_at_shared(pinfold_task *task)
{
    return look(task, pinfold_task_shared(task));
}

static int make(pinfold_task *task)
{
    struct order order;
    void *out;

    memcpy(&order, pinfold_task_arg(task).data, sizeof order);
    out = pinfold_task_out(task, order.size);
    if (!out)
        return 2;
    fill(out, order.size, order.seed);
    return 0;
}

/* ---- the driver. Nothing is held that is not needed: the machine may have just enough memory. */
static int complain(const char *what, const struct pinfold_error *err)
{
    fprintf(stderr, "huge: %s: %s\n", what, err->text);
    return 1;
}

static int is_size(pinfold_bytes result, uint64_t size)
{
    uint64_t got = 0;

    if (result.size == sizeof got)
        memcpy(&got, result.data, sizeof got);
    if (got != size)
        fprintf(stderr, "huge: a worker saw %" PRIu64 " bytes of %" PRIu64 "\n", got, size);
    return got == size;
}

static int is_intact(pinfold_bytes result, struct order order)
{
    uint64_t at = result.size == order.size ? wrong_at(result.data, result.size, order.seed) : 0;

    if (at != order.size)
        fprintf(stderr, "huge: a result of %zu bytes, not %" PRIu64 ", is wrong at %" PRIu64 "\n",
                result.size, order.size, at);
    return at == order.size;
}

static void *filled(uint64_t size)
{
    void *data = malloc(size);

    if (!data) {
        fprintf(stderr, "huge: the test itself is out of memory for %" PRIu64 " bytes\n", size);
        exit(1);
    }
    fill(data, size, 1);
    return data;
}

static int by_submit(pinfold_pool *pool, struct order order, struct pinfold_error *err)
{
    void *data = filled(order.size);
    pinfold_future *future;
    pinfold_bytes result = {0};
    int bad = 0, code;

    code = pinfold_submit(pool, look_at_argument, (pinfold_bytes){data, order.size}, NULL, &future,
                          err);
    free(data); /* it was copied */
    if (code || pinfold_future_result(future, &result, err))
        return complain("the argument", err);
    bad = !is_size(result, order.size);
    pinfold_future_free(future);
    if (pinfold_submit(pool, make, (pinfold_bytes){&order, sizeof order}, NULL, &future, err) ||
        pinfold_future_result(future, &result, err))
        return complain("the result", err);
    bad |= !is_intact(result, order);
    pinfold_future_free(future);
    return bad;
}

static int by_map_bytes(pinfold_pool *pool, struct order order, struct pinfold_error *err)
{
    void *data = filled(order.size);
    pinfold_bytes in = {data, order.size}, out;
    int bad;

    if (pinfold_map_bytes(pool, look_at_argument, NULL, &in, &out, 1, err))
        return complain("the argument", err);
    free(data);
    bad = !is_size(out, order.size);
    free((void *)out.data);
    in = (pinfold_bytes){&order, sizeof order};
    if (pinfold_map_bytes(pool, make, NULL, &in, &out, 1, err))
        return complain("the result", err);
    bad |= !is_intact(out, order);
    free((void *)out.data);
    return bad;
}

static int by_shared(pinfold_pool *pool, struct order order, struct pinfold_error *err)
{
    size_t n = (size_t)pinfold_pool_workers(pool);
    uint64_t *out = calloc(n, sizeof *out);
    struct pinfold_call how = {
        .size = sizeof how, .chunk = 1, .shared = {filled(order.size), order.size}};
    int bad = 0;

    if (!out || pinfold_map(pool, look_at_shared, &how, NULL, 0, out, sizeof *out, n, err))
        return complain("the shared bytes", err);
    for (size_t i = 0; i < n; i++)
        bad |= !is_size((pinfold_bytes){&out[i], sizeof out[i]}, order.size);
    free((void *)how.shared.data);
    free(out);
    return bad;
}

int main(int argc, char **argv)
{
    struct pinfold_options options = {.size = sizeof options, .log = pinfold_log_stderr};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct order order = {.seed = 2};
    pinfold_pool *pool;
    int bad;

    if (pinfold_options_parse(&options, &argc, argv, &err))
        return complain("options", &err);
    if (argc != 3)
        return 2;
    order.size = strtoull(argv[1], NULL, 10);
    if (pinfold_pool_open(&pool, &options, &err))
        return complain("open", &err);
    if (!pool)
        return 0;
    bad = !strcmp(argv[2], "submit")      ? by_submit(pool, order, &err)
          : !strcmp(argv[2], "map_bytes") ? by_map_bytes(pool, order, &err)
                                          : by_shared(pool, order, &err);
    if (pinfold_pool_close(pool))
        bad = 1;
    if (!bad)
        puts("intact");
    return bad;
}
