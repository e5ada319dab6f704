/* port.c - the nap that all ports share. */
#include "port/port.h"

#include <time.h>

#include "base/clock.h"

void pf_nap_add(struct pf_nap *nap, int fd)
{
    if (fd >= 0 && nap->nfds < PF_NAP_FDS)
        nap->fds[nap->nfds++] = (struct pollfd){.fd = fd, .events = POLLIN};
}

void pf_nap_until(struct pf_nap *nap, int64_t until)
{
    if (until < nap->until)
        nap->until = until;
}

void pf_nap_take(struct pf_nap *nap)
{
    int64_t left = nap->until == PF_NEVER ? 3600 * PF_S : nap->until - pf_now();

    if (left > 0) {
        struct timespec t = {.tv_sec = left / PF_S, .tv_nsec = left % PF_S};
        ppoll(nap->fds, (nfds_t)nap->nfds, &t, NULL);
    }
}
