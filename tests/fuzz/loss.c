/* The loss of a worker, as its rank tells the driver. */
#include "frames.h"

#include "port/relay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = fuzz_input(data, size);
    struct pf_frame *frame = fuzz_frame(&in, PF_LOST, SIZE_MAX);
    struct pf_event loss = {.lane = 3, .frame = frame};

    pf_relay_loss(frame, &loss);
    MUST(loss.lane == 3 && !loss.frame && loss.code < 0 && strlen(loss.text) < SIZE_MAX);
    free(frame);
    return 0;
}
