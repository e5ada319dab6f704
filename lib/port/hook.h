/* hook.h - a port around a port, which does to its frames what they must bear. */
#ifndef PF_PORT_HOOK_H
#define PF_PORT_HOOK_H

#include "plan/fault.h"
#include "port/port.h"

/* Takes the port over. Out of memory: aborts, since it is for tests. */
struct pf_port *pf_hook_open(struct pf_port *port, const struct pf_faults *faults);

#endif
