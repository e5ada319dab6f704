/* say.c - see say.h. */
#include "pool/say.h"

#include <stdlib.h>
#include <string.h>

void pf_say_commit(struct pf_member *member, struct pf_frame *frame)
{
    pf_seq_give(&member->sent, frame);
    member->port->ops->commit(member->port, member->lane, frame);
}

void pf_say(struct pf_member *member, int kind, uint64_t call, const void *head, size_t head_size,
            const struct pf_frame *tail)
{
    size_t tail_size = tail ? tail->size : 0;
    struct pf_frame *frame =
        member->port->ops->reserve(member->port, member->lane, head_size + tail_size);

    if (!frame)
        abort(); /* a worker that is not told waits for ever */
    frame->kind = (uint16_t)kind;
    frame->call = call;
    if (head_size)
        memcpy(frame->body, head, head_size);
    if (tail_size)
        memcpy(frame->body + head_size, tail->body, tail_size);
    pf_say_commit(member, frame);
}

static void cancel(struct pf_member *member, uint64_t call, uint64_t first, uint64_t count,
                   int64_t grace)
{
    struct pf_frame *frame = member->port->ops->reserve(member->port, member->lane, 0);

    if (!frame)
        abort(); /* see pf_say */
    frame->kind = PF_CANCEL;
    frame->call = call;
    frame->first = first;
    frame->count = count;
    frame->ns = grace;
    pf_say_commit(member, frame);
}

void pf_say_cancel(struct pf_member *member, uint64_t call, int64_t grace)
{
    cancel(member, call, 0, 0, grace);
}

void pf_say_cancel_item(struct pf_member *member, uint64_t call, uint64_t item, int64_t grace)
{
    cancel(member, call, item, 1, grace);
}

void pf_say_stop(struct pf_member *member, int code, const char *text)
{
    struct pf_buf body = {0};

    pf_pack_u64(&body, (uint64_t)(int64_t)code);
    pf_pack_text(&body, text);
    if (body.failed)
        abort();
    pf_say(member, PF_STOP, 0, body.data, body.size, NULL);
    pf_buf_free(&body);
}

void pf_say_shared(struct pf_member *member, const struct pf_frame *frame)
{
    if (frame->size <= PF_LARGE) {
        pf_say(member, frame->kind, frame->call, frame->body, frame->size, NULL);
        return;
    }
    member->sent = pf_seq_after(member->sent); /* who made it marked it PF_SEQ_SHARED */
    member->port->ops->commit(member->port, member->lane, pf_frame_hold(frame));
}

void pf_say_init(struct pf_engine *engine, struct pf_member *member)
{
    const struct pf_seat *seat = &member->seat;
    struct pf_buf head = {0};
    size_t size = (size_t)pf_cpus_print(&seat->cpus, NULL, 0) + 1;
    char *cpus = malloc(size);
    bool apart = engine->init->size > PF_LARGE;

    if (!cpus)
        abort();
    pf_cpus_print(&seat->cpus, cpus, size);
    pf_pack_u64(&head, (uint64_t)seat->number);
    pf_pack_u64(&head, (uint64_t)seat->rank);
    pf_pack_u64(&head, (uint64_t)seat->node);
    pf_pack_u64(&head, (uint64_t)seat->slot);
    pf_pack_u64(&head, (uint64_t)seat->width);
    pf_pack_u64(&head, seat->bound);
    pf_pack_text(&head, cpus);
    pf_pack_u64(&head, (uint64_t)seat->generation);
    if (head.failed)
        abort();
    member->state = PF_STARTING;
    member->given = 0;
    for (struct pf_job *job = engine->jobs; job; job = job->next)
        job->told[seat->number] = (struct pf_told){0}; /* it may be a new one */
    if (apart)
        pf_say_shared(member, engine->init);
    pf_say(member, PF_INIT, 0, head.data, head.size, apart ? NULL : engine->init);
    pf_buf_free(&head);
    free(cpus);
}
