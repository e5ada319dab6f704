/* bind.h - the calling thread's CPU mask: read, set, read back; and what else limits it. */
#ifndef PF_HOST_BIND_H
#define PF_HOST_BIND_H

#include "base/cpus.h"

#include <sys/types.h>

/* The mask of the calling thread (pid 0) or of another process's main thread. 0, or -errno. */
int pf_bind_read(struct pf_cpus *mask, pid_t pid);

/* Binds the calling thread. 0, or -errno; what holds afterwards is for pf_bind_read to say. */
int pf_bind_apply(const struct pf_cpus *mask);

/* The CPU quota of this process's cgroup (v2 cpu.max, v1 cfs_quota_us, the tightest on the way
 * to the root), in CPUs: 1.5. 0: none, or not known. */
double pf_bind_quota(void);

#endif
