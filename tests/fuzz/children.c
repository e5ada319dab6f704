/* The tasks that a task made, as the driver reads them behind a result. */
#include "frames.h"

#include "work/children.h"

static int own(pinfold_task *task)
{
    (void)task;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = fuzz_input(data, size);
    struct pf_frame *frame = fuzz_frame(&in, PF_RESULT, SIZE_MAX);
    struct pf_reader reader = pf_reader_of(frame);
    struct pinfold_error error;
    pinfold_bytes arg;
    pinfold_fn *fn;

    pf_children_unpack_failure(&reader, &error);
    error = (struct pinfold_error)PINFOLD_ERROR_INIT;
    while (pf_children_unpack(&reader, own, &fn, &arg, &error)) {
        const unsigned char *bytes = arg.data;
        MUST(error.code || (fn && bytes >= frame->body && bytes + arg.size <= reader.end));
    }
    free(frame);
    return 0;
}
