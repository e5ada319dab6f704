/* bind.c - see bind.h.
 *
 * sched_setaffinity and sched_getaffinity, not hwloc: a mask is read for each worker and before
 * tasks, and a topology need not be loaded for that. The kernel refuses a buffer that is
 * smaller than its own masks; ours has the largest size that it can be built with.
 */
#include "config.h"

#include "host/bind.h"

#include "host/quota.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#define SIZE CPU_ALLOC_SIZE(PF_CPUS_MAX)

int pf_bind_read(struct pf_cpus *mask, pid_t pid)
{
    cpu_set_t *set = CPU_ALLOC(PF_CPUS_MAX);
    int code = 0;

    if (!set)
        return -ENOMEM;
    CPU_ZERO_S(SIZE, set);
    if (sched_getaffinity(pid, SIZE, set))
        code = -errno;
    else {
        pf_cpus_zero(mask);
        for (int cpu = 0; cpu < PF_CPUS_MAX; cpu++)
            if (CPU_ISSET_S((size_t)cpu, SIZE, set))
                pf_cpus_add(mask, cpu);
    }
    CPU_FREE(set);
    return code;
}

int pf_bind_apply(const struct pf_cpus *mask)
{
    cpu_set_t *set = CPU_ALLOC(PF_CPUS_MAX);
    int code = 0;

    if (!set)
        return -ENOMEM;
    CPU_ZERO_S(SIZE, set);
    pf_cpus_foreach (cpu, mask)
        CPU_SET_S((size_t)cpu, SIZE, set);
    if (sched_setaffinity(0, SIZE, set))
        code = -errno;
    CPU_FREE(set);
    return code;
}

double pf_bind_quota(void)
{
    return pf_quota_read("");
}
