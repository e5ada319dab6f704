/* frames.h - the input as frames: for each a header as it would come, and a body. */
#ifndef TESTS_FUZZ_FRAMES_H
#define TESTS_FUZZ_FRAMES_H

#include "fuzz.h"

#include "wire/frame.h"

/* Kinds by the numbers that they have in the corpus: new ones come at the end of the list. */
static inline int fuzz_kind(uint64_t number)
{
    static const int kinds[] = {
        PF_KIND_NONE, PF_HELLO,  PF_MEET, PF_SEAT,  PF_SEATED, PF_REFUSE,  PF_ARGS,
        PF_INIT,      PF_READY,  PF_CALL, PF_BATCH, PF_RESULT, PF_FAILURE, PF_DROPPED,
        PF_CANCEL,    PF_FORGET, PF_STOP, PF_BYE,   PF_OVER,   PF_PIECE,   PF_HOST,
        PF_LOST,      PF_REVIVE, PF_KILL, PF_LEAVE, PF_HALT};

    return kinds[number % (sizeof kinds / sizeof *kinds)];
}

/* A frame of this kind whose body is the next `size` bytes, no more than are left. It ends where its
 * memory ends, so that nobody reads on unseen. */
static inline struct pf_frame *fuzz_frame(struct fuzz_input *in, int kind, size_t size)
{
    size_t n = size < fuzz_left(in) ? size : fuzz_left(in);
    struct pf_frame *frame = NULL;

    MUST(posix_memalign((void **)&frame, 64, sizeof *frame + n) == 0);
    memset(frame, 0, sizeof *frame);
    frame->kind = (uint16_t)kind;
    frame->size = n;
    if (n)
        memcpy(frame->body, in->at, n);
    in->at += n;
    return frame;
}

#endif
