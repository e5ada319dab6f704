/* standard.c - see standard.h. */
#include "base/standard.h"

#include <fcntl.h>
#include <unistd.h>

void pf_standard_fill(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0)
            return; /* the lowest number is free, so it is this one */
}
