/* epitaph.c - see epitaph.h. */
#include "work/epitaph.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void pf_epitaph_write(struct pf_epitaph *epitaph, int rank, int size)
{
    char host[64] = "";

    gethostname(host, sizeof host - 1);
    epitaph->launcher = (int)getppid();
    snprintf(epitaph->text, sizeof epitaph->text,
             "rank %d of %d on %s (pid %d) ended with its pool open: the job ends; what is in a "
             "journal is safe, and the same command goes on from there",
             rank, size, host, (int)getpid());
}

/* Whether this is the first who asks. */
static bool first(const struct pf_epitaph *epitaph)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int n = snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "pinfold-epitaph-%d-%d",
                     (int)geteuid(), epitaph->launcher);

    return fd < 0 ||
           bind(fd, (struct sockaddr *)&name,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) == 0 ||
           errno != EADDRINUSE;
}

bool pf_epitaph_print(const struct pf_epitaph *epitaph)
{
    if (!epitaph->text[0] || !first(epitaph))
        return false;
    dprintf(STDERR_FILENO, "%s: %s\n", program_invocation_short_name, epitaph->text);
    return true;
}
