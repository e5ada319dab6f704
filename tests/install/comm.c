/* What somebody else's MPI program may look like: plain C99, and C++11 as well. */
#include <pinfold_mpi.h>

#include <stdio.h>

static int square(pinfold_task *task)
{
    int x = (int)pinfold_task_index(task);

    *(int *)pinfold_task_out(task, sizeof x) = x * x;
    return 0;
}

int main(int argc, char **argv)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_pool *pool = NULL;
    int out[10], level, rank, i, bad = 0;

    bad |= pinfold_prepare(&err);
    MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    bad |= pinfold_pool_open_comm(&pool, MPI_COMM_WORLD, NULL, &err);
    if (pool) {
        bad |= pinfold_map(pool, square, NULL, NULL, 0, out, sizeof out[0], 10, &err);
        for (i = 0; i < 10; i++)
            bad |= out[i] != i * i;
        printf("%d workers\n", pinfold_pool_workers(pool));
        bad |= pinfold_pool_close(pool);
    }
    if (bad)
        fprintf(stderr, "rank %d: %s\n", rank, err.text);
    pinfold_finalize();
    MPI_Finalize();
    return bad != 0;
}
