/* record.c - see record.h. */
#include "wire/record.h"

#include <string.h>

#define HEAD sizeof(uint64_t)

static size_t head_behind(size_t used)
{
    return ((used + 7) & ~(size_t)15) + 8;
}

size_t pf_record_after(size_t used, size_t size)
{
    return head_behind(used) + HEAD + size;
}

void *pf_record_put(void *body, size_t *used, size_t size)
{
    unsigned char *head = (unsigned char *)body + head_behind(*used);
    uint64_t stated = size;

    memcpy(head, &stated, sizeof stated);
    *used = pf_record_after(*used, size);
    return head + HEAD;
}

bool pf_record_get(const void *body, size_t size, size_t *used, pinfold_bytes *bytes)
{
    size_t at = head_behind(*used);
    uint64_t stated;

    if (at > size || size - at < HEAD)
        return false;
    memcpy(&stated, (const unsigned char *)body + at, sizeof stated);
    if (stated > size - at - HEAD)
        return false;
    *bytes = (pinfold_bytes){(const unsigned char *)body + at + HEAD, stated};
    *used = at + HEAD + stated;
    return true;
}
