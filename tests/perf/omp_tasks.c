/* omp_tasks: the baseline on one machine, in OpenMP.
 *
 *   omp_tasks [--items N]                     null tasks of 8 bytes, one `omp task` each: rate
 *   omp_tasks --reduce [--items N]            a loop with a reduction, in any order: rate
 *   omp_tasks --tree                          tasks that make two more each, 20 levels: rate
 *   omp_tasks --burn [--uneven] [--seconds S] a loop, dynamically scheduled: efficiency
 *
 * SPDX-License-Identifier: BSD-3-Clause */
#include "perf.h"

#include <omp.h>

static double burn(int uneven, double seconds)
{
    int threads = omp_get_max_threads();
    double *tasks, burnt = 0;
    long n = (long)perf_tasks(threads * seconds, uneven, &tasks);

#pragma omp parallel
    {
    }
    double start = perf_now();
#pragma omp parallel for schedule(dynamic, 1) reduction(+ : burnt)
    for (long i = 0; i < n; i++)
        burnt += perf_burn(tasks[i]);
    double makespan = perf_now() - start;
    free(tasks);
    return burnt / (threads * makespan);
}

/* Out of line, so that the task is a call as it is elsewhere. */
static __attribute__((noinline)) void null_item(const uint64_t *in, uint64_t *out)
{
    *out = *in;
}

static double rate(size_t n)
{
    uint64_t *in = malloc(n * sizeof *in), *out = malloc(n * sizeof *out);
    double start = 0;

    if (in == NULL || out == NULL)
        exit(1);
    for (size_t i = 0; i < n; i++)
        in[i] = out[i] = i;
#pragma omp parallel
#pragma omp single
    {
        start = perf_now();
        for (size_t i = 0; i < n; i++)
#pragma omp task firstprivate(i)
            null_item(&in[i], &out[i]);
    }
    double seconds = perf_now() - start;
    free(in);
    free(out);
    return (double)n / seconds;
}

static double reduce(size_t n)
{
    uint64_t *in = malloc(n * sizeof *in), sum = 0;
    double start;

    if (in == NULL)
        exit(1);
    for (size_t i = 0; i < n; i++)
        in[i] = i;
#pragma omp parallel
    {
    }
    start = perf_now();
#pragma omp parallel for reduction(+ : sum)
    for (size_t i = 0; i < n; i++) {
        uint64_t out;
        null_item(&in[i], &out);
        sum += out;
    }
    double seconds = perf_now() - start;
    free(in);
    return sum == (uint64_t)n * (n - 1) / 2 ? (double)n / seconds : 0;
}

static uint64_t branch(uint64_t level)
{
    uint64_t left = 0, right = 0;

    if (level == 0)
        return 1;
#pragma omp task shared(left)
    left = branch(level - 1);
#pragma omp task shared(right)
    right = branch(level - 1);
#pragma omp taskwait
    return 1 + left + right;
}

static double tree(uint64_t levels)
{
    uint64_t n = 0;
    double start = 0;

#pragma omp parallel
#pragma omp single
    {
        start = perf_now();
        n = branch(levels);
    }
    return (double)n / (perf_now() - start);
}

int main(int argc, char **argv)
{
    printf("workers %d\n", omp_get_max_threads());
    if (perf_flag(argc, argv, "--burn"))
        printf("efficiency %.4f\n",
               burn(perf_flag(argc, argv, "--uneven"), perf_option(argc, argv, "--seconds", 2.2)));
    else if (perf_flag(argc, argv, "--reduce"))
        printf("rate %.0f\n", reduce((size_t)perf_option(argc, argv, "--items", 2e6)));
    else if (perf_flag(argc, argv, "--tree"))
        printf("rate %.0f\n", tree((uint64_t)perf_option(argc, argv, "--levels", 20)));
    else
        printf("rate %.0f\n", rate((size_t)perf_option(argc, argv, "--items", 2e6)));
    return 0;
}
