/* sized.h - public structs that begin with their `size`, across versions: as much of one is
 * copied as both the caller and we know. A caller's size of 0 means the layout of the first
 * release, which is still the present one. */
#ifndef PF_BASE_SIZED_H
#define PF_BASE_SIZED_H

#include <stddef.h>

/* From a caller's struct into ours of `size` bytes; what the caller does not know stays as it is. */
void pf_sized_in(void *ours, size_t size, const void *theirs);

/* From ours into a caller's, whose `size` stays as it is. */
void pf_sized_out(void *theirs, const void *ours, size_t size);

#endif
