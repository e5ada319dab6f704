/* inbox.h - frames that wait, in the order they came; of one thread, unless its owner has a lock. */
#ifndef PF_PORT_INBOX_H
#define PF_PORT_INBOX_H

#include "work/call.h"

struct pf_inbox {
    struct pf_queued *first, **last;
};

void pf_inbox_setup(struct pf_inbox *inbox);
void pf_inbox_put(struct pf_inbox *inbox, struct pf_frame *frame); /* which is the inbox's now */
struct pf_frame *pf_inbox_get(struct pf_inbox *inbox);             /* NULL: there is none */

/* Puts all of `from` behind what `to` has, whatever the number: what is locked is locked shortly. */
void pf_inbox_move(struct pf_inbox *to, struct pf_inbox *from);

/* Frees all that waits. */
void pf_inbox_clear(struct pf_inbox *inbox);

#endif
