/* call.c - see call.h. */
#include "work/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "code/address.h"

int pf_call_pack(struct pf_buf *body, pinfold_fn *fn, pinfold_range_fn *range, size_t in_size,
                 size_t out_size, pinfold_bytes shared, int64_t time, struct pinfold_error *err)
{
    int code;

    pf_pack_u64(body, range ? PF_FLAG_RANGE : 0);
    code = pf_pack_function(body, range ? (pf_function *)range : (pf_function *)fn, err);
    if (code)
        return code;
    pf_pack_u64(body, in_size);
    pf_pack_u64(body, out_size);
    pf_pack_u64(body, (uint64_t)time);
    pf_pack_bytes(body, shared.data, shared.size);
    if (body->failed)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for %zu shared bytes", shared.size);
    return 0;
}

int pf_call_pack_combine(struct pf_buf *body, pinfold_combine_fn *combine,
                         struct pinfold_error *err)
{
    int code = pf_pack_function(body, (pf_function *)combine, err);

    return !code && body->failed ? pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a call")
                                 : code;
}

static bool learn_combine(struct pf_call *call, struct pf_reader *in, struct pinfold_error *err)
{
    pf_function *fn = NULL;

    call->broken = pf_unpack_function(in, &fn, err);
    call->combine = (pinfold_combine_fn *)fn;
    call->family = call->out_size == PF_ANY_SIZE;
    if (call->family)
        return true;
    /* Room for one result of each level, and one more. */
    call->partial = call->out_size < SIZE_MAX / 65 ? malloc(65 * call->out_size) : NULL;
    return call->partial;
}

bool pf_call_learn(struct pf_call **list, const struct pf_frame *frame)
{
    struct pf_call *call = calloc(1, sizeof *call);
    struct pf_reader in = pf_reader_of(frame);
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pf_function *fn = NULL;
    const void *shared;
    int64_t time;
    bool range;

    if (!call)
        return false;
    call->id = frame->call;
    range = pf_unpack_u64(&in) & PF_FLAG_RANGE;
    call->broken = pf_unpack_function(&in, &fn, &err);
    if (range)
        call->range = (pinfold_range_fn *)fn;
    else
        call->fn = (pinfold_fn *)fn;
    call->in_size = pf_unpack_u64(&in);
    call->out_size = pf_unpack_u64(&in);
    time = (int64_t)pf_unpack_u64(&in);
    call->deadline = time == PF_NEVER ? PF_NEVER : pf_now() + time;
    shared = pf_unpack_bytes(&in, &call->shared_size);
    if (!in.failed && !call->broken && in.at < in.end && !learn_combine(call, &in, &err)) {
        free(call);
        return false;
    }
    snprintf(call->broken_text, sizeof call->broken_text, "%.255s", err.text);
    if (in.failed && !call->broken) {
        call->broken = PINFOLD_E_BROKEN;
        snprintf(call->broken_text, sizeof call->broken_text, "a call arrived cut short");
    }
    if (call->shared_size > 0) {
        call->shared = malloc(call->shared_size);
        if (!call->shared) {
            free(call);
            return false;
        }
        memcpy(call->shared, shared, call->shared_size);
    }
    call->next = *list;
    *list = call;
    return true;
}

struct pf_call *pf_call_find(struct pf_call *list, uint64_t id)
{
    while (list && list->id != id)
        list = list->next;
    return list;
}

void pf_call_forget(struct pf_call **list, uint64_t id)
{
    while (*list && (*list)->id != id)
        list = &(*list)->next;
    if (*list) {
        struct pf_call *call = *list;
        *list = call->next;
        free(call->partial);
        free(call->shared);
        free(call);
    }
}

bool pf_call_cancelled(struct pf_call *call, int64_t now)
{
    if (now >= call->deadline)
        call->cancelled = true;
    return call->cancelled;
}
