/* perf_submit [--submit | --stream | --tree | --range | --reduce] [--chunk N] [--items N]
 * [POOL OPTION...]: items per second, of 8 bytes with results of 8 bytes, that cost nothing: a map over them, or
 * futures that are submitted and collected one by one, or a stream, whose peak memory on both sides
 * is said too (it keeps neither inputs nor results), or a tree of tasks that make tasks, or one sum of them all. SPDX-License-Identifier: BSD-3-Clause */
#include "pool.h"

#include <unistd.h>

static int null_item(pinfold_task *task)
{
    memcpy(pinfold_task_out(task, sizeof(uint64_t)), pinfold_task_arg(task).data, sizeof(uint64_t));
    return 0;
}

static int null_range(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    const uint64_t *from = in;
    uint64_t *to = out;
    (void)task;
    (void)first;
    for (size_t i = 0; i < count; i++)
        to[i] = from[i];
    return 0;
}

static void add(void *into, const void *other, pinfold_bytes shared)
{
    (void)shared;
    *(uint64_t *)into += *(const uint64_t *)other;
}

/* One sum, of which no more than out[0] is written: it is given back as what a map would give. */
static int reduce(pinfold_pool *pool, const struct pinfold_call *how, const uint64_t *in,
                  uint64_t *out, size_t n, struct pinfold_error *err)
{
    uint64_t sum = 0;
    int code =
        pinfold_map_reduce(pool, null_item, add, how, in, sizeof *in, &sum, sizeof sum, n, err);

    if (code == 0 && sum == (uint64_t)n * (n - 1) / 2)
        memcpy(out, in, n * sizeof *out);
    return code;
}

static int map(pinfold_pool *pool, int range, const struct pinfold_call *how, const uint64_t *in,
               uint64_t *out, size_t n, struct pinfold_error *err)
{
    if (range)
        return pinfold_map_range(pool, null_range, how, in, sizeof *in, out, sizeof *out, n, err);
    return pinfold_map(pool, null_item, how, in, sizeof *in, out, sizeof *out, n, err);
}

static int submit(pinfold_pool *pool, const uint64_t *in, uint64_t *out, size_t n,
                  struct pinfold_error *err)
{
    pinfold_future **futures = malloc(n * sizeof *futures);
    int code = futures ? 0 : 1;

    for (size_t i = 0; !code && i < n; i++)
        code = pinfold_submit(pool, null_item, (pinfold_bytes){in + i, sizeof *in}, NULL,
                              &futures[i], err);
    for (size_t i = 0; !code && i < n; i++) {
        pinfold_bytes result;
        code = pinfold_future_result(futures[i], &result, err);
        if (!code)
            memcpy(out + i, result.data, sizeof *out);
        pinfold_future_free(futures[i]);
    }
    free(futures);
    return code;
}

struct numbers {
    uint64_t next, n, back;
};

static bool pull_number(void *data, pinfold_bytes *input)
{
    struct numbers *numbers = data;
    static uint64_t now;

    now = numbers->next++;
    *input = (pinfold_bytes){&now, sizeof now};
    return now < numbers->n;
}

static int push_number(void *data, uint64_t index, pinfold_bytes result,
                       const struct pinfold_error *error)
{
    struct numbers *numbers = data;

    (void)error;
    return result.size != sizeof index || *(const uint64_t *)result.data != numbers->back++;
}

/* In MB, the most that it ever had. */
static long peak_of(int64_t pid)
{
    char path[64], line[256];
    long kb = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%lld/status", (long long)pid);
    file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        sscanf(line, "VmHWM: %ld", &kb);
    if (file)
        fclose(file);
    return kb / 1000;
}

static int stream(pinfold_pool *pool, size_t n)
{
    struct numbers numbers = {.n = n};
    struct pinfold_worker worker = {.size = sizeof worker};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    double start = perf_now();

    perf_check(pinfold_stream(pool, null_item, NULL, pull_number, push_number, &numbers, &err),
               &err);
    pinfold_pool_worker(pool, 0, &worker);
    printf("items %zu\nrate %.0f\ndriver_mb %ld\nworker_mb %ld\n", n,
           (double)n / (perf_now() - start), peak_of(getpid()), peak_of(worker.pid));
    return pinfold_pool_close(pool) != 0;
}

/* Makes two of the next level, and counts itself. */
static int branch(pinfold_task *task)
{
    uint64_t level = *(const uint64_t *)pinfold_task_arg(task).data;

    *(uint64_t *)pinfold_task_out(task, sizeof level) = 1;
    if (level-- == 0)
        return 0;
    for (int i = 0; i < 2; i++)
        if (pinfold_task_submit(task, branch, (pinfold_bytes){&level, sizeof level}, NULL) != 0)
            return 1;
    return 0;
}

static int tree(pinfold_pool *pool, uint64_t levels)
{
    struct pinfold_call how = {.size = sizeof how, .combine = add};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    uint64_t n = (UINT64_C(2) << levels) - 1;
    pinfold_future *future = NULL;
    pinfold_bytes result;
    double start = perf_now();

    perf_check(
        pinfold_submit(pool, branch, (pinfold_bytes){&levels, sizeof levels}, &how, &future, &err),
        &err);
    perf_check(pinfold_future_result(future, &result, &err), &err);
    if (*(const uint64_t *)result.data != n)
        return 1;
    printf("items %llu\nrate %.0f\ndriver_mb %ld\n", (unsigned long long)n,
           (double)n / (perf_now() - start), peak_of(getpid()));
    pinfold_future_free(future);
    return pinfold_pool_close(pool) != 0;
}

int main(int argc, char **argv)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_pool *pool = perf_open(&argc, argv);
    if (pool == NULL)
        return 0;

    size_t n = (size_t)perf_option(argc, argv, "--items", 2e6);
    int range = perf_flag(argc, argv, "--range"), one_by_one = perf_flag(argc, argv, "--submit");
    struct pinfold_call how = {.size = sizeof how,
                               .chunk = (size_t)perf_option(argc, argv, "--chunk", 0)};
    if (perf_flag(argc, argv, "--stream"))
        return stream(pool, n);
    if (perf_flag(argc, argv, "--tree"))
        return tree(pool, (uint64_t)perf_option(argc, argv, "--levels", 20));
    uint64_t *in = malloc(n * sizeof *in), *out = malloc(n * sizeof *out);
    if (in == NULL || out == NULL)
        return 1;
    for (size_t i = 0; i < n; i++)
        in[i] = i;

    int sum = perf_flag(argc, argv, "--reduce");

    /* The first round touches the pages and lets the pool learn what the items take. */
    memset(out, 0, n * sizeof *out);
    size_t few = n / 10 + 1;
    perf_check(one_by_one ? submit(pool, in, out, few, &err)
               : sum      ? reduce(pool, &how, in, out, few, &err)
                          : map(pool, range, &how, in, out, few, &err),
               &err);
    double start = perf_now();
    perf_check(one_by_one ? submit(pool, in, out, n, &err)
               : sum      ? reduce(pool, &how, in, out, n, &err)
                          : map(pool, range, &how, in, out, n, &err),
               &err);
    double seconds = perf_now() - start;

    if (memcmp(in, out, n * sizeof *in) != 0) {
        fprintf(stderr, "the results are wrong\n");
        return 1;
    }
    printf("workers %d\nitems %zu\nseconds %.6f\nrate %.0f\n", pinfold_pool_workers(pool), n,
           seconds, (double)n / seconds);
    free(in);
    free(out);
    return pinfold_pool_close(pool) != 0;
}
