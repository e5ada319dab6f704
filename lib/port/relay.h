/* relay.h - a rank that hosts its worker in a process of its own: it is the way between the driver
 * and that process, runs no user code, and so outlives whatever a task does. */
#ifndef PF_PORT_RELAY_H
#define PF_PORT_RELAY_H

#include "port/mpi.h"

/* Serves rank 0, beginning with the first frame for it, a HOST (taken), until it says LEAVE.
 * Returns what the driver said with the last STOP: 0, or the code and text of why the open failed;
 * or PINFOLD_E_BROKEN, when this rank could have no worker any more. */
int pf_relay_serve(struct pf_fabric *fabric, struct pf_frame *host, struct pinfold_error *err);

/* Driver: what a LOST frame says; the text lies in the frame. One that cannot be read is a loss for
 * good. */
void pf_relay_loss(const struct pf_frame *frame, struct pf_event *loss);

#endif
