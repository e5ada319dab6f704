/* mask.c - see mask.h. */
#include "host/mask.h"

#include <unistd.h>

#include "host/bind.h"

/* The process fact. */
static struct {
    pid_t owner;
    struct pf_cpus mask;
    bool chosen;
} kept;

static void look(struct pf_cpus *mask, bool *chosen, const struct pf_launch *launch)
{
    struct pf_cpus launcher;
    bool known = pf_bind_read(&launcher, getppid()) == 0;

    if (pf_bind_read(mask, 0) != 0) {
        pf_cpus_zero(mask);
        for (int cpu = 0; cpu < PF_CPUS_MAX; cpu++)
            pf_cpus_add(mask, cpu); /* what cannot be read does not limit us */
    }
    switch (launch->mask) {
    case PF_MASK_DEFAULT:
        *chosen = false;
        if (known)
            *mask = launcher;
        break;
    case PF_MASK_WISHED:
        *chosen = true;
        break;
    default: /* somebody narrowed it: us alone, or everything down from the login */
        *chosen = launch->by && known && !pf_cpus_equal(mask, &launcher);
        /* What the user asked for may be all that there is: then nothing was narrowed. */
        if (launch->by && launch->cpus > 0 && pf_cpus_count(mask) <= launch->cpus)
            *chosen = true;
        break;
    }
}

void pf_mask_keep(void)
{
    struct pf_launch launch = pf_launch_look();

    if (kept.owner == getpid())
        return;
    look(&kept.mask, &kept.chosen, &launch);
    kept.owner = getpid();
}

void pf_mask_given(struct pf_cpus *mask, bool *chosen, const struct pf_launch *launch)
{
    if (launch->by && kept.owner == getpid()) {
        *mask = kept.mask;
        *chosen = kept.chosen;
    } else {
        look(mask, chosen, launch);
    }
}
