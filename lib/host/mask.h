/* mask.h - the CPUs that this process was given. */
#ifndef PF_HOST_MASK_H
#define PF_HOST_MASK_H

#include "base/cpus.h"
#include "host/launch.h"

/* The mask in which this process's workers have to find their places: its own, or its launcher's
 * where that bound it only by default; and whether the user chose it. To be asked before MPI is
 * started, which may bind. */
void pf_mask_given(struct pf_cpus *mask, bool *chosen, const struct pf_launch *launch);

/* Looks now, and has all that ask later, for a rank of a launcher's, be told what was seen now: for
 * who starts MPI himself (pinfold_prepare). A process fact (HACKING.md); a fork looks for itself. */
void pf_mask_keep(void);

#endif
