/* A CALL frame as a worker learns it: what it can run is whole, all else says why it cannot. */
#include "frames.h"

#include "base/clock.h"
#include "work/call.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = fuzz_input(data, size);
    struct pf_frame *frame = fuzz_frame(&in, PF_CALL, SIZE_MAX);
    struct pf_call *calls = NULL;

    frame->call = 7;
    MUST(pf_call_learn(&calls, frame) && pf_call_find(calls, 7) == calls);
    if (calls->broken) {
        MUST(calls->broken < 0 && calls->broken_text[0]);
    } else {
        MUST(calls->fn || calls->range);
        MUST(calls->in_size == PF_ANY_SIZE || calls->in_size <= PF_ITEM_MAX);
        MUST(calls->out_size == PF_ANY_SIZE || calls->out_size <= PF_ITEM_MAX);
        MUST(calls->shared_size <= frame->size);
        if (calls->partial) /* two results at least (plan/tree.h) */
            memset(calls->partial, 1, calls->out_size < PF_LARGE ? 2 * calls->out_size : 1);
    }
    pf_call_cancelled(calls, pf_now());
    pf_call_forget(&calls, 7);
    MUST(!calls);
    free(frame);
    return 0;
}
