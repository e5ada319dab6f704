/* perf_isolate [--task SECONDS] [--seconds S] [--rounds N] [POOL OPTION...]: what it costs that
 * ranks run their tasks in processes of their own. In each round a map of such tasks runs for S
 * seconds, isolated and not, in turns: the median of the makespans' ratios, and the worst and best.
 * Under mpirun. SPDX-License-Identifier: BSD-3-Clause */
#include "pool.h"

static int burn(pinfold_task *task)
{
    const double *seconds = pinfold_task_arg(task).data;
    double burnt = perf_burn(*seconds);
    memcpy(pinfold_task_out(task, sizeof burnt), &burnt, sizeof burnt);
    return 0;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The makespan, in units of what was burnt: a machine that is slower meanwhile does not count.
 * On ranks that serve: 0. */
static double one(const struct pinfold_options *given, const char *isolate, double length,
                  double seconds)
{
    struct pinfold_options options = *given;
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_pool *pool;
    double *in, *out, start, makespan, burnt;
    size_t n;
    int workers;

    options.isolate = isolate;
    perf_check(pinfold_pool_open(&pool, &options, &err), &err);
    if (!pool)
        return 0;
    workers = pinfold_pool_workers(pool);
    n = (size_t)(workers * seconds / length) + 1;
    in = malloc(n * sizeof *in);
    out = calloc(n, sizeof *out);
    if (!in || !out)
        exit(1);
    for (size_t i = 0; i < n; i++)
        in[i] = length;
    start = perf_now();
    perf_check(pinfold_map(pool, burn, NULL, in, sizeof *in, out, sizeof *out, n, &err), &err);
    makespan = perf_now() - start;
    burnt = perf_sum(out, n);
    free(in);
    free(out);
    perf_check(pinfold_pool_close(pool), &err);
    return workers * makespan / burnt;
}

int main(int argc, char **argv)
{
    struct pinfold_options options = {.size = sizeof options, .log = pinfold_log_stderr};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    double length = perf_option(argc, argv, "--task", 1e-3);
    double seconds = perf_option(argc, argv, "--seconds", 1);
    int rounds = (int)perf_option(argc, argv, "--rounds", 7);
    double *ratio = calloc((size_t)rounds + 1, sizeof *ratio), on = 0, off = 0;

    if (!ratio || pinfold_options_parse(&options, &argc, argv, &err) != 0)
        return 2;
    for (int i = 0; i < rounds; i++) {
        if (i % 2)
            off = one(&options, "off", length, seconds);
        on = one(&options, "on", length, seconds);
        if (i % 2 == 0)
            off = one(&options, "off", length, seconds);
        ratio[i] = off > 0 ? on / off : 0;
    }
    qsort(ratio, (size_t)rounds, sizeof *ratio, ascending);
    if (pinfold_is_driver())
        printf("ratio %.4f\nleast %.4f\nmost %.4f\nisolated %.4f\n", ratio[rounds / 2], ratio[0],
               ratio[rounds - 1], on > 0 ? 1 / on : 0);
    free(ratio);
    return 0;
}
