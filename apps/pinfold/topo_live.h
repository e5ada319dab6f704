/* topo_live.h - the workers that there really are, asked of a pool. */
#ifndef PINFOLD_TOPO_LIVE_H
#define PINFOLD_TOPO_LIVE_H

#include "report.h"

/* Opens a pool (all ranks call it), takes down its workers and closes it. On the driver *ret_n
 * is their number and *ret_workers theirs to free; elsewhere *ret_n is -1, and there is nothing
 * more to do. The core of the workers of the driver's node is looked up by the caller. */
int topo_live(struct topo_worker **ret_workers, int *ret_n, const struct pinfold_options *options,
              struct pinfold_error *err);

#endif
