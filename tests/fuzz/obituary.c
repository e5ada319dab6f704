/* The last words of a worker, whose memory a task may have written to: what is told is one line. The
 * first two bytes are the status of its end, the rest its words. */
#include "fuzz.h"

#include "work/obituary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = fuzz_input(data, size);
    int status = (int)fuzz_number(&in, 2);
    struct pf_words words = {0};
    struct pf_obituary obituary = {0};

    if ((status & 0x7f) == 0x7f) /* stopped: nobody is told of that */
        return 0;
    if (fuzz_left(&in))
        memcpy(&words, in.at, fuzz_left(&in) < sizeof words ? fuzz_left(&in) : sizeof words);
    pf_obituary_write(&obituary, &words, 42, status, (uint64_t)size << 20);
    MUST(obituary.code < 0 && memchr(obituary.text, '\0', sizeof obituary.text));
    for (const char *at = obituary.text; *at; at++)
        MUST((unsigned char)*at >= ' ' && *at != 127);
    return 0;
}
