/* seq.c - see seq.h. Numbers go round: of two, the later one is less than half of them ahead. */
#include "wire/seq.h"

static enum pf_seq_is take_shared(struct pf_seq *seq, const struct pf_frame *frame)
{
    uint32_t kind = frame->kind + 1u;

    if (seq->shared_kind == kind && seq->shared == frame->call)
        return PF_SEQ_AGAIN; /* none follows another of the same call */
    seq->shared_kind = kind;
    seq->shared = frame->call;
    seq->last = pf_seq_after(seq->last);
    return PF_SEQ_NEXT;
}

enum pf_seq_is pf_seq_take(struct pf_seq *seq, const struct pf_frame *frame)
{
    uint32_t due = pf_seq_after(seq->last);

    if (frame->seq == 0)
        return PF_SEQ_NEXT;
    if (frame->seq == PF_SEQ_SHARED)
        return take_shared(seq, frame);
    if ((int32_t)(frame->seq - due) < 0)
        return PF_SEQ_AGAIN;
    seq->shared_kind = 0;
    seq->last = frame->seq;
    if (frame->seq == due)
        return PF_SEQ_NEXT;
    seq->missing = due;
    return PF_SEQ_GAP;
}

bool pf_seq_lacks(const struct pf_seq *seq, uint32_t next)
{
    return next && (int32_t)(next - pf_seq_after(seq->last)) > 0;
}
