/* ranks.h - workers that are ranks of an MPI job, as the driver reaches them. */
#ifndef PF_PORT_RANKS_H
#define PF_PORT_RANKS_H

#include "port/mpi.h"

/* Lane i is rank ranks[i]; copied. The ranks at `bench` got no worker: they are told when the
 * pool closes. `isolated`: each has its worker in a process of its own (relay.h). */
int pf_ranks_open(struct pf_port **port, struct pf_fabric *fabric, const int *ranks, int lanes,
                  const int *bench, int benched, bool isolated, struct pinfold_error *err);

/* A STOP frame: `code` and `text` are what the rank's open will return; 0 is the peaceful end. */
struct pf_frame *pf_stop_frame(int code, const char *text);

#endif
