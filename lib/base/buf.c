/* buf.c - see buf.h. */
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

void pf_buf_add(struct pf_buf *buf, const void *data, size_t size)
{
    if (buf->failed || size == 0)
        return;
    if (size > buf->room - buf->size) {
        size_t room = buf->room ? buf->room : 256;
        while (room - buf->size < size) {
            if (room > (size_t)-1 / 2) {
                buf->failed = true;
                return;
            }
            room *= 2;
        }
        unsigned char *grown = realloc(buf->data, room);
        if (!grown) {
            buf->failed = true;
            return;
        }
        buf->data = grown;
        buf->room = room;
    }
    memcpy(buf->data + buf->size, data, size);
    buf->size += size;
}

void pf_buf_free(struct pf_buf *buf)
{
    free(buf->data);
    *buf = (struct pf_buf){0};
}
