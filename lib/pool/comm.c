/* comm.c - pinfold_mpi.h: what has to do with the user's MPI is looked at here, and opened as any
 * other pool. */
#include "pinfold_mpi.h"

#include "pool/opening.h"
#include "work/worker.h"

/* MPI is up, and may be called by this thread. */
static int check_mpi(struct pinfold_error *err)
{
    int up, over, level, first;

    MPI_Initialized(&up);
    if (!up)
        return pf_fail(err, PINFOLD_E_MPI,
                       "MPI is not started: call MPI_Init_thread before pinfold_pool_open_comm, or "
                       "pinfold_pool_open, which starts it");
    MPI_Finalized(&over);
    if (over)
        return pf_fail(err, PINFOLD_E_OVER, "MPI has been finalized: no pool can be opened");
    MPI_Query_thread(&level);
    MPI_Is_thread_main(&first);
    if (level <= MPI_THREAD_FUNNELED && !first)
        return pf_fail(err, PINFOLD_E_MPI,
                       "this thread did not start MPI, and MPI was asked for no more than "
                       "MPI_THREAD_FUNNELED");
    return 0;
}

static int check_communicator(MPI_Comm comm, struct pinfold_error *err)
{
    int inter;

    if (comm == MPI_COMM_NULL)
        return pf_fail(err, PINFOLD_E_ARGUMENT,
                       "the communicator is MPI_COMM_NULL: ranks that are not in it do not open");
    MPI_Comm_test_inter(comm, &inter);
    if (inter)
        return pf_fail(err, PINFOLD_E_ARGUMENT,
                       "the communicator is an inter-communicator: make it one group with "
                       "MPI_Intercomm_merge");
    return 0;
}

int pinfold_pool_open_comm(pinfold_pool **pool, MPI_Comm comm,
                           const struct pinfold_options *options, struct pinfold_error *err)
{
    struct pf_comm ours;
    int code;

    *pool = NULL;
    code = pf_open_allowed(err);
    if (!code && pf_worker_depth() > 0)
        code =
            pf_fail(err, PINFOLD_E_NESTED, "not inside a task, where the other ranks cannot join");
    if (!code)
        code = check_mpi(err);
    if (!code)
        code = check_communicator(comm, err);
    if (code)
        return code;
    ours.handle = MPI_Comm_c2f(comm);
    MPI_Comm_rank(comm, &ours.rank);
    MPI_Comm_size(comm, &ours.size);
    return pf_open(pool, &ours, options, err);
}
