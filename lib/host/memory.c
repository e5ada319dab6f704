/* memory.c - see memory.h.
 *
 * What is limited is data (RLIMIT_DATA: the heap and all private mappings that can be written), as
 * the kernel reckons it since 4.7. The address space would be the wrong thing: shared memory, files
 * that are mapped, and what libraries reserve and never use (MPI, GPUs, sanitizers: terabytes)
 * count there. Resident memory cannot be limited at all (RLIMIT_RSS does nothing).
 */
#include "host/memory.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

/* In bytes, or 0. */
static uint64_t data_now(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    unsigned long long kib = 0;
    char line[256];

    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmData: %llu kB", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return kib * 1024;
}

int pf_memory_limit(uint64_t more)
{
    uint64_t have = data_now(), most = have + more;
    struct rlimit limit;

    if (have == 0)
        return -ENOENT;
    if (getrlimit(RLIMIT_DATA, &limit) != 0)
        return -errno;
    if (most < have || (limit.rlim_max != RLIM_INFINITY && most > limit.rlim_max))
        most = limit.rlim_max;
    if (limit.rlim_cur != RLIM_INFINITY && most > limit.rlim_cur)
        most = limit.rlim_cur;
    limit.rlim_cur = limit.rlim_max = most;
    return setrlimit(RLIMIT_DATA, &limit) == 0 ? 0 : -errno;
}
