/* disk.h - what kind of file system a journal lies on. */
#ifndef PF_RECORD_DISK_H
#define PF_RECORD_DISK_H

#include <stdbool.h>

/* Whether other machines may see the files below this path too, by statfs(2)'s number for its kind:
 * then their memory is not ours, and nothing may be shared between processes through a mapped file.
 * What cannot be told is taken for one of this machine. */
bool pf_disk_shared(const char *path);
bool pf_disk_shared_kind(unsigned long magic);

#endif
