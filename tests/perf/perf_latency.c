/* perf_latency [--items N] [POOL OPTION...]: microseconds from the submission of a null task of 8
 * bytes to its result, one at a time. SPDX-License-Identifier: BSD-3-Clause */
#include "pool.h"

static int null_item(pinfold_task *task)
{
    memcpy(pinfold_task_out(task, sizeof(uint64_t)), pinfold_task_arg(task).data, sizeof(uint64_t));
    return 0;
}

static void round_trip(pinfold_pool *pool, uint64_t x)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future = NULL;
    pinfold_bytes result = {0};

    perf_check(pinfold_submit(pool, null_item, (pinfold_bytes){&x, sizeof x}, NULL, &future, &err),
               &err);
    perf_check(pinfold_future_result(future, &result, &err), &err);
    if (result.size != sizeof x || *(const uint64_t *)result.data != x) {
        fprintf(stderr, "the result is wrong\n");
        exit(1);
    }
    pinfold_future_free(future);
}

int main(int argc, char **argv)
{
    pinfold_pool *pool = perf_open(&argc, argv);
    if (pool == NULL)
        return 0;

    uint64_t n = (uint64_t)perf_option(argc, argv, "--items", 20000);
    for (uint64_t i = 0; i < n / 10; i++)
        round_trip(pool, i);
    double start = perf_now();
    for (uint64_t i = 0; i < n; i++)
        round_trip(pool, i);
    printf("latency %.3f\n", 1e6 * (perf_now() - start) / (double)n);
    return pinfold_pool_close(pool) != 0;
}
