/* levels.h - the levels of a machine (packages, NUMA nodes, L3 caches), and the order that
 * spreads over them. Pure. */
#ifndef PF_HOST_LEVELS_H
#define PF_HOST_LEVELS_H

#include "host/topology.h"

#define PF_LEVELS 3 /* Package, NUMANode, L3 */

/* The domains as a tree: domain[0] has the outermost level's, domain[1] the parts that the next
 * level's domains cut out of those, domain[2] the parts of these. For every core of the
 * machine; numbered from 0 at each depth, in the order of their first cores. "Under no such
 * object" is a domain like any other. */
struct pf_levels {
    int *domain[PF_LEVELS];
    int ndomains[PF_LEVELS];
};

/* 0, or PINFOLD_E_MEMORY. */
int pf_levels_make(struct pf_levels *levels, const struct pf_machine *machine);
void pf_levels_free(struct pf_levels *levels);

/* Whether two cores (indexes) are in the same domain of each of the `depth` outermost levels.
 */
bool pf_levels_same(const struct pf_levels *levels, int depth, int a, int b);

/* Puts items into the order of rule 4: item[i] sits on core[item[i]]; on entry `item` is in
 * logical order. 0, or PINFOLD_E_MEMORY. */
int pf_levels_spread(int *item, int n, const int *core, const struct pf_levels *levels);

#endif
