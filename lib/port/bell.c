/* bell.c - see bell.h; unix(7) has abstract names and autobind. */
#include "port/bell.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define RINGS 1024 /* as many as a socket holds, about (net.unix.max_dgram_qlen) */

void pf_bell_make(struct pf_bell *bell)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    socklen_t size = sizeof(sa_family_t); /* no name: the kernel finds one */

    *bell = (struct pf_bell){.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    if (bell->fd < 0)
        return;
    if (bind(bell->fd, (struct sockaddr *)&address, size) == 0) {
        size = sizeof address;
        if (getsockname(bell->fd, (struct sockaddr *)&address, &size) == 0) {
            size_t n = size - offsetof(struct sockaddr_un, sun_path);
            if (n > 1 && n <= sizeof bell->name) {
                memcpy(bell->name, address.sun_path + 1, n - 1); /* behind the leading NUL */
                bell->name[n - 1] = '\0';
                return;
            }
        }
    }
    pf_bell_free(bell);
}

void pf_bell_free(struct pf_bell *bell)
{
    if (bell->fd >= 0)
        close(bell->fd);
    *bell = (struct pf_bell){.fd = -1};
}

bool pf_bell_rung(struct pf_bell *bell)
{
    char ring;
    bool rung = false;

    /* Not until there are none: a stranger who rings all the time must not keep us here. */
    for (int i = 0; i < RINGS && bell->fd >= 0 && recv(bell->fd, &ring, sizeof ring, 0) >= 0; i++)
        rung = true;
    return rung;
}

bool pf_bell_ring(struct pf_bell *mine, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(name);

    if (mine->fd < 0 || n == 0 || n >= sizeof address.sun_path)
        return false;
    memcpy(address.sun_path + 1, name, n);
    if (sendto(mine->fd, "!", 1, MSG_DONTWAIT, (struct sockaddr *)&address,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + n)) >= 0)
        return true;
    return errno == EAGAIN; /* full of rings already */
}
