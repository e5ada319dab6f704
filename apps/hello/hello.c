/* hello: who the workers are, and a first map. SPDX-License-Identifier: BSD-3-Clause */
#include <pinfold_main.h>
#include <stdio.h>

static int square(pinfold_task *task)
{
    const int *x = pinfold_task_arg(task).data;
    *(int *)pinfold_task_out(task, sizeof(int)) = *x * *x;
    return 0;
}

static int drive(pinfold_pool *pool, int argc, char **argv)
{
    int in[] = {1, 2, 3, 4}, out[4];
    struct pinfold_worker w = {.size = sizeof w};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    (void)argc;
    (void)argv; /* it takes none */

    for (int i = 0; pinfold_pool_worker(pool, i, &w) == 0; i++)
        printf("worker %d: rank %d, host %s, pid %lld, CPUs %s\n", w.number, w.rank, w.host,
               (long long)w.pid, w.cpus);

    int code = pinfold_map(pool, square, NULL, in, sizeof in[0], out, sizeof out[0], 4, &err);
    if (code != 0)
        fprintf(stderr, "hello: %s\n", err.text);
    else
        printf("squares: %d %d %d %d\n", out[0], out[1], out[2], out[3]);
    if (fflush(stdout) != 0)
        perror("hello: standard output");
    return code != 0 || ferror(stdout);
}

PINFOLD_MAIN(drive)
