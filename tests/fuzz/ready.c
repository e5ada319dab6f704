/* What a worker says of itself when it is ready. */
#include "frames.h"

#include "pool/member.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = fuzz_input(data, size);
    struct pf_frame *frame = fuzz_frame(&in, PF_READY, SIZE_MAX);
    struct pf_member member = {.state = PF_STARTING};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_log silent = {0};
    int code = pf_member_ready(&member, frame, &silent, &err);

    MUST((code == 0) == (member.state == PF_SERVING) && code == err.code);
    MUST(code != 0 || member.cpus);
    free(member.cpus);
    free(frame);
    return 0;
}
