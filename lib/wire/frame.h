/* frame.h - what travels between driver and workers: a header of 64 bytes and a body.
 *
 * The header is native: all ranks run the same binary on the same architecture (open makes sure
 * of both, and of PF_WIRE_VERSION), so nothing is converted. A frame is aligned to 64 bytes
 * wherever it lies, and its body with it.
 *
 * Bodies with several fields are packed by pf_pack_* and read by pf_unpack_*, which check bounds
 * and remember a failure, so that a row of them needs one check at its end.
 */
#ifndef PF_WIRE_FRAME_H
#define PF_WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "wire/kind.h"

#define PF_WIRE_VERSION 2

struct pf_frame {
    uint16_t kind;     /* enum pf_frame_kind */
    uint16_t flags;    /* by kind, below */
    uint32_t released; /* the transport's: its reader is done with it */
    uint64_t size;     /* of the body, in bytes */
    uint64_t call;     /* the call it belongs to, from 1 */
    uint64_t first;    /* items first .. first + count - 1 of that call */
    uint64_t count;
    int64_t ns; /* RESULT, FAILURE: the time that these items took */
    uint64_t spare[2];
    unsigned char body[];
};
_Static_assert(sizeof(struct pf_frame) == 64, "a frame's header is one cache line");

#define PF_FLAG_RANGE    1u /* CALL: a pinfold_range_fn */
#define PF_FLAG_PLENTY   1u /* BATCH: there is enough for all others too */
#define PF_FLAG_CHILDREN 1u /* RESULT: behind each result lies what the task has made (children.h) */

/* The largest body that is handed over in place; a batch of many items keeps below it. Larger
 * ones (of a single item, or `shared` bytes) go in pieces. It is below the size up to which MPI
 * sends without waiting for the receiver over TCP (64 KiB in Open MPI). */
#define PF_BODY_MAX (60 * 1024)

/* Inputs or outputs that are not all of one size: they are records (record.h). */
#define PF_ANY_SIZE SIZE_MAX

/* The largest input or output of a task, and the most `shared` bytes. */
#define PF_ITEM_MAX ((size_t)1 << 30)

/* No body is larger than this: one that says so is nonsense, and no memory is asked for it. */
#define PF_FRAME_MAX ((size_t)1 << 31)

/* Allocates a frame of its own, 64-byte aligned, with a zeroed header; free() it. NULL: out of
 * memory, or larger than PF_FRAME_MAX. */
struct pf_frame *pf_frame_new(int kind, size_t body);

/* ---- bodies of several fields */
void pf_pack_u64(struct pf_buf *buf, uint64_t value);
void pf_pack_bytes(struct pf_buf *buf, const void *data, size_t size);
void pf_pack_text(struct pf_buf *buf, const char *text);

struct pf_reader {
    const unsigned char *at, *end;
    bool failed; /* the body ended before the field did */
};
struct pf_reader pf_reader_of(const struct pf_frame *frame);
uint64_t pf_unpack_u64(struct pf_reader *in);
const void *pf_unpack_bytes(struct pf_reader *in, size_t *size); /* in place, 8-byte aligned */
const char *pf_unpack_text(struct pf_reader *in);                /* in place; "" on failure */

#endif
