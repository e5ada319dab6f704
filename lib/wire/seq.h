/* seq.h - the numbers of frames: each direction of a lane counts its own, from 1.
 *
 * Transports neither lose frames nor repeat them. Should one do so all the same, its receiver sees it
 * by the numbers: a frame that came before is dropped, and one that never came is an error, since
 * nothing is sent twice. What nobody numbered (0: what a transport says by itself, and the last words
 * of a worker that died) is taken as it is. A large frame that goes to several lanes cannot have the
 * number of each: it is counted, and that it is there twice is seen by what it is.
 */
#ifndef PF_WIRE_SEQ_H
#define PF_WIRE_SEQ_H

#include "wire/frame.h"

#define PF_SEQ_SHARED UINT32_MAX /* counted, and not numbered */

/* The number that follows; zeroes begin with 1. */
static inline uint32_t pf_seq_after(uint32_t number)
{
    return number == PF_SEQ_SHARED - 1 ? 1 : number + 1;
}

/* Numbers a frame that is about to be sent. `sent`: the number of the one before. */
static inline void pf_seq_give(uint32_t *sent, struct pf_frame *frame)
{
    frame->seq = *sent = pf_seq_after(*sent);
}

/* What has come of a lane; zeroes: nothing has. */
struct pf_seq {
    uint32_t last;    /* the number of the last frame */
    uint32_t missing; /* of the first that did not come, where pf_seq_take said PF_SEQ_GAP */
    uint64_t shared;  /* the call of the last frame, if that was a shared one, and 1 + its kind */
    uint32_t shared_kind;
};

enum pf_seq_is {
    PF_SEQ_NEXT,  /* the one that was due */
    PF_SEQ_AGAIN, /* it came before: to be dropped */
    PF_SEQ_GAP    /* others should have come before it, which never will. It counts as come */
};
enum pf_seq_is pf_seq_take(struct pf_seq *seq, const struct pf_frame *frame);

/* Whether a sender whose next frame has this number (0: not known) sent more than came. */
bool pf_seq_lacks(const struct pf_seq *seq, uint32_t next);

#endif
