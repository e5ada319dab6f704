/* inbox.c - see inbox.h. */
#include "port/inbox.h"

#include <stdlib.h>

void pf_inbox_setup(struct pf_inbox *inbox)
{
    *inbox = (struct pf_inbox){.last = &inbox->first};
}

void pf_inbox_put(struct pf_inbox *inbox, struct pf_frame *frame)
{
    struct pf_queued *q = calloc(1, sizeof *q);

    if (!q)
        abort(); /* a frame that is lost is waited for, for ever */
    q->frame = frame;
    *inbox->last = q;
    inbox->last = &q->next;
}

struct pf_frame *pf_inbox_get(struct pf_inbox *inbox)
{
    struct pf_queued *q = inbox->first;
    struct pf_frame *frame;

    if (!q)
        return NULL;
    frame = q->frame;
    inbox->first = q->next;
    if (!inbox->first)
        inbox->last = &inbox->first;
    free(q);
    return frame;
}

void pf_inbox_move(struct pf_inbox *to, struct pf_inbox *from)
{
    if (!from->first)
        return;
    *to->last = from->first;
    to->last = from->last;
    pf_inbox_setup(from);
}

void pf_inbox_clear(struct pf_inbox *inbox)
{
    struct pf_frame *frame;

    while ((frame = pf_inbox_get(inbox)))
        pf_frame_free(frame);
}
