/* batch.c - see batch.h.
 *
 * Results are written into a draft (draft.h), which is committed
 *   - when the batch is done (and then the driver may be woken),
 *   - when an item fails, so that a FAILURE can follow it,
 *   - when FLUSH_AFTER has passed, so that finished work does not wait behind a long task.
 */
#include "work/batch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "plan/tree.h"
#include "wire/duct.h"
#include "wire/record.h"
#include "work/task.h"

#define FLUSH_AFTER (2 * PF_MS)

/* How often the clock is read: after `stride` items, doubled while that takes less than
 * CLOCK_OFTEN, so that reading it costs a cheap item well below a percent. */
#define CLOCK_OFTEN  (20 * PF_US)
#define CLOCK_STRIDE 4096

/* How long a worker goes on with what a task made, before it leaves the rest to others. */
#define KEEP_CHILDREN (2 * PF_MS)

static void answer(struct pf_worker *worker, int kind, uint64_t call, uint64_t first,
                   uint64_t count, const struct pf_buf *body, bool ring)
{
    struct pf_link *link = worker->link;
    struct pf_frame *frame = link->ops->reserve(link, body ? body->size : 0);

    if (!frame)
        abort(); /* see draft.c */
    frame->kind = (uint16_t)kind;
    frame->call = call;
    frame->first = first;
    frame->count = count;
    if (body)
        memcpy(frame->body, body->data, body->size);
    pf_link_commit(link, frame, ring);
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

/* The inputs of a batch, from the front. */
struct inputs {
    const struct pf_frame *batch;
    size_t size; /* of each, or PF_ANY_SIZE */
    size_t used; /* of the body */
};

/* The next `count` of them. False: the frame is cut short. */
static bool next_inputs(struct inputs *in, size_t count, pinfold_bytes *bytes)
{
    if (in->size == PF_ANY_SIZE)
        return pf_record_get(in->batch->body, in->batch->size, &in->used, bytes);
    *bytes = (pinfold_bytes){in->batch->body + in->used, in->size};
    in->used += count * in->size;
    return true;
}

/* There is no room for a result of this size. */
static int fail_for_room(struct pinfold_task *task, size_t size)
{
    task->ours = true;
    if (size > PF_ITEM_MAX)
        return pinfold_task_fail(task, PINFOLD_E_TOO_BIG,
                                 "a result of %zu bytes is more than " PF_ITEM_MAX_TEXT, size);
    return pinfold_task_fail(task, PINFOLD_E_MEMORY, "out of memory for a result of %zu bytes",
                             size);
}

/* What a function returned, unless it overran its limit: then that, whatever it returned. */
static int in_time(struct pinfold_task *task, int code)
{
    struct pf_limit *limit = &task->worker->limit;

    if (!pf_limit_end(limit))
        return code;
    task->ours = true;
    return pinfold_task_fail(task, PINFOLD_E_TASK_TIME, "the task overran its limit of %g s",
                             (double)limit->each / (double)PF_S);
}

/* Whether nobody waits for the item any more; then why it fails, whatever its function made of it. */
static bool is_stopped(struct pinfold_task *task)
{
    if (!task->call->stopped || !pf_call_stopped(task->call, task->index))
        return false;
    task->ours = true;
    pinfold_task_fail(task, PINFOLD_E_CANCELLED, PF_STOPPED);
    return true;
}

/* Runs the function on the next item, whose result has `size` bytes at `out`. */
static int run_item(struct pinfold_task *task, struct inputs *in, void *out, size_t size)
{
    if (!next_inputs(in, 1, &task->arg)) {
        task->ours = true;
        return pinfold_task_fail(task, PINFOLD_E_BROKEN, "the task's input arrived cut short");
    }
    task->out = out;
    task->out_size = size;
    if (is_stopped(task))
        return PINFOLD_E_CANCELLED;
    pf_limit_begin(&task->worker->limit, 1);
    return in_time(task, task->call->fn(task));
}

/* The same for all items of a batch, whose results are combined along the tree. What waits for its
 * sibling on the way lies in call->partial, one behind the other, as the digits of a number that
 * counts the items in twos. */
static int run_reduced(struct pinfold_task *task, struct inputs *in, size_t count)
{
    const struct pf_call *call = task->call;
    const pinfold_bytes shared = {call->shared, call->shared_size};
    size_t size = call->out_size;
    uint64_t at = task->draft->next, end = at + count;
    unsigned char *row = pf_draft_place(task->draft, pf_block_count(at, count) * size);
    struct pf_block block;

    if (!row)
        return fail_for_room(task, size);
    for (; pf_block_next(&at, end, &block); row += size) {
        unsigned char *top = call->partial;
        for (uint64_t i = 1; i <= (uint64_t)1 << block.level; i++) {
            int code;
            memset(top, 0, size);
            task->index = block.first + i - 1;
            code = run_item(task, in, top, size);
            if (code)
                return code;
            top += size;
            for (uint64_t twos = i; !(twos & 1); twos >>= 1) {
                top -= size;
                call->combine(top - size, top, shared);
            }
        }
        memcpy(row, call->partial, size);
    }
    return 0;
}

/* What a function returned, as the driver learns it: with a text, unless it is 0. */
static int verdict(struct pinfold_task *task, int code)
{
    if (code < 0 && !task->ours) {
        if (!task->text[0])
            snprintf(task->text, sizeof task->text,
                     "the function returned %d: its codes must be positive", code);
        return PINFOLD_E_TASK_CODE;
    }
    if (code > 0 && !task->text[0])
        snprintf(task->text, sizeof task->text, "the function returned %d", code);
    return code;
}

/* The child's result becomes part of its parent's. */
static int join(struct pinfold_task *parent, struct pinfold_task *child)
{
    size_t size = child->out_size;

    if (!parent->call->combine || size == 0)
        return 0;
    if (parent->out_size == 0) {
        void *out = pinfold_task_out(parent, size);
        if (!out)
            return fail_for_room(child, size);
        memcpy(out, child->out, size);
        return 0;
    }
    if (parent->out_size != size)
        return pinfold_task_fail(child, PINFOLD_E_ARGUMENT, PF_UNLIKE_RESULTS, parent->out_size,
                                 size);
    parent->call->combine(parent->out, child->out, (pinfold_bytes){0});
    return 0;
}

/* Runs what the task made, and what that makes, as long as there is plenty for all others. */
static void run_children(struct pinfold_task *parent)
{
    struct pf_worker *worker = parent->worker;
    struct pf_children *children = &worker->children;
    int64_t until = pf_now() + KEEP_CHILDREN;
    struct pf_child *child;

    while (pf_now() < until && !parent->call->cancelled && !is_stopped(parent) &&
           (child = pf_children_pop(children))) {
        const struct pf_child *mark = children->top;
        struct pinfold_task task = {.worker = worker,
                                    .call = parent->call,
                                    .index = parent->index,
                                    .attempt = 1,
                                    .arg = {child->arg, child->size}};
        int code;
        task.text[0] = '\0';
        pf_limit_begin(&worker->limit, 1);
        code = in_time(&task, child->fn(&task));
        if (!code && task.refused)
            code = fail_for_room(&task, task.refused);
        code = verdict(&task, code);
        if (!code)
            code = join(parent, &task);
        if (code) {
            struct pinfold_error why = {
                .code = code, .worker = worker->me.number, .rank = worker->me.rank};
            memcpy(why.host, worker->host, sizeof why.host);
            snprintf(why.text, sizeof why.text, "%s", task.text);
            pf_children_fail(children, mark, &why);
        }
        free(child);
    }
}

/* What the task made goes behind its result. */
static int hand_over_children(struct pinfold_task *task)
{
    struct pf_children *children = &task->worker->children;
    struct pf_draft *draft = task->draft;
    struct pf_buf list = {0};
    void *place;

    if (!pf_children_any(children) && !(draft->frame->flags & PF_FLAG_CHILDREN))
        return 0;
    if (pf_children_any(children))
        pf_children_pack(children, task->call->fn, &list);
    place = list.failed ? NULL : pf_draft_behind(draft, task->out_size, list.size);
    if (place && list.size)
        memcpy(place, list.data, list.size);
    pf_buf_free(&list);
    if (place)
        return 0;
    task->ours = true;
    return pinfold_task_fail(task, PINFOLD_E_MEMORY,
                             "out of memory for a result of %zu bytes and the tasks behind it",
                             task->out_size);
}

/* The same as run_item, for tasks with results of any size. */
static int run_alone(struct pinfold_task *task, struct inputs *in)
{
    int code;

    pf_children_clear(&task->worker->children, false);
    code = run_item(task, in, NULL, 0);
    if (is_stopped(task))
        return PINFOLD_E_CANCELLED;
    if (code)
        return code;
    if (task->refused)
        return fail_for_room(task, task->refused);
    if (!task->out)
        pinfold_task_out(task, 0);
    if (!task->call->family)
        return 0;
    if (in->batch->flags & PF_FLAG_PLENTY)
        run_children(task);
    return is_stopped(task) ? PINFOLD_E_CANCELLED : hand_over_children(task);
}

/* The same for results of a fixed size: of an item, or of `count` at once. */
static int run_fixed(struct pinfold_task *task, struct inputs *in, size_t count)
{
    const struct pf_call *call = task->call;
    void *out = pf_draft_next(task->draft, count);

    if (!out)
        return fail_for_room(task, count * call->out_size);
    if (!call->range)
        return run_item(task, in, out, call->out_size);
    next_inputs(in, count, &task->arg); /* of a fixed size, too */
    pf_limit_begin(&task->worker->limit, count);
    return in_time(task, call->range(task, task->index, count, task->arg.data, out));
}

/* Runs the function on the next item, or on the next `count` at once. */
static int run(struct pinfold_task *task, struct inputs *in, size_t count)
{
    const struct pf_call *call = task->call;
    struct pf_link *link = task->worker->link;
    int code;

    task->index = task->draft->next;
    task->text[0] = '\0';
    task->refused = 0;
    task->ours = false;
    if (task->worker->memory_limit)
        errno = 0; /* ENOMEM behind this is the task's own: see crash.c */
    if (link->present)
        atomic_store_explicit(&link->present->item, task->index, memory_order_release);
    atomic_store_explicit(link->busy, pf_seq_after(link->sent), memory_order_release);
    if (task->worker->crash)
        pf_worker_crash(task->worker, count);
    if (call->partial)
        code = run_reduced(task, in, count);
    else if (call->out_size == PF_ANY_SIZE)
        code = run_alone(task, in);
    else
        code = run_fixed(task, in, count);
    atomic_store_explicit(link->busy, 0, memory_order_release);
    return verdict(task, code);
}

/* All of a batch fails, for one reason. */
static void refuse(struct pf_worker *worker, const struct pf_frame *batch, int code,
                   const char *text)
{
    for (uint64_t i = batch->first; i < batch->first + batch->count; i++)
        answer_failure(worker, batch, i, 1, code, text);
}

static void refuse_for_memory(struct pf_worker *worker, const struct pf_frame *batch)
{
    char text[100];

    snprintf(text, sizeof text, "out of memory for an input of %llu bytes",
             (unsigned long long)batch->lost);
    refuse(worker, batch, PINFOLD_E_MEMORY, text);
}

/* Says whose batch is being run; 0: none is. */
static void note_call(const struct pf_worker *worker, uint64_t call)
{
    struct pf_present *present = worker->link->present;

    if (present)
        atomic_store_explicit(&present->call, call, memory_order_release);
}

/* Inputs of a fixed size are not looked at one by one. */
static bool cut_short(const struct pf_frame *batch, const struct pf_call *call)
{
    return !batch->lost && call->in_size && call->in_size != PF_ANY_SIZE &&
           batch->size / call->in_size < batch->count;
}

/* One function, with all that calls a user's: where the backtrace of a crash ends (crash.c). */
__attribute__((flatten)) void pf_batch_run(struct pf_worker *worker, const struct pf_frame *batch)
{
    struct pf_call *call = pf_call_find(worker->calls, batch->call);
    uint64_t end = batch->first + batch->count;
    struct pf_draft draft = {
        .link = worker->link, .call = batch->call, .next = batch->first, .end = end};
    struct pinfold_task task = {.worker = worker,
                                .call = call,
                                .draft = &draft,
                                .attempt = batch->flags >> PF_ATTEMPT_SHIFT};
    struct inputs in = {.batch = batch};
    size_t stride = 1;
    int64_t checked;

    if (!call)
        refuse(worker, batch, PINFOLD_E_BROKEN, "a batch came without its call");
    else if (call->broken)
        refuse(worker, batch, call->broken, call->broken_text);
    else if (batch->lost)
        refuse_for_memory(worker, batch);
    else if (cut_short(batch, call))
        refuse(worker, batch, PINFOLD_E_BROKEN, "inputs arrived cut short");
    if (!call || call->broken || batch->lost || cut_short(batch, call))
        return;
    note_call(worker, batch->call);
    worker->limit = (struct pf_limit){batch->ns, PF_NEVER, worker->link->present};
    in.size = call->in_size;
    draft.out_size = call->partial ? PF_ANY_SIZE : call->out_size;
    draft.began = checked = pf_now();
    while (draft.next < end && !pf_call_cancelled(call, checked) && !call->halted) {
        size_t at_once = call->range || call->partial ? end - draft.next : 1;
        uint64_t until = draft.next + stride;
        int64_t began = checked;
        int code = 0;

        while (draft.next < end) {
            code = run(&task, &in, at_once);
            if (call->cancelled)
                code = 0; /* it may have stopped early: what it left is no result */
            if (code || call->cancelled)
                break;
            pf_draft_done(&draft, at_once);
            if (pf_draft_apart(&draft) || call->halted)
                break;
            if (draft.next >= until && draft.next < end) {
                int64_t now = pf_now();
                if (now - checked < CLOCK_OFTEN && stride < CLOCK_STRIDE)
                    stride *= 2;
                else if (now - checked > 10 * CLOCK_OFTEN && stride > 1)
                    stride /= 2;
                until = draft.next + stride;
                checked = now;
                if (now - began > FLUSH_AFTER)
                    break;
            }
        }
        checked = pf_draft_commit(&draft, draft.next == end && pf_worker_should_ring(worker));
        if (code) {
            answer_failure(worker, batch, draft.next, at_once, code, task.text);
            draft.next += at_once;
        }
        if (draft.next < end && checked - worker->looked > PF_MS)
            pf_worker_take(worker);
    }
    note_call(worker, 0);
    pf_call_answered(call, batch->first, end);
    if (draft.next < end)
        pf_batch_drop(worker, batch->call, draft.next, end - draft.next,
                      pf_worker_should_ring(worker));
}
