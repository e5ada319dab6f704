/* process.h - workers that are processes of this node: cells, through shared memory. */
#ifndef PF_PORT_PROCESS_H
#define PF_PORT_PROCESS_H

#include "base/cpus.h"
#include "port/port.h"
#include "work/nursery.h"

/* `cpus`: a place for each lane, or NULL for none (unbound); copied. `preload`: a descriptor
 * (work/preload.h), which is taken also on failure, or -1. Does not wait for the
 * workers: they answer, or are lost, in poll. */
int pf_process_open(struct pf_port **port, struct pf_nursery *nursery, int lanes,
                    const struct pf_cpus *const *cpus, int preload, struct pinfold_error *err);

#endif
