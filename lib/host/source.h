/* source.h - a loaded hwloc topology, from the live machine, a file or a synthetic description.
 *
 * The half of topology.c that deals with people's input and hwloc's temper: everything that can
 * be wrong with a description is one line in `err`, and nothing on stderr.
 */
#ifndef PF_HOST_SOURCE_H
#define PF_HOST_SOURCE_H

#include "base/error.h"

struct hwloc_topology; /* hwloc.h stays in the .c files */

/* As pf_machine_load says. The topology has the PUs that we are not allowed to use, too;
 * destroy it with hwloc_topology_destroy. */
int pf_source_load(struct hwloc_topology **topology, const char *source, struct pinfold_error *err);

#endif
