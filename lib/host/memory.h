/* memory.h - how much memory this process may take. */
#ifndef PF_HOST_MEMORY_H
#define PF_HOST_MEMORY_H

#include <stdint.h>

/* From now on this process, and each that it starts, may have so many bytes more than this one has
 * now, or than a limit that it was given allows. For good. 0 or -errno. */
int pf_memory_limit(uint64_t more);

#endif
