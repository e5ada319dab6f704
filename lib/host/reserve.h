/* reserve.h - the driver's own place: a part of place.c. Pure. */
#ifndef PF_HOST_RESERVE_H
#define PF_HOST_RESERVE_H

#include "host/layout.h"

/* Rule 6: what the driver, who may use `candidates`, would have for itself; no CPU where there
 * is no such thing. `list`: the places of the user's list (n 0 without one). */
void pf_reserve_find(struct pf_place *driver, const struct pf_machine *machine,
                     const struct pf_cpus *candidates, const struct pf_policy *policy,
                     const struct pf_layout *list);

#endif
