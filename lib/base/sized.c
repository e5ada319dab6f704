/* sized.c - see sized.h. */
#include "base/sized.h"

#include <string.h>

static size_t common(const void *theirs, size_t size)
{
    size_t stated;

    memcpy(&stated, theirs, sizeof stated);
    return stated && stated < size ? stated : size;
}

void pf_sized_in(void *ours, size_t size, const void *theirs)
{
    memcpy(ours, theirs, common(theirs, size));
}

void pf_sized_out(void *theirs, const void *ours, size_t size)
{
    size_t room = common(theirs, size);

    if (room > sizeof size)
        memcpy((char *)theirs + sizeof size, (const char *)ours + sizeof size, room - sizeof size);
}
