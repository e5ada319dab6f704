/* What somebody else's program may look like: plain C99, and C++11 as well. */
#include <pinfold.h>
#include <pinfold_main.h>

#include <stdio.h>

static int square(pinfold_task *task)
{
    const double *x = (const double *)pinfold_task_arg(task).data;
    double *y = (double *)pinfold_task_out(task, sizeof *y);

    *y = *x * *x;
    return 0;
}

static int drive(pinfold_pool *pool, int argc, char **argv)
{
    double in[100], out[100];
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int i;

    (void)argc;
    (void)argv;
    for (i = 0; i < 100; i++) {
        in[i] = i;
        out[i] = -1;
    }
    if (pinfold_map(pool, square, NULL, in, sizeof in[0], out, sizeof out[0], 100, &err)) {
        fprintf(stderr, "map: %s\n", err.text);
        return 1;
    }
    for (i = 0; i < 100; i++)
        if (out[i] != in[i] * in[i])
            return 1;
    printf("%d workers, version %s\n", pinfold_pool_workers(pool), pinfold_version());
    return pinfold_version_number() == PINFOLD_VERSION_NUMBER ? 0 : 1;
}

PINFOLD_MAIN(drive)
