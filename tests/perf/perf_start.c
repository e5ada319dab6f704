/* perf_start [POOL OPTION...]: from the call of open to the first result of a map, and how much
 * of it went into MPI_Init and into hwloc's load of the topology. Both are timed where the
 * library calls them: this program puts itself between. In milliseconds.
 * SPDX-License-Identifier: BSD-3-Clause
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include "config.h"
#include "pool.h"

#include <dlfcn.h>
#include <hwloc.h>
#ifdef HAVE_MPI
#include <mpi.h>
#endif

static double topology_time, mpi_time;
static int in_mpi;

int hwloc_topology_load(hwloc_topology_t topology)
{
    int (*load)(hwloc_topology_t);
    double start = perf_now();

    *(void **)&load = dlsym(RTLD_NEXT, "hwloc_topology_load");
    int result = load(topology);
    if (!in_mpi) /* MPI loads one of its own */
        topology_time += perf_now() - start;
    return result;
}

#ifdef HAVE_MPI
int MPI_Init_thread(int *argc, char ***argv, int required, int *provided)
{
    double start = perf_now();
    in_mpi = 1;
    int result = PMPI_Init_thread(argc, argv, required, provided);
    in_mpi = 0;
    mpi_time += perf_now() - start;
    return result;
}

int MPI_Init(int *argc, char ***argv)
{
    double start = perf_now();
    in_mpi = 1;
    int result = PMPI_Init(argc, argv);
    in_mpi = 0;
    mpi_time += perf_now() - start;
    return result;
}
#endif

static int first(pinfold_task *task)
{
    *(char *)pinfold_task_out(task, 1) = 1;
    return 0;
}

int main(int argc, char **argv)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    char out = 0;

    double start = perf_now();
    pinfold_pool *pool = perf_open(&argc, argv);
    if (pool == NULL)
        return 0;
    double opened = perf_now();
    perf_check(pinfold_map(pool, first, NULL, NULL, 0, &out, 1, 1, &err), &err);
    double done = perf_now();

    printf("workers %d\nopen %.3f\nfirst %.3f\ntotal %.3f\nmpi_init %.3f\ntopology %.3f\n",
           pinfold_pool_workers(pool), 1e3 * (opened - start), 1e3 * (done - opened),
           1e3 * (done - start), 1e3 * mpi_time, 1e3 * topology_time);
    printf("beyond %.3f\n", 1e3 * (done - start - mpi_time - topology_time));
    return pinfold_pool_close(pool) != 0;
}
