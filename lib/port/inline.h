/* inline.h - one worker in the driver itself: tasks run inside poll. */
#ifndef PF_PORT_INLINE_H
#define PF_PORT_INLINE_H

#include "port/port.h"

int pf_inline_open(struct pf_port **port, struct pinfold_error *err);

#endif
