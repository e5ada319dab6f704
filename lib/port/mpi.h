/* mpi.h - frames between ranks, on MPI.
 *
 * A *fabric* is a communicator as the rest of Pinfold sees it: post a frame to a rank, get the next
 * one that came, sleep until there is more. Frames from one rank come in order. Nothing blocks, so
 * that a rank that is busy for minutes holds nobody up: sends and receives are kept until MPI is
 * done with them, and moved on whenever the fabric is looked at. Its communicator is a duplicate,
 * so that nobody else's messages are seen there; ranks are those of the communicator.
 *
 * There is one over the world, which lasts until the end, since opens follow each other on it. A
 * pool over a communicator of the user's has one of its own.
 *
 * Without MPI (configure --without-mpi) mpi_none.c stands in: pf_fabric_get fails.
 */
#ifndef PF_PORT_MPI_H
#define PF_PORT_MPI_H

#include "port/port.h"

struct pf_fabric;

/* Whether this build has MPI. */
bool pf_fabric_built(void);

/* The one over MPI_COMM_WORLD; starts MPI when nobody has. MPI_Init waits for all ranks, and cannot
 * be left: behind `deadline` the process ends with one line (base/watchdog.h). PINFOLD_E_TIMEOUT: MPI
 * was up, and not all ranks came here in time; it must be taken for broken then.
 * Collective: yes, the first time. */
int pf_fabric_get(struct pf_fabric **fabric, int64_t deadline, struct pinfold_error *err);

/* A communicator of the user's: its Fortran handle, and what this rank is in it. */
struct pf_comm {
    int handle, rank, size;
};

/* A new fabric over it; MPI is up. PINFOLD_E_TIMEOUT: as above. Collective: yes. */
int pf_fabric_over(struct pf_fabric **fabric, const struct pf_comm *comm, int64_t deadline,
                   struct pinfold_error *err);

/* The one over the world, if there is one; and whether this process has any. */
struct pf_fabric *pf_fabric_have(void);
bool pf_fabric_any(void);

/* Whether somebody has started MPI, be it over again or not. */
bool pf_fabric_mpi_started(void);

/* Whether that was us. */
bool pf_fabric_mpi_ours(void);

/* Has end() called when the user calls MPI_Finalize while there was a fabric: first of all, when
 * MPI can still be used. Fabrics that end there leave MPI to him. */
void pf_fabric_at_end(void (*end)(void));

int pf_fabric_rank(const struct pf_fabric *fabric);
int pf_fabric_size(const struct pf_fabric *fabric);

/* Sends a frame of pf_frame_new, and takes it. */
void pf_fabric_post(struct pf_fabric *fabric, int to, struct pf_frame *frame);

/* The next frame that is complete, and who sent it; NULL: none. The caller frees it. */
struct pf_frame *pf_fabric_next(struct pf_fabric *fabric, int *from);

/* Puts a frame aside that came for somebody else (a rank that opens the next pool while this one
 * is not closed yet), and takes the first of those back. */
void pf_fabric_keep(struct pf_fabric *fabric, int from, struct pf_frame *frame);
struct pf_frame *pf_fabric_kept(struct pf_fabric *fabric, int *from);

/* The name under which this rank is rung, and those of others ("": cannot be rung). */
const char *pf_fabric_bell(const struct pf_fabric *fabric);
void pf_fabric_meet(struct pf_fabric *fabric, int rank, const char *bell);
void pf_fabric_ring(struct pf_fabric *fabric, int rank);

/* Before a sleep, as pf_port_ops.arm. */
bool pf_fabric_arm(struct pf_fabric *fabric, struct pf_nap *nap);

/* Sleeps for what one look at the fabric is worth, at most until `until`. */
void pf_fabric_nap(struct pf_fabric *fabric, int64_t until);

/* Frees the fabric, when all that was posted is sent; the world's: and ends MPI, if that was started
 * by us. Everybody has heard all that was said to him. Collective: yes. */
void pf_fabric_end(struct pf_fabric *fabric);

/* Kills the whole job. */
_Noreturn void pf_fabric_abort(int code);

#endif
