/* call.c - see call.h. */
#include "work/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "code/address.h"
#include "wire/seq.h"

static int pack_head(struct pf_buf *head, const struct pf_call_facts *facts,
                     struct pinfold_error *err)
{
    pf_function *fn = facts->range ? (pf_function *)facts->range : (pf_function *)facts->fn;
    int code;

    pf_pack_u64(head, (facts->range ? PF_FLAG_RANGE : 0) | (facts->combine ? PF_FLAG_COMBINE : 0) |
                          (facts->family ? PF_FLAG_FAMILY : 0));
    code = pf_pack_function(head, fn, err);
    pf_pack_u64(head, facts->in_size);
    pf_pack_u64(head, facts->out_size);
    pf_pack_u64(head, (uint64_t)facts->time);
    if (!code && facts->combine)
        code = pf_pack_function(head, (pf_function *)facts->combine, err);
    return code;
}

/* The shared bytes lie at the end, aligned for whatever they are. */
#define SHARED_ALIGN 64

static size_t shared_at(size_t head)
{
    return (head + SHARED_ALIGN - 1) & ~(size_t)(SHARED_ALIGN - 1);
}

/* They go straight into the frame: they may be most of the memory that there is. */
int pf_call_pack(struct pf_frame **out, const struct pf_call_facts *facts,
                 struct pinfold_error *err)
{
    struct pf_buf head = {0};
    struct pf_frame *frame = NULL;
    int code = pack_head(&head, facts, err);

    pf_pack_u64(&head, facts->shared.size);
    if (!code && !head.failed)
        frame = pf_frame_new(PF_CALL, shared_at(head.size) + facts->shared.size);
    if (!code && !frame)
        code = pf_fail(err, PINFOLD_E_MEMORY, "out of memory for %zu shared bytes",
                       facts->shared.size);
    if (!code) {
        memset(frame->body, 0, shared_at(head.size));
        memcpy(frame->body, head.data, head.size);
        if (facts->shared.size)
            memcpy(frame->body + shared_at(head.size), facts->shared.data, facts->shared.size);
        frame->seq = PF_SEQ_SHARED;
        *out = frame;
    }
    pf_buf_free(&head);
    return code;
}

struct pf_stopped {
    struct pf_stopped *next;
    uint64_t item;
};

void pf_call_stop(struct pf_call *call, uint64_t item)
{
    struct pf_stopped *stopped = pf_call_stopped(call, item) ? NULL : malloc(sizeof *stopped);

    if (!stopped)
        return; /* the task runs to its end, or until it is killed */
    *stopped = (struct pf_stopped){call->stopped, item};
    call->stopped = stopped;
}

bool pf_call_stopped(const struct pf_call *call, uint64_t item)
{
    for (const struct pf_stopped *one = call->stopped; one; one = one->next)
        if (one->item == item)
            return true;
    return false;
}

void pf_call_answered(struct pf_call *call, uint64_t first, uint64_t end)
{
    struct pf_stopped **at = &call->stopped, *one;

    while ((one = *at)) {
        if (one->item >= first && one->item < end) {
            *at = one->next;
            free(one);
        } else {
            at = &one->next;
        }
    }
}

static void forget(struct pf_call *call)
{
    pf_call_answered(call, 0, UINT64_MAX);
    free(call->partial);
    free(call->copy);
    pf_frame_free(call->frame);
    free(call);
}

/* The call can be run nowhere here: each of its items will be told why. */
static void fail(struct pf_call *call, int code, const char *text)
{
    if (call->broken)
        return; /* for a reason that came before */
    call->broken = code;
    snprintf(call->broken_text, sizeof call->broken_text, "%.255s", text);
}

static void fail_for_memory(struct pf_call *call, const char *what, uint64_t size)
{
    char text[100];

    snprintf(text, sizeof text, "out of memory for %s of %llu bytes", what,
             (unsigned long long)size);
    fail(call, PINFOLD_E_MEMORY, text);
}

