/* disk.c - see disk.h. */
#include "record/disk.h"

#include <stddef.h>
#include <sys/vfs.h>

/* From statfs(2), linux/magic.h and the sources of those that are not in the kernel. FUSE may be
 * anything, and on clusters it is sshfs or a parallel file system's client. */
bool pf_disk_shared_kind(unsigned long magic)
{
    static const unsigned long shared[] = {
        0x00006969,                         /* NFS */
        0x0BD00BD0,                         /* Lustre */
        0x47504653,                         /* GPFS */
        0x19830326,                         /* BeeGFS */
        0x00C36400,                         /* Ceph */
        0x0000517B, 0xFF534D42, 0xFE534D42, /* SMB, CIFS, SMB2 */
        0x65735546,                         /* FUSE */
        0x20030528,                         /* OrangeFS */
        0xAAD7AAEA,                         /* PanFS */
        0x5346414F, 0x6B414653,             /* OpenAFS, kAFS */
        0x01021997,                         /* 9P */
        0x01161970, 0x7461636F,             /* GFS2, OCFS2 */
        0x786F4256,                         /* VirtualBox's shared folders */
    };

    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        if ((magic & 0xFFFFFFFFUL) == shared[i])
            return true;
    return false;
}

bool pf_disk_shared(const char *path)
{
    struct statfs disk;

    return statfs(path, &disk) == 0 && pf_disk_shared_kind((unsigned long)disk.f_type);
}
