/* mpi_none.c - the fabric of a build without MPI: there is none. */
#include "port/mpi.h"

#include <stdlib.h>

bool pf_fabric_built(void)
{
    return false;
}

int pf_fabric_get(struct pf_fabric **fabric, int64_t deadline, struct pinfold_error *err)
{
    (void)fabric, (void)deadline;
    return pf_fail(err, PINFOLD_E_UNSUPPORTED,
                   "this libpinfold was built without MPI: build it with one, or start the "
                   "program without mpirun");
}

struct pf_fabric *pf_fabric_have(void)
{
    return NULL;
}

bool pf_fabric_any(void)
{
    return false;
}

bool pf_fabric_mpi_ours(void)
{
    return false;
}

bool pf_fabric_mpi_started(void)
{
    return false;
}

void pf_fabric_at_end(void (*end)(void))
{
    (void)end;
}

/* The rest is never reached, since nobody has a fabric. */
int pf_fabric_over(struct pf_fabric **fabric, const struct pf_comm *comm, int64_t deadline,
                   struct pinfold_error *err)
{
    (void)fabric, (void)comm, (void)deadline, (void)err;
    abort();
}

int pf_fabric_rank(const struct pf_fabric *fabric)
{
    (void)fabric;
    abort();
}

int pf_fabric_size(const struct pf_fabric *fabric)
{
    (void)fabric;
    abort();
}

void pf_fabric_post(struct pf_fabric *fabric, int to, struct pf_frame *frame)
{
    (void)fabric, (void)to, (void)frame;
    abort();
}

struct pf_frame *pf_fabric_next(struct pf_fabric *fabric, int *from)
{
    (void)fabric, (void)from;
    abort();
}

void pf_fabric_keep(struct pf_fabric *fabric, int from, struct pf_frame *frame)
{
    (void)fabric, (void)from, (void)frame;
    abort();
}

struct pf_frame *pf_fabric_kept(struct pf_fabric *fabric, int *from)
{
    (void)fabric, (void)from;
    abort();
}

const char *pf_fabric_bell(const struct pf_fabric *fabric)
{
    (void)fabric;
    abort();
}

void pf_fabric_meet(struct pf_fabric *fabric, int rank, const char *bell)
{
    (void)fabric, (void)rank, (void)bell;
    abort();
}

void pf_fabric_ring(struct pf_fabric *fabric, int rank)
{
    (void)fabric, (void)rank;
    abort();
}

bool pf_fabric_arm(struct pf_fabric *fabric, struct pf_nap *nap)
{
    (void)fabric, (void)nap;
    abort();
}

void pf_fabric_nap(struct pf_fabric *fabric, int64_t until)
{
    (void)fabric, (void)until;
    abort();
}

void pf_fabric_end(struct pf_fabric *fabric)
{
    (void)fabric;
    abort();
}

_Noreturn void pf_fabric_abort(int code)
{
    (void)code;
    abort();
}
