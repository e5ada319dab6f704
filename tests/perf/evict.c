/* evict PATH...: asks the system to forget the contents of the files below PATH (not their
 * names), so that the next reader waits for the disk. Needs no privilege.
 * SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE /* nftw */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

static int evict(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info;
    (void)where;
    int fd = type == FTW_F ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
    if (fd >= 0) {
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        close(fd);
    }
    return 0;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (nftw(argv[i], evict, 64, FTW_PHYS) != 0) {
            perror(argv[i]);
            return 1;
        }
    return 0;
}
