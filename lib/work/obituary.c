/* obituary.c - see obituary.h. */
#include "work/obituary.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void pf_obituary_write(struct pf_obituary *obituary, int rank, int size)
{
    char host[64] = "";

    gethostname(host, sizeof host - 1);
    obituary->launcher = (int)getppid();
    snprintf(obituary->text, sizeof obituary->text,
             "rank %d of %d on %s (pid %d) ended with its pool open: the job ends; what is in a "
             "journal is safe, and the same command goes on from there",
             rank, size, host, (int)getpid());
}

/* Whether this is the first who asks. */
static bool first(const struct pf_obituary *obituary)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int n = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "pinfold-obituary-%d-%d",
                     (int)geteuid(), obituary->launcher);

    return fd < 0 ||
           bind(fd, (struct sockaddr *)&name,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) == 0 ||
           errno != EADDRINUSE;
}

bool pf_obituary_print(const struct pf_obituary *obituary)
{
    if (!obituary->text[0] || !first(obituary))
        return false;
    dprintf(STDERR_FILENO, "%s: %s\n", program_invocation_short_name, obituary->text);
    return true;
}
