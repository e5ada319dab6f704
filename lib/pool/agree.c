/* agree.c - what both sides of agree.h share, and the end of it all. */
#include "pool/agree.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

void pf_agree_post(struct pf_fabric *fabric, int to, int kind, struct pf_buf *body)
{
    struct pf_frame *frame = body->failed ? NULL : pf_frame_new(kind, body->size);

    if (!frame)
        abort();
    if (body->size)
        memcpy(frame->body, body->data, body->size);
    pf_fabric_post(fabric, to, frame);
    pf_fabric_ring(fabric, to);
    pf_buf_free(body);
}

void pf_pack_cpus(struct pf_buf *body, const struct pf_cpus *cpus)
{
    pf_pack_bytes(body, cpus, sizeof *cpus);
}

void pf_unpack_cpus(struct pf_reader *in, struct pf_cpus *cpus)
{
    size_t size;
    const void *at = pf_unpack_bytes(in, &size);

    pf_cpus_zero(cpus);
    if (at && size == sizeof *cpus)
        memcpy(cpus, at, size);
    else
        in->failed = true;
}

void pf_agree_dismiss(struct pf_fabric *fabric, int code, const char *text)
{
    for (int rank = 1; rank < pf_fabric_size(fabric); rank++) {
        struct pf_buf body = {0};
        pf_pack_u64(&body, (uint64_t)(int64_t)code);
        pf_pack_text(&body, text);
        pf_agree_post(fabric, rank, code ? PF_REFUSE : PF_STOP, &body);
    }
}

/* Whether the driver said OVER. It says so once, so the frame is kept. */
bool pf_agree_driver_left(struct pf_fabric *fabric)
{
    int from;
    struct pf_frame *frame = pf_fabric_kept(fabric, &from);

    if (frame)
        pf_fabric_keep(fabric, from, frame); /* a rank keeps nothing else */
    return frame != NULL;
}

void pf_agree_over(struct pf_fabric *fabric)
{
    int size = pf_fabric_size(fabric), waiting = size - 1, from;
    bool driver = pf_fabric_rank(fabric) == 0;

    if (!driver) {
        struct pf_buf body = {0};
        if (pf_agree_driver_left(fabric))
            return; /* it has heard our HELLO, and waits for nothing else */
        pf_agree_post(fabric, 0, PF_OVER, &body);
        waiting = 1;
    }
    /* The driver hears one HELLO or OVER of every rank; a rank hears the driver's OVER. Waiting
     * here and not in MPI_Finalize costs no CPU time, should somebody be late. */
    while (waiting > 0) {
        struct pf_frame *frame = pf_fabric_kept(fabric, &from);
        if (!frame)
            frame = pf_fabric_next(fabric, &from);
        if (!frame) {
            pf_fabric_nap(fabric, PF_NEVER);
            continue;
        }
        if (frame->kind == PF_OVER || (driver && frame->kind == PF_HELLO)) {
            struct pf_buf body = {0};
            waiting--;
            if (driver)
                pf_agree_post(fabric, from, PF_OVER, &body);
        }
        free(frame);
    }
}

void pf_agree_end(struct pf_fabric *fabric, bool in_peace)
{
    if (in_peace) {
        pf_agree_over(fabric);
        pf_fabric_end(fabric);
        return;
    }
    for (int rank = 1; pf_fabric_rank(fabric) == 0 && rank < pf_fabric_size(fabric); rank++) {
        struct pf_buf body = {0};
        pf_agree_post(fabric, rank, PF_OVER, &body);
    }
}
