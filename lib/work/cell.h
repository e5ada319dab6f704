/* cell.h - the process that runs user code: its death costs one task. */
#ifndef PF_WORK_CELL_H
#define PF_WORK_CELL_H

#include <sys/types.h>

#include "wire/duct.h"

/* Serves the driver at the other end of these descriptors, then ends the process. `parent` is who
 * must outlive it: when that is gone, so is the cell. */
_Noreturn void pf_cell_run(const int fds[PF_DUCT_FDS], pid_t parent);

#endif
