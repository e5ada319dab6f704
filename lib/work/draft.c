/* draft.c - see draft.h. */
#include "work/draft.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "wire/record.h"

/* False: there is no memory for a large one. */
static bool open_frame(struct pf_draft *draft, size_t room)
{
    struct pf_frame *frame = draft->link->ops->reserve(draft->link, room);

    /* Out of memory while answering: there is no way to say so, and a driver that waits for an
     * answer would wait for ever. Dying is an answer. */
    if (!frame && room <= PF_LARGE)
        abort();
    if (!frame)
        return false;
    frame->kind = PF_RESULT;
    frame->call = draft->call;
    frame->first = draft->next;
    draft->frame = frame;
    draft->room = room;
    draft->used = draft->after = 0;
    return true;
}

void *pf_draft_next(struct pf_draft *draft, size_t count)
{
    if (draft->out_size == PF_ANY_SIZE)
        return NULL; /* each will say how much it wants */
    if (!draft->frame && !open_frame(draft, (draft->end - draft->next) * draft->out_size))
        return NULL;
    draft->after = draft->used + count * draft->out_size;
    if (draft->out_size)
        memset(draft->frame->body + draft->used, 0, draft->after - draft->used);
    return draft->frame->body + draft->used;
}

void *pf_draft_place(struct pf_draft *draft, size_t size)
{
    size_t alone = pf_record_after(0, size);
    void *place;

    if (draft->frame && pf_record_after(draft->used, size) > draft->room)
        pf_draft_commit(draft, false);
    if (!draft->frame && !open_frame(draft, alone > PF_BODY_MAX ? alone : PF_BODY_MAX))
        return NULL;
    draft->after = draft->used;
    place = pf_record_put(draft->frame->body, &draft->after, size);
    if (size)
        memset(place, 0, size);
    return place;
}

void pf_draft_shrink(struct pf_draft *draft, size_t size)
{
    draft->after = draft->used;
    pf_record_put(draft->frame->body, &draft->after, size);
}

/* The result moves into a frame of its own, with room behind it. False: there is no memory for a
 * large one. */
static bool move_apart(struct pf_draft *draft, size_t out_size, size_t size)
{
    size_t used = draft->used, alone = pf_record_after(pf_record_after(0, out_size), size);
    unsigned char *kept = malloc(out_size + 1);

    if (!kept && out_size <= PF_LARGE)
        abort(); /* see open_frame */
    if (!kept)
        return false;
    memcpy(kept, pf_record_put(draft->frame->body, &used, out_size), out_size);
    pf_draft_commit(draft, false);
    if (open_frame(draft, alone > PF_BODY_MAX ? alone : PF_BODY_MAX))
        memcpy(pf_record_put(draft->frame->body, &draft->after, out_size), kept, out_size);
    free(kept);
    return draft->frame;
}

void *pf_draft_behind(struct pf_draft *draft, size_t out_size, size_t size)
{
    const struct pf_frame *frame = draft->frame;
    bool mixed = frame->count > 0 && !(frame->flags & PF_FLAG_CHILDREN);

    if ((mixed || pf_record_after(draft->after, size) > draft->room) &&
        !move_apart(draft, out_size, size))
        return NULL;
    draft->frame->flags |= PF_FLAG_CHILDREN;
    return pf_record_put(draft->frame->body, &draft->after, size);
}

void pf_draft_done(struct pf_draft *draft, size_t count)
{
    draft->used = draft->after;
    draft->next += count;
    atomic_signal_fence(memory_order_release); /* the output is there before it counts */
    draft->frame->count += count;
}

bool pf_draft_apart(const struct pf_draft *draft)
{
    return draft->room > PF_BODY_MAX;
}

int64_t pf_draft_commit(struct pf_draft *draft, bool ring)
{
    struct pf_frame *frame = draft->frame;
    int64_t now = pf_now();

    draft->frame = NULL;
    if (frame && frame->count > 0) {
        frame->ns = now - draft->began;
        frame->size = draft->used;
        pf_link_commit(draft->link, frame, ring);
    } else if (frame) {
        draft->link->ops->abandon(draft->link, frame);
    }
    draft->began = now;
    return now;
}
