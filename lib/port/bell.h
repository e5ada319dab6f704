/* bell.h - waking another process of this node that sleeps in ppoll, without sharing memory or a
 * file with it: a datagram to a socket with an abstract name that the kernel chose. Anybody on the
 * machine can ring it, with whatever he likes in it, and wakes us for nothing: what comes is not
 * looked at, no descriptor that comes with it is kept, and who rings all the time keeps nobody from
 * his work. Ranks in another network namespace or on another node cannot be rung: they look by
 * themselves.
 */
#ifndef PF_PORT_BELL_H
#define PF_PORT_BELL_H

#include <stdbool.h>

#define PF_BELL_NAME 32

struct pf_bell {
    int fd; /* readable when it was rung; -1: there is none */
    char name[PF_BELL_NAME];
};

void pf_bell_make(struct pf_bell *bell); /* without one (fd -1, name "") all works, but slower */
void pf_bell_free(struct pf_bell *bell);
bool pf_bell_rung(struct pf_bell *bell);                   /* and takes the rings */
bool pf_bell_ring(struct pf_bell *mine, const char *name); /* false: no such bell here */

#endif