static pf_function *learn_function(struct pf_call *call, struct pf_reader *in)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pf_function *fn = NULL;
    int code = pf_unpack_function(in, &fn, &err);

    if (code)
        fail(call, code, err.text);
    return fn;
}

/* Of a batch, which is no larger than a frame: one result of each level of its tree, and one more. */
static size_t results_on_path(size_t out_size)
{
    size_t n = 2;

    for (size_t items = out_size ? PF_BODY_MAX / out_size : 0; items > 1; items /= 2)
        n++;
    return n;
}

static void learn_combine(struct pf_call *call, struct pf_reader *in)
{
    call->combine = (pinfold_combine_fn *)learn_function(call, in);
    if (call->family)
        return; /* results become one as they come */
    call->partial = malloc(results_on_path(call->out_size) * call->out_size + 1);
    if (!call->partial)
        fail_for_memory(call, "results", call->out_size);
}

/* A large frame is held, since it has no other use; of a small one, the transport wants the room. */
static void learn_shared(struct pf_call *call, const struct pf_frame *frame, size_t at)
{
    call->shared_size = frame->size - at;
    if (call->shared_size == 0)
        return;
    call->shared = frame->body + at;
    if (frame->size > PF_LARGE) {
        call->frame = pf_frame_hold(frame);
        return;
    }
    call->copy = malloc(call->shared_size);
    if (!call->copy) {
        fail_for_memory(call, "shared bytes", call->shared_size);
        return;
    }
    memcpy(call->copy, call->shared, call->shared_size);
    call->shared = call->copy;
}

static bool is_size(size_t size)
{
    return size <= PF_ITEM_MAX || size == PF_ANY_SIZE;
}

/* Behind the end of time is never. */
static int64_t deadline_in(int64_t time)
{
    int64_t now = pf_now();

    return time >= PF_NEVER - now ? PF_NEVER : now + time;
}

static void learn(struct pf_call *call, const struct pf_frame *frame)
{
    struct pf_reader in = pf_reader_of(frame);
    uint64_t flags = pf_unpack_u64(&in);
    pf_function *fn = learn_function(call, &in);
    uint64_t shared_size;
    size_t at;

    if (flags & PF_FLAG_RANGE)
        call->range = (pinfold_range_fn *)fn;
    else
        call->fn = (pinfold_fn *)fn;
    call->in_size = pf_unpack_u64(&in);
    call->out_size = pf_unpack_u64(&in);
    call->deadline = deadline_in((int64_t)pf_unpack_u64(&in));
    call->family = flags & PF_FLAG_FAMILY;
    if (in.failed || !is_size(call->in_size) || !is_size(call->out_size)) {
        call->broken = 0; /* that is why no function was found, if none was */
        fail(call, PINFOLD_E_BROKEN, "a call arrived cut short, or with sizes that cannot be");
        return;
    }
    if (!fn)
        fail(call, PINFOLD_E_BROKEN, "a call arrived without its function");
    if (flags & PF_FLAG_COMBINE)
        learn_combine(call, &in);
    shared_size = pf_unpack_u64(&in);
    at = shared_at((size_t)(in.at - frame->body));
    if (!in.failed && at <= frame->size && frame->size - at == shared_size) {
        learn_shared(call, frame, at);
        return;
    }
    if (in.failed)
        call->broken = 0; /* that is why no function was found, if none was */
    fail(call, PINFOLD_E_BROKEN, "a call arrived cut short");
}

bool pf_call_learn(struct pf_call **list, const struct pf_frame *frame)
{
    struct pf_call *call = calloc(1, sizeof *call);

    if (!call)
        return false;
    call->id = frame->call;
    call->deadline = PF_NEVER;
    if (frame->lost)
        fail_for_memory(call, "shared bytes", frame->lost);
    else
        learn(call, frame);
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
        forget(call);
    }
}

bool pf_call_cancelled(struct pf_call *call, int64_t now)
{
    if (now >= call->deadline)
        call->cancelled = true;
    return call->cancelled;
}
