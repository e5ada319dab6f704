/* follow.c - the side of any other rank in agree.h. */
#include <stdlib.h>

#include "base/clock.h"
#include "pool/agree.h"
#include "pool/seating.h"

static void pack_facts(struct pf_buf *body, const struct pf_facts *facts, const char *bell)
{
    pf_pack_bytes(body, facts->same.data, facts->same.size);
    pf_pack_text(body, facts->host);
    pf_pack_text(body, facts->node);
    pf_pack_text(body, bell);
    pf_pack_cpus(body, &facts->mask);
    pf_pack_u64(body, facts->chosen);
    pf_pack_u64(body, (uint64_t)(int64_t)facts->local);
}

/* The driver says why there is no pool. A reason that cannot be read is one too. */
static int hear_refusal(const struct pf_frame *frame, struct pinfold_error *err)
{
    struct pf_reader in = pf_reader_of(frame);
    int code = (int)(int64_t)pf_unpack_u64(&in);
    const char *text = pf_unpack_text(&in);

    if (in.failed || code >= 0)
        return pf_fail(err, PINFOLD_E_MPI,
                       "the driver refused the open with a frame that cannot be read");
    return pf_fail(err, code, "%s", text);
}

/* The same, but that a pool which was only closed has no reason. */
static int hear_stop(const struct pf_frame *frame, struct pinfold_error *err)
{
    struct pf_reader in = pf_reader_of(frame);

    return pf_unpack_u64(&in) == 0 ? 0 : hear_refusal(frame, err);
}

static void answer_seat(struct pf_fabric *fabric, const struct pf_policy *given,
                        const struct pf_frame *frame)
{
    struct pf_reader in = pf_reader_of(frame);
    struct pf_policy policy = *given;
    struct pinfold_error why = PINFOLD_ERROR_INIT;
    struct pf_seating *seating = NULL;
    struct pf_buf body = {0};
    uint64_t stated = pf_unpack_u64(&in), most = (uint64_t)pf_fabric_size(fabric);
    int n = (int)(stated <= most ? stated : most), code;
    struct pf_cpus *masks = calloc((size_t)n + 1, sizeof *masks);
    bool *chosen = calloc((size_t)n + 1, sizeof *chosen);
    int *local = calloc((size_t)n + 1, sizeof *local);

    if (!masks || !chosen || !local)
        abort();
    for (int i = 0; i < n; i++) {
        pf_unpack_cpus(&in, &masks[i]);
        chosen[i] = pf_unpack_u64(&in);
        local[i] = (int)(int64_t)pf_unpack_u64(&in);
    }
    policy.reserve = PF_RESERVE_NONE; /* the driver is elsewhere */
    if (in.failed || stated > most)
        code = pf_fail(&why, PINFOLD_E_MPI, "the driver's question who sits where cannot be read");
    else
        code = pf_seating_ranks(&seating, masks, chosen, local, &policy, n, &why);
    pf_pack_u64(&body, (uint64_t)(int64_t)code);
    pf_pack_text(&body, code ? why.text : seating->notice);
    for (int i = 0; !code && i < n; i++) {
        pf_pack_cpus(&body, &seating->places[i].cpus);
        pf_pack_u64(&body, (uint64_t)seating->places[i].width);
        pf_pack_u64(&body, seating->places[i].bound);
    }
    pf_agree_post(fabric, 0, PF_SEATED, &body);
    pf_seating_free(seating);
    free(masks);
    free(chosen);
    free(local);
}

/* What was said to a worker of the pool before this one, and came twice or too late. The driver has
 * said MEET before anything else to who comes to this one. */
static bool left_over(const struct pf_frame *frame, bool met)
{
    return frame->seq && !met;
}

int pf_agree_follow(struct pf_fabric *fabric, const struct pf_facts *facts,
                    const struct pf_policy *policy, int64_t deadline, struct pf_frame **init,
                    bool *lost, struct pinfold_error *err)
{
    struct pf_buf body = {0};
    bool met = false;

    if (pf_agree_driver_left(fabric))
        return pf_fail(err, PINFOLD_E_OVER,
                       "the driver has called pinfold_finalize: there are no "
                       "more pools");
    pack_facts(&body, facts, pf_fabric_bell(fabric));
    pf_agree_post(fabric, 0, PF_HELLO, &body);
    for (;;) {
        int from, code = 0;
        struct pf_frame *frame = pf_fabric_next(fabric, &from);
        struct pf_reader in;
        if (!frame && pf_now() >= deadline) {
            *lost = true;
            return pf_fail(err, PINFOLD_E_TIMEOUT,
                           "the driver did not come to the open in time (open-timeout sets the "
                           "time)");
        }
        if (!frame) {
            pf_fabric_nap(fabric, deadline);
            continue;
        }
        deadline = PF_NEVER; /* it is there, and will see to us */
        in = pf_reader_of(frame);
        switch (left_over(frame, met) ? PF_KIND_NONE : frame->kind) {
        case PF_HOST: /* before INIT, as is */
        case PF_ARGS:
        case PF_INIT:
            *init = frame;
            return 0;
        case PF_MEET:
            met = true;
            pf_fabric_meet(fabric, 0, pf_unpack_text(&in));
            break;
        case PF_SEAT:
            answer_seat(fabric, policy, frame);
            break;
        case PF_OVER:
            pf_fabric_keep(fabric, from, frame);
            return pf_fail(err, PINFOLD_E_OVER,
                           "the driver has called pinfold_finalize: there are "
                           "no more pools");
        case PF_PING: /* for a worker, which we are not, since no INIT came */
            pf_pack_u64(&body, (uint64_t)(int64_t)PINFOLD_E_BROKEN);
            pf_pack_text(&body, "INIT for it never came: it was lost in transit");
            pf_agree_post(fabric, 0, PF_FAILURE, &body);
            break;
        case PF_STOP: /* for a rank without a worker: the pool was closed; or there is none */
            code = hear_stop(frame, err);
            free(frame);
            *init = NULL;
            return code;
        case PF_REFUSE:
            code = hear_refusal(frame, err);
            free(frame);
            return code;
        default:
            break;
        }
        free(frame);
    }
}
