/* record.h - byte strings of any size, one behind the other, in the body of a frame.
 *
 *      8      16            8      16
 *      ┌──────┬───────────┬──┬──────┬────────
 *   pad│ size │ bytes     │  │ size │ bytes      each size at 8 modulo 16: the bytes are aligned
 *      └──────┴───────────┴──┴──────┴────────    to 16, as malloc aligns, and 8 bytes cost 16
 *
 * A row is written and read from its front; `used` is where it ends so far, 0 at the beginning.
 */
#ifndef PF_WIRE_RECORD_H
#define PF_WIRE_RECORD_H

#include "pinfold.h"

/* How much of the body is used when a record of this size has been added. */
size_t pf_record_after(size_t used, size_t size);

/* Writes the next record's head; where its bytes go. The body must have room. */
void *pf_record_put(void *body, size_t *used, size_t size);

/* The next record of a body of `size` bytes, in place. False: it is cut short. */
bool pf_record_get(const void *body, size_t size, size_t *used, pinfold_bytes *bytes);

#endif
