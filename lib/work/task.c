/* task.c - see task.h.
 *
 * Results are written where the driver reads them. A RESULT frame is reserved for as many items
 * as may still come, and its `count` goes up behind each item that went well: should this process
 * die in the next one, the driver finds there what was finished. The frame is committed
 *   - when the batch is done (and then the driver may be woken),
 *   - when an item fails, so that a FAILURE can follow it,
 *   - when FLUSH_AFTER has passed, so that finished work does not wait behind a long task.
 */
#include "work/task.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define FLUSH_AFTER (2 * PF_MS)

/* How often the clock is read: after `stride` items, doubled while that takes less than
 * CLOCK_OFTEN, so that reading it costs a cheap item well below a percent. */
#define CLOCK_OFTEN  (20 * PF_US)
#define CLOCK_STRIDE 4096

struct pinfold_task {
    struct pf_worker *worker;
    struct pf_call *call;
    size_t index;
    pinfold_bytes arg;
    void *out;
    char text[384]; /* what pinfold_task_fail said */
};

pinfold_bytes pinfold_task_arg(const pinfold_task *task)
{
    return task->arg;
}

void *pinfold_task_out(pinfold_task *task, size_t size)
{
    return size <= task->call->out_size ? task->out : NULL;
}

size_t pinfold_task_index(const pinfold_task *task)
{
    return task->index;
}

pinfold_bytes pinfold_task_shared(const pinfold_task *task)
{
    return (pinfold_bytes){task->call->shared, task->call->shared_size};
}

int pinfold_task_fail(pinfold_task *task, int code, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(task->text, sizeof task->text, fmt, args);
    va_end(args);
    return code;
}

bool pinfold_task_cancelled(pinfold_task *task)
{
    int64_t now = pf_now();

    if (!pf_call_cancelled(task->call, now) && now - task->worker->looked > PF_MS)
        pf_worker_take(task->worker);
    return task->call->cancelled;
}

void *pinfold_task_state(const pinfold_task *task)
{
    return task->worker->state;
}

const struct pinfold_worker *pinfold_task_worker(const pinfold_task *task)
{
    return &task->worker->me;
}

/* Out of memory while answering: there is no way to say so, and a driver that waits for an answer
 * would wait for ever. Dying is an answer. */
static struct pf_frame *reserve_or_die(struct pf_link *link, size_t body)
{
    struct pf_frame *frame = link->ops->reserve(link, body);

    if (!frame)
        abort();
    return frame;
}

static void answer(struct pf_worker *worker, int kind, uint64_t call, uint64_t first,
                   uint64_t count, const struct pf_buf *body, bool ring)
{
    struct pf_link *link = worker->link;
    struct pf_frame *frame = reserve_or_die(link, body ? body->size : 0);

    frame->kind = (uint16_t)kind;
    frame->call = call;
    frame->first = first;
    frame->count = count;
    if (body)
        memcpy(frame->body, body->data, body->size);
    link->ops->commit(link, frame, ring);
}

void pf_batch_drop(struct pf_worker *worker, uint64_t call, uint64_t first, uint64_t count,
                   bool ring)
{
    answer(worker, PF_DROPPED, call, first, count, NULL, ring);
}

static void answer_failure(struct pf_worker *worker, const struct pf_frame *batch, uint64_t first,
                           uint64_t count, int code, const char *text)
{
    bool last = first + count == batch->first + batch->count;
    struct pf_buf body = {0};

    pf_pack_u64(&body, (uint64_t)(int64_t)code);
    pf_pack_text(&body, text);
    if (body.failed)
        abort();
    answer(worker, PF_FAILURE, batch->call, first, count, &body,
           last && pf_worker_should_ring(worker));
    pf_buf_free(&body);
}

/* Runs the function on items first .. of the batch, at `i`, into the draft. The number of items
 * that it took care of: one, or all that were left for a range function. */
static int run(struct pinfold_task *task, const struct pf_frame *batch, size_t i, size_t count,
               unsigned char *out)
{
    const struct pf_call *call = task->call;
    const unsigned char *in = batch->body + i * call->in_size;
    _Atomic uint32_t *busy = task->worker->link->busy;
    int code;

    task->index = batch->first + i;
    task->arg = (pinfold_bytes){in, call->in_size};
    task->out = out;
    task->text[0] = '\0';
    if (call->out_size)
        memset(out, 0, call->out_size * count);
    atomic_store_explicit(busy, 1, memory_order_release);
    code = call->range ? call->range(task, task->index, count, in, out) : call->fn(task);
    atomic_store_explicit(busy, 0, memory_order_release);
    if (code < 0) {
        if (!task->text[0])
            snprintf(task->text, sizeof task->text,
                     "the function returned %d: its codes must be positive", code);
        return PINFOLD_E_TASK_CODE;
    }
    if (code > 0 && !task->text[0])
        snprintf(task->text, sizeof task->text, "the function returned %d", code);
    return code;
}

void pf_batch_run(struct pf_worker *worker, const struct pf_frame *batch)
{
    struct pf_link *link = worker->link;
    struct pf_call *call = pf_call_find(worker->calls, batch->call);
    struct pinfold_task task = {.worker = worker, .call = call};
    size_t i = 0, stride = 1;
    int64_t checked;

    if (!call || call->broken) {
        for (; i < batch->count; i++)
            answer_failure(worker, batch, batch->first + i, 1,
                           call ? call->broken : PINFOLD_E_BROKEN,
                           call ? call->broken_text : "a batch came without its call");
        return;
    }
    checked = pf_now();
    while (i < batch->count && !pf_call_cancelled(call, checked)) {
        size_t left = batch->count - i, at_once = call->range ? left : 1, until = i + stride;
        struct pf_frame *draft = reserve_or_die(link, left * call->out_size);
        int64_t began = checked;
        int code = 0;

        draft->kind = PF_RESULT;
        draft->call = batch->call;
        draft->first = batch->first + i;
        while (i < batch->count) {
            code = run(&task, batch, i, at_once, draft->body + draft->count * call->out_size);
            if (call->cancelled)
                code = 0; /* it may have stopped early: what it left is no result */
            if (code || call->cancelled)
                break;
            i += at_once;
            atomic_signal_fence(memory_order_release); /* the output is there before it counts */
            draft->count += at_once;
            if (i >= until && i < batch->count) {
                int64_t now = pf_now();
                if (now - checked < CLOCK_OFTEN && stride < CLOCK_STRIDE)
                    stride *= 2;
                else if (now - checked > 10 * CLOCK_OFTEN && stride > 1)
                    stride /= 2;
                until = i + stride;
                checked = now;
                if (now - began > FLUSH_AFTER)
                    break;
            }
        }
        checked = pf_now();
        draft->ns = checked - began;
        draft->size = draft->count * call->out_size;
        if (draft->count)
            link->ops->commit(link, draft, i == batch->count && pf_worker_should_ring(worker));
        else
            link->ops->abandon(link, draft);
        if (code) {
            answer_failure(worker, batch, batch->first + i, at_once, code, task.text);
            i += at_once;
        }
        if (i < batch->count && checked - worker->looked > PF_MS)
            pf_worker_take(worker);
    }
    if (i < batch->count)
        pf_batch_drop(worker, batch->call, batch->first + i, batch->count - i,
                      pf_worker_should_ring(worker));
}
