/* frame.c - see frame.h. Fields begin at multiples of 8, so that they can be read in place. */
#include "wire/frame.h"

#include <stdlib.h>
#include <string.h>

const char *pf_kind_name(int kind)
{
    static const char *const names[] = {"none",
#define NAME(name) #name,
                                        PF_KINDS(NAME)
#undef NAME
    };
    return kind >= 0 && kind < PF_KIND_END ? names[kind] : "unknown";
}

struct pf_frame *pf_frame_new(int kind, size_t body)
{
    size_t size;
    struct pf_frame *frame;

    if (body > PF_FRAME_MAX)
        return NULL;
    size = (sizeof *frame + body + 63) & ~(size_t)63;
    frame = aligned_alloc(64, size);
    if (frame) {
        memset(frame, 0, sizeof *frame);
        frame->kind = (uint16_t)kind;
        frame->size = body;
    }
    return frame;
}

struct pf_frame *pf_frame_hold(const struct pf_frame *frame)
{
    struct pf_frame *held =
        (struct pf_frame *)frame; /* who reads it, and who frees it, are peers */

    atomic_fetch_add_explicit(&held->others, 1, memory_order_relaxed);
    return held;
}

void pf_frame_free(struct pf_frame *frame)
{
    if (frame && atomic_fetch_sub_explicit(&frame->others, 1, memory_order_acq_rel) == 0)
        free(frame);
}

bool pf_frame_alone(const struct pf_frame *frame)
{
    return atomic_load_explicit(&frame->others, memory_order_acquire) == 0;
}

void pf_frame_came(struct pf_frame *frame, bool whole)
{
    atomic_init(&frame->others, 0);
    frame->lost = whole ? 0 : frame->size;
    frame->size -= frame->lost;
}

void *pf_frame_strip(struct pf_frame *frame, const void *bytes, size_t size)
{
    return memmove(frame, bytes, size);
}

void pf_pack_u64(struct pf_buf *buf, uint64_t value)
{
    pf_buf_add(buf, &value, sizeof value);
}

void pf_pack_bytes(struct pf_buf *buf, const void *data, size_t size)
{
    static const unsigned char zeros[8];

    pf_pack_u64(buf, size);
    pf_buf_add(buf, data, size);
    pf_buf_add(buf, zeros, -size & 7);
}

void pf_pack_text(struct pf_buf *buf, const char *text)
{
    pf_pack_bytes(buf, text, strlen(text) + 1);
}

struct pf_reader pf_reader_of(const struct pf_frame *frame)
{
    return (struct pf_reader){.at = frame->body, .end = frame->body + frame->size};
}

uint64_t pf_unpack_u64(struct pf_reader *in)
{
    uint64_t value;

    if (in->failed || (size_t)(in->end - in->at) < sizeof value) {
        in->failed = true;
        return 0;
    }
    memcpy(&value, in->at, sizeof value);
    in->at += sizeof value;
    return value;
}

const void *pf_unpack_bytes(struct pf_reader *in, size_t *size)
{
    uint64_t stated = pf_unpack_u64(in);
    uint64_t padded = stated + (-stated & 7);
    const void *data = in->at;

    *size = 0;
    if (in->failed || padded < stated || padded > (size_t)(in->end - in->at)) {
        in->failed = true;
        return NULL;
    }
    in->at += padded;
    *size = stated;
    return data;
}

const char *pf_unpack_text(struct pf_reader *in)
{
    size_t size;
    const char *text = pf_unpack_bytes(in, &size);

    if (!text || size == 0 || text[size - 1] != '\0') {
        in->failed = true;
        return "";
    }
    return text;
}
