/* quota.h - the CPU quota of a process's cgroup. */
#ifndef PF_HOST_QUOTA_H
#define PF_HOST_QUOTA_H

/* As pf_bind_quota, with /proc and the cgroup mounts looked for below `root` ("" for the
 * system's own; tests have trees of their own). */
double pf_quota_read(const char *root);

#endif
