/* pinfold_mpi.h - pools in a program that uses MPI itself.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * It is installed where Pinfold was built with MPI, and needs mpi.h: compile with mpicc, or with
 * what it adds (pkg-config's words for Pinfold name no MPI). It must be the MPI that Pinfold was
 * built with. Without this header, pinfold_pool_open works in such programs too: over
 * MPI_COMM_WORLD, whoever started MPI.
 *
 *     pinfold_prepare(&err);                              before MPI is started: not needed, better
 *     MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level);
 *     ...
 *     MPI_Comm_split(MPI_COMM_WORLD, colour, 0, &half);   any communicator will do
 *     pinfold_pool_open_comm(&pool, half, NULL, &err);    all of its ranks
 *     if (pool) {                                         its rank 0
 *         pinfold_map(pool, ...);
 *         pinfold_pool_close(pool);
 *     }
 *     ...                                                 your own MPI goes on
 *     pinfold_finalize();
 *     MPI_Finalize();
 *
 * The end
 * -------
 * pinfold_finalize comes before MPI_Finalize, which Pinfold never calls where you started MPI. If it
 * did not, and a pool over ranks was opened, MPI_Finalize begins with it: pools that are still open
 * are ended, local ones too, and what was submitted to them is dropped.
 */
#ifndef PINFOLD_MPI_H
#define PINFOLD_MPI_H

#include <mpi.h>

#include "pinfold.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Opens a pool over the ranks of a communicator, as pinfold_pool_open does over all: its rank 0 is
 * the driver and gets the pool, the others serve, and get NULL when it is closed. pinfold_worker's
 * and pinfold_error's `rank` is that of the communicator; pinfold_is_driver is about the world.
 * `options` as there, but without a word on the backend it is mpi; with another one the pool is the
 * driver's alone, and all ranks come to the open all the same.
 *
 * MPI is up, and unless it was asked for more than MPI_THREAD_FUNNELED, the calling thread is the
 * one that started it. (If tasks on ranks start threads, as OpenMP does, ask for that.)
 * The communicator is duplicated: none of your messages is taken, and it stays yours, to be freed
 * also while the pool is open. Not all ranks in `open_timeout` seconds: PINFOLD_E_TIMEOUT, on all
 * that came; MPI cannot be used in peace then, and pinfold_finalize will abort the job.
 *
 * Any number of pools, one after the other or at once: a rank that serves is in one, a driver may
 * have several. Ranks that were not bound, and are a part of those on their node, sit where they
 * would in a pool over all of them, so that pools over different ranks do not meet (pinfold(7)).
 *
 * PINFOLD_E_ARGUMENT: MPI_COMM_NULL, an inter-communicator. PINFOLD_E_MPI: MPI is not started, or
 * by another thread. PINFOLD_E_OVER: it is finalized, or pinfold_finalize was called here.
 * Collective: yes, over the communicator. */
PINFOLD_API int pinfold_pool_open_comm(pinfold_pool **pool, MPI_Comm comm,
                                       const struct pinfold_options *options,
                                       struct pinfold_error *err);

#ifdef __cplusplus
}
#endif

#endif
