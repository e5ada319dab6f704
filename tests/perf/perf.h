/* perf.h - what the benchmark programs share: clocks, and work of a known size.
 *
 * Each prints lines "NAME VALUE" for scripts/bench; times are in seconds unless said.
 * SPDX-License-Identifier: BSD-3-Clause */
#ifndef PERF_H
#define PERF_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline double perf_clock(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline double perf_now(void)
{
    return perf_clock(CLOCK_MONOTONIC);
}

/* Burns this much CPU time of the calling thread, and returns how much it was exactly. It is
 * the thread's own time and not the wall's: a task that shares its core with somebody takes
 * longer, and that is what an efficiency has to show. The clock is a system call (0.2 us and
 * more), so it is read about every 2 us only. */
static inline double perf_burn(double seconds)
{
    const double start = perf_clock(CLOCK_THREAD_CPUTIME_ID);
    volatile uint64_t sink;
    uint64_t x = 1;
    double burnt;

    do {
        for (int i = 0; i < 1500; i++)
            x = x * 6364136223846793005u + 1442695040888963407u;
        burnt = perf_clock(CLOCK_THREAD_CPUTIME_ID) - start;
    } while (burnt < seconds);
    sink = x;
    (void)sink;
    return burnt;
}

/* The tasks of the row `cores`: `total` seconds of work in tasks of 1 ms, or the same with
 * every 20th of 20 ms. Returns their number; *tasks is to be freed. */
static inline size_t perf_tasks(double total, int uneven, double **tasks)
{
    const double mean = uneven ? (19 * 1e-3 + 20e-3) / 20 : 1e-3;
    size_t n = (size_t)(total / mean) + 1;

    *tasks = malloc(n * sizeof **tasks);
    if (*tasks == NULL)
        exit(1);
    for (size_t i = 0; i < n; i++)
        (*tasks)[i] = uneven && i % 20 == 19 ? 20e-3 : 1e-3;
    return n;
}

static inline double perf_sum(const double *values, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum;
}

/* "--name value" anywhere on the command line; for flags, whether "--name" is there. */
static inline double perf_option(int argc, char **argv, const char *name, double otherwise)
{
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return atof(argv[i + 1]);
    return otherwise;
}

static inline int perf_flag(int argc, char **argv, const char *name)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return 1;
    return 0;
}

#endif
