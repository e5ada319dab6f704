/* Bodies of several fields: whatever lies there, what is read lies inside. */
#include "frames.h"

/* The first byte says how many others say which fields are read, the rest is the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = fuzz_input(data, size);
    size_t fields = fuzz_number(&in, 1);
    uint8_t which[255];

    for (size_t i = 0; i < fields; i++)
        which[i] = (uint8_t)fuzz_number(&in, 1);
    struct pf_frame *frame = fuzz_frame(&in, PF_KIND_NONE, SIZE_MAX);
    struct pf_reader reader = pf_reader_of(frame);
    for (size_t i = 0; i < fields; i++) {
        const unsigned char *before = reader.at;
        bool failed = reader.failed;
        size_t length = 0;

        if (which[i] % 3 == 0) {
            pf_unpack_u64(&reader);
        } else if (which[i] % 3 == 1) {
            const unsigned char *bytes = pf_unpack_bytes(&reader, &length);
            MUST(reader.failed ? length == 0 : bytes + length <= reader.end);
        } else {
            length = strlen(pf_unpack_text(&reader));
        }
        MUST(reader.at >= before && reader.at <= reader.end);
        MUST(!failed || reader.failed);
    }
    free(frame);
    return 0;
}
