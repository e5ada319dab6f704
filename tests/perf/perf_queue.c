/* perf_queue [--items N] [--map] [POOL OPTION...]: bytes of memory that the driver has for each
 * submitted task of 8 bytes that waits behind one that lasts, its argument included; with --map,
 * for each item of a map, the caller's own arrays not included. SPDX-License-Identifier: BSD-3-Clause */
#include "pool.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

static _Atomic int *measured; /* seen by the local worker process too */

static int slow_first(pinfold_task *task)
{
    const uint64_t *x = pinfold_task_arg(task).data;

    for (int i = 0; *x == 0 && !*measured && i < 600; i++)
        usleep(100000);
    *(uint64_t *)pinfold_task_out(task, sizeof *x) = *x;
    return 0;
}

/* In bytes: what the process has, or the most that it has had. */
static double memory(const char *which)
{
    char line[256];
    double kb = 0;
    FILE *file = fopen("/proc/self/status", "r");

    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, which, strlen(which)) == 0)
            sscanf(line + strlen(which), ": %lf", &kb);
    if (file)
        fclose(file);
    return kb * 1024;
}

static void queue(pinfold_pool *pool, size_t n)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    double before = memory("VmRSS");

    for (uint64_t i = 0; i < n; i++)
        perf_check(
            pinfold_submit(pool, slow_first, (pinfold_bytes){&i, sizeof i}, NULL, NULL, &err),
            &err);
    printf("bytes %.1f\n", (memory("VmRSS") - before) / (double)n);
    *measured = 1;
}

static void map(pinfold_pool *pool, size_t n)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    uint64_t *in = malloc(n * sizeof *in), *out = malloc(n * sizeof *out);
    double before;

    if (in == NULL || out == NULL)
        exit(1);
    for (size_t i = 0; i < n; i++)
        in[i] = out[i] = i;
    before = memory("VmRSS");
    *measured = 1;
    perf_check(pinfold_map(pool, slow_first, NULL, in, sizeof *in, out, sizeof *out, n, &err),
               &err);
    printf("bytes %.1f\n", (memory("VmHWM") - before) / (double)n);
    free(in);
    free(out);
}

int main(int argc, char **argv)
{
    measured =
        mmap(NULL, sizeof *measured, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pinfold_pool *pool = perf_open(&argc, argv);
    if (pool == NULL || measured == MAP_FAILED)
        return 1;

    size_t n = (size_t)perf_option(argc, argv, "--items", 1e6);
    if (perf_flag(argc, argv, "--map"))
        map(pool, n);
    else
        queue(pool, n);
    return pinfold_pool_close(pool) != 0;
}
