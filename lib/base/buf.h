/* buf.h - bytes that grow. A failed allocation is remembered, so that a row of appends needs one
 * check at its end. */
#ifndef PF_BASE_BUF_H
#define PF_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct pf_buf {
    unsigned char *data;
    size_t size, room;
    bool failed; /* out of memory: what was appended since is lost */
};

void pf_buf_add(struct pf_buf *buf, const void *data, size_t size);
void pf_buf_free(struct pf_buf *buf); /* leaves an empty one */

#endif
