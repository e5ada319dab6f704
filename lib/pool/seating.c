/* seating.c - see seating.h. */
#include "pool/seating.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/bind.h"
#include "host/part.h"

/* Less CPU time than workers: they will be throttled, and the user wonders why. */
static void mind_quota(struct pf_seating *seating)
{
    double quota = pf_bind_quota();

    if (quota > 0 && quota < (double)seating->n - 0.01 && !seating->notice[0])
        snprintf(seating->notice, sizeof seating->notice,
                 "%d workers share a CPU quota of %.2g CPUs (cgroup): fewer workers would do as "
                 "much",
                 seating->n, quota);
}

int pf_seating_here(struct pf_seating **seating, const struct pf_cpus *mask,
                    const struct pf_policy *policy, int n, struct pinfold_error *err)
{
    struct pf_machine *machine;
    int code = pf_machine_load(&machine, NULL, err);

    if (code)
        return code;
    code = pf_seat(seating, machine, mask, policy, n, err);
    if (!code)
        mind_quota(*seating);
    pf_machine_free(machine);
    return code;
}

int pf_seating_ranks(struct pf_seating **seating, const struct pf_cpus *masks, const bool *chosen,
                     const int *local, const struct pf_policy *policy, int n,
                     struct pinfold_error *err)
{
    struct pf_machine *machine;
    int code = pf_machine_load(&machine, NULL, err);

    if (code)
        return code;
    code = pf_seat_part(seating, machine, masks, chosen, local, policy, n, err);
    if (!code)
        mind_quota(*seating);
    pf_machine_free(machine);
    return code;
}
