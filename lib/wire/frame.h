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

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "wire/kind.h"

#define PF_WIRE_VERSION 3

struct pf_frame {
    uint16_t kind;     /* enum pf_frame_kind */
    uint16_t flags;    /* by kind, below */
    uint32_t released; /* the transport's: its reader is done with it */
    uint64_t size;     /* of the body, in bytes */
    uint64_t call;     /* the call it belongs to, from 1 */
    uint64_t first;    /* items first .. first + count - 1 of that call */
    uint64_t count;
    int64_t ns;              /* RESULT, FAILURE: the time that these items took */
                             /* BATCH: how long each item may take; 0: as long as it likes */
                             /* CANCEL: how long until who still runs one is ended; 0: it is not */
    uint64_t lost;           /* its receiver had no memory for a body of so many bytes: size is 0 */
    _Atomic uint32_t others; /* the memory's: how many hold it besides one */
    uint32_t seq;            /* its number in its lane, seq.h */
    unsigned char body[];
};
_Static_assert(sizeof(struct pf_frame) == 64, "a frame's header is one cache line");

#define PF_FLAG_RANGE    1u /* in the body of a CALL: a pinfold_range_fn */
#define PF_FLAG_COMBINE  2u /* and: there is a pinfold_combine_fn */
#define PF_FLAG_FAMILY   4u /* and: tasks may make tasks */
#define PF_FLAG_PLENTY   1u /* BATCH: there is enough for all others too */
#define PF_ATTEMPT_SHIFT 4  /* and the bits from here on: which attempt it is, from 1 */
#define PF_FLAG_CHILDREN 1u /* RESULT: behind each result lies what the task has made (children.h) */

/* The largest body that is handed over in place; a batch of many items keeps below it. Larger
 * ones (of a single item, or `shared` bytes) go in pieces. It is below the size up to which MPI
 * sends without waiting for the receiver over TCP (64 KiB in Open MPI). */
#define PF_BODY_MAX (60 * 1024)

/* Inputs or outputs that are not all of one size: they are records (record.h). */
#define PF_ANY_SIZE SIZE_MAX

/* The largest input or output of a task, and the most `shared` bytes. What fits into the memory of
 * a node is far less; sizes that are beyond this are mistakes. */
#if SIZE_MAX > UINT32_MAX
#define PF_ITEM_MAX      ((size_t)1 << 40)
#define PF_ITEM_MAX_TEXT "1 TiB"
#else
#define PF_ITEM_MAX      ((size_t)1 << 30)
#define PF_ITEM_MAX_TEXT "1 GiB"
#endif

/* No body is larger than this: one that says so is nonsense, and no memory is asked for it. */
#define PF_FRAME_MAX (2 * PF_ITEM_MAX)

/* Frames with a larger body than this are worth sparing memory: they are held rather than copied,
 * and go between ranks with the header first. None of them ever lies in a ring. */
#define PF_LARGE ((size_t)1 << 20)

/* Allocates a frame of its own, 64-byte aligned, with a zeroed header; free() it. NULL: out of
 * memory, or larger than PF_FRAME_MAX. */
struct pf_frame *pf_frame_new(int kind, size_t body);

/* A large frame may have several holders, of any thread; whoever is the last to let go frees it.
 * Nobody writes to its body then. NULL is allowed. */
struct pf_frame *pf_frame_hold(const struct pf_frame *frame);
void pf_frame_free(struct pf_frame *frame);

/* What a transport says of a frame whose header it brought: who held it where it was sent is nothing
 * here; and without the body, what became of that. */
void pf_frame_came(struct pf_frame *frame, bool whole);

bool pf_frame_alone(const struct pf_frame *frame); /* nobody else holds it */

/* Turns a frame that nobody else holds into plain memory for free(), which begins with these bytes
 * of its body: without a second copy of them. */
void *pf_frame_strip(struct pf_frame *frame, const void *bytes, size_t size);

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
