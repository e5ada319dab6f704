/* perf_cores [--uneven] [--seconds S] [--chunk N] [POOL OPTION...]: how much of the workers'
 * time goes into tasks, when a map of 1 ms tasks (--uneven: every 20th of 20 ms) runs for S
 * seconds. SPDX-License-Identifier: BSD-3-Clause */
#include "pool.h"

static int burn(pinfold_task *task)
{
    const double *seconds = pinfold_task_arg(task).data;
    double burnt = perf_burn(*seconds);
    memcpy(pinfold_task_out(task, sizeof burnt), &burnt, sizeof burnt);
    return 0;
}

int main(int argc, char **argv)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_pool *pool = perf_open(&argc, argv);
    if (pool == NULL)
        return 0;

    int workers = pinfold_pool_workers(pool);
    double *in, *out;
    size_t n = perf_tasks(workers * perf_option(argc, argv, "--seconds", 2.2),
                          perf_flag(argc, argv, "--uneven"), &in);
    struct pinfold_call how = {.size = sizeof how,
                               .chunk = (size_t)perf_option(argc, argv, "--chunk", 0)};
    out = calloc(n, sizeof *out);
    if (out == NULL)
        return 1;

    double start = perf_now();
    perf_check(pinfold_map(pool, burn, &how, in, sizeof *in, out, sizeof *out, n, &err), &err);
    double makespan = perf_now() - start;

    printf("workers %d\ntasks %zu\nburnt %.6f\nmakespan %.6f\nefficiency %.4f\n", workers, n,
           perf_sum(out, n), makespan, perf_sum(out, n) / (workers * makespan));
    free(in);
    free(out);
    return pinfold_pool_close(pool) != 0;
}
