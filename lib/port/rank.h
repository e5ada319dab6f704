/* rank.h - a rank's own end: it is a worker, until the driver closes the pool. */
#ifndef PF_PORT_RANK_H
#define PF_PORT_RANK_H

#include "port/mpi.h"

/* Serves rank 0, beginning with the first frame for it, `init` (taken). Returns what the driver said at
 * the end: 0, or the code and text of why the open failed. The calling thread's CPU mask and name
 * are then as before. */
int pf_rank_serve(struct pf_fabric *fabric, struct pf_frame *init, struct pinfold_error *err);

#endif
