/* Records in a body: a row that is cut short is seen to be. */
#include "fuzz.h"

#include "wire/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t used = 0, before = 0;
    unsigned char *body = malloc(size ? size : 1);
    volatile unsigned char last;
    pinfold_bytes bytes;

    MUST(body);
    if (size)
        memcpy(body, data, size);
    while (pf_record_get(body, size, &used, &bytes)) {
        MUST(used > before && used <= size);
        if (bytes.size)
            last = ((const unsigned char *)bytes.data)[bytes.size - 1];
        before = used;
    }
    (void)last;
    free(body);
    return 0;
}
