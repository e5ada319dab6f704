/* queue.c - see queue.h, and pinfold_submit. */
#include "task/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pool/attempt.h"
#include "pool/say.h"
#include "task/family.h"
#include "task/how.h"
#include "wire/record.h"
#include "work/call.h"

/* While all workers are busy, so many tasks may be submitted before the pool is looked after: a
 * driver that only submits would else never hear that a worker wants more. */
#define LOOK_EVERY 64

/* ---- the job */
static struct pf_queue *of_job(struct pf_job *job)
{
    return (struct pf_queue *)job; /* job is the first member */
}

/* What goes first of it, for the engine. */
static void note_first(struct pf_queue *queue)
{
    const struct pf_line *line = pf_line_first(queue->lines);

    queue->job.priority = line ? line->priority : 0;
    queue->job.age = line ? TAILQ_FIRST(&line->waiting)->age : UINT64_MAX;
}

static bool take(struct pf_job *job, size_t want, struct pf_lot *lot)
{
    struct pf_queue *queue = of_job(job);
    struct pf_line *line = pf_line_first(queue->lines);
    struct pinfold_future *future, *first = NULL, **end = &first;

    *lot = (struct pf_lot){0};
    while (line && lot->count < want && (future = TAILQ_FIRST(&line->waiting))) {
        size_t after = pf_record_after(lot->bytes, future->size);
        if (lot->count && after > PF_BODY_MAX)
            break;
        if (queue->alike.fn)
            future->index = queue->numbered++;
        if (!lot->count)
            lot->first = future->index;
        else if (future->index != lot->first + lot->count)
            break; /* the one before it is done, and this one came back */
        pf_queue_remove(queue, future);
        future->state = PINFOLD_RUNNING;
        *end = future;
        end = &TAILQ_NEXT(future, link);
        lot->bytes = after;
        lot->count++;
    }
    *end = NULL;
    lot->items = first;
    if (lot->count) {
        job->item_size = lot->bytes / lot->count;
        job->fit = pf_job_fit(job->item_size);
    }
    return lot->count > 0;
}

static struct pf_frame *made(struct pf_job *job, const struct pf_lot *lot)
{
    (void)job;
    return pf_future_frame(lot->items); /* a large one is alone in its lot */
}

static void fill(struct pf_job *job, const struct pf_lot *lot, void *body)
{
    const struct pinfold_future *future = lot->items;
    size_t used = 0;

    (void)job;
    for (size_t i = 0; i < lot->count; i++, future = TAILQ_NEXT(future, link)) {
        void *place = pf_record_put(body, &used, future->size);
        if (future->size)
            memcpy(place, future->data, future->size);
    }
}

static struct pinfold_future *next_of(struct pf_lot *lot)
{
    struct pinfold_future *future = lot->items;

    lot->items = TAILQ_NEXT(future, link);
    return future;
}

/* The next task's result, and what it has made. False: they are cut short. */
static bool next_answer(const struct pf_frame *frame, size_t *used, pinfold_bytes *result,
                        pinfold_bytes *children)
{
    *children = (pinfold_bytes){0};
    return pf_record_get(frame->body, frame->size, used, result) &&
           (!(frame->flags & PF_FLAG_CHILDREN) ||
            pf_record_get(frame->body, frame->size, used, children));
}

static bool done(struct pf_job *job, struct pf_lot *lot, const struct pf_frame *frame)
{
    const struct pf_queue *queue = of_job(job);
    pinfold_bytes result, children;
    size_t used = 0;

    for (uint64_t i = 0; i < frame->count; i++)
        if (!next_answer(frame, &used, &result, &children))
            return false;
    used = 0;
    for (uint64_t i = 0; i < frame->count; i++) {
        struct pinfold_future *future = next_of(lot);
        next_answer(frame, &used, &result, &children);
        if (queue->watch)
            queue->watch->done(queue->watch->data, job, lot, future->index, i, frame->count,
                               result);
        if (children.size)
            pf_family_grow(future, children);
        pf_future_result(future, result, frame);
    }
    return true;
}

static void failed(struct pf_job *job, struct pf_lot *lot, size_t count,
                   struct pinfold_error *error)
{
    (void)job;
    while (count-- > 0)
        pf_future_fail(next_of(lot), error);
}

/* To the front of their lines, in their order: they were there before all that wait. A lot is of
 * one line. */
static void again(struct pf_job *job, struct pf_lot *lot, size_t count, bool singly)
{
    struct pf_queue *queue = of_job(job);
    struct pinfold_future *before = NULL;

    (void)singly;
    while (count-- > 0) {
        struct pinfold_future *future = next_of(lot);
        if (pf_future_stopped(future)) {
            pf_future_fail_stopped(future);
            continue;
        }
        job->remaining++;
        future->state = PINFOLD_PENDING;
        if (before)
            TAILQ_INSERT_AFTER(&future->line->waiting, before, future, link);
        else
            TAILQ_INSERT_HEAD(&future->line->waiting, future, link);
        before = future;
    }
    note_first(queue);
}

static void tried(struct pf_job *job, const struct pf_lot *lot, const struct pinfold_error *error)
{
    const struct pf_watch *watch = of_job(job)->watch;
    const struct pinfold_future *future = lot->items;

    if (watch)
        watch->tried(watch->data, job, future->index, error);
}

static bool wanted(struct pf_job *job, const struct pf_lot *lot)
{
    (void)job;
    return !pf_future_stopped(lot->items);
}

/* It is RUNNING still: it cannot be cancelled. */
static void apart(struct pf_job *job, struct pf_lot *lot, struct pf_lot *one)
{
    struct pinfold_future *future = next_of(lot);

    (void)job;
    TAILQ_NEXT(future, link) = NULL;
    one->first = future->index;
    one->count = 1;
    one->bytes = pf_record_after(0, future->size);
    one->items = future;
}

static void settle(struct pf_job *job)
{
    struct pf_queue *queue = of_job(job);
    struct pinfold_future *future;

    while ((future = TAILQ_FIRST(&queue->due))) {
        TAILQ_REMOVE(&queue->due, future, link);
        pf_future_call(future);
    }
}

static void drop(struct pf_job *job, const struct pinfold_error *why)
{
    struct pf_queue *queue = of_job(job);
    struct pf_line *line;

    while ((line = pf_line_first(queue->lines))) {
        struct pinfold_future *future = TAILQ_FIRST(&line->waiting);
        pf_queue_remove(queue, future);
        if (why->code == PINFOLD_E_CANCELLED)
            pf_future_cancelled(future);
        else
            pf_future_fail(future, why);
    }
}

static void free_queue(struct pf_job *job)
{
    struct pf_queue *queue = of_job(job);
    struct pinfold_future *future;

    /* The process is about to end: nobody is called any more. */
    while ((future = TAILQ_FIRST(&queue->due))) {
        TAILQ_REMOVE(&queue->due, future, link);
        pf_future_release(future);
    }
    pf_frame_free(job->call);
    free(queue);
}

static const struct pf_job_ops ops = {take,  made,  fill,   done,   failed, again,
                                      apart, tried, wanted, settle, drop,   free_queue};

/* ---- the queue */
static bool same(const struct pf_alike *a, const struct pf_alike *b)
{
    return a->fn == b->fn && a->combine == b->combine && a->limit == b->limit &&
           a->retries == b->retries && a->estimate == b->estimate &&
           pf_wish_same(&a->wish, &b->wish);
}

static struct pf_queue *find(const struct pinfold_pool *pool, const struct pf_alike *alike)
{
    for (struct pf_job *job = pool->engine.jobs; job; job = job->next)
        if (job->ops == &ops && same(&of_job(job)->alike, alike))
            return of_job(job);
    return NULL;
}

/* One whose tasks are called like this. */
static int make(struct pf_queue **out, struct pinfold_pool *pool, const struct pf_call_facts *facts,
                struct pinfold_error *err)
{
    struct pf_queue *queue = calloc(1, sizeof *queue);
    int code;

    if (!queue)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a queue of tasks");
    queue->job = (struct pf_job){.ops = &ops,
                                 .in_size = facts->in_size,
                                 .out_size = facts->out_size,
                                 .fit = 1,
                                 .age = UINT64_MAX};
    queue->pool = pool;
    pf_line_setup(&queue->lines, &queue->usual, 0);
    TAILQ_INIT(&queue->due);
    code = pf_call_pack(&queue->job.call, facts, err);
    if (!code)
        code = pf_engine_take_up(&pool->engine, &queue->job, err);
    if (code) {
        pf_frame_free(queue->job.call);
        free(queue);
        return code;
    }
    *out = queue;
    return 0;
}

int pf_queue_new(struct pf_queue **out, struct pinfold_pool *pool, pinfold_fn *fn,
                 pinfold_bytes shared, int64_t time, struct pinfold_error *err)
{
    return make(out, pool,
                &(struct pf_call_facts){.fn = fn,
                                        .in_size = PF_ANY_SIZE,
                                        .out_size = PF_ANY_SIZE,
                                        .shared = shared,
                                        .time = time},
                err);
}

int pf_queue_get(struct pf_queue **out, struct pinfold_pool *pool, const struct pf_alike *alike,
                 struct pinfold_error *err)
{
    int code;

    *out = find(pool, alike);
    if (*out)
        return 0;
    code = make(out, pool,
                &(struct pf_call_facts){.fn = alike->fn,
                                        .combine = alike->combine,
                                        .family = true,
                                        .in_size = PF_ANY_SIZE,
                                        .out_size = PF_ANY_SIZE,
                                        .time = PF_NEVER},
                err);
    if (!code) {
        (*out)->alike = *alike;
        (*out)->job.wish = alike->wish;
        (*out)->job.limit = alike->limit;
        (*out)->job.retries = alike->retries;
        (*out)->job.estimate = alike->estimate * (double)PF_S;
    }
    return code;
}

void pf_queue_end(struct pf_queue *queue, const struct pinfold_error *why)
{
    struct pf_engine *engine = &queue->pool->engine;

    if (queue->job.unfinished)
        pf_engine_fail(engine, &queue->job, why);
    pf_engine_lay_down(engine, &queue->job);
    free_queue(&queue->job);
}

static void add(struct pf_queue *queue, struct pinfold_future *future, uint64_t age)
{
    future->age = age;
    queue->job.remaining++;
    queue->job.unfinished++;
    note_first(queue);
}

void pf_queue_add(struct pf_queue *queue, struct pinfold_future *future)
{
    if (!queue->alike.fn)
        future->index = queue->numbered++;
    TAILQ_INSERT_TAIL(&future->line->waiting, future, link);
    add(queue, future, queue->pool->engine.asked++);
}

void pf_queue_add_child(struct pf_queue *queue, struct pinfold_future *child, uint64_t age)
{
    TAILQ_INSERT_HEAD(&child->line->waiting, child, link);
    add(queue, child, age);
}

void pf_queue_remove(struct pf_queue *queue, struct pinfold_future *future)
{
    TAILQ_REMOVE(&future->line->waiting, future, link);
    queue->job.remaining--;
    note_first(queue);
}

/* Whether it is this future, or of its family. */
static bool is_of(const struct pinfold_future *future, const struct pinfold_future *root)
{
    return future == root || (root->family && future->family == root->family);
}

/* Has the worker stop what it has of them in this job. */
static void stop_flight(struct pf_engine *engine, struct pf_member *member, struct pf_job *job,
                        const struct pinfold_future *root)
{
    for (int i = 0; i < member->nflight; i++) {
        const struct pf_batch *batch = &member->flight[i];
        const struct pinfold_future *future = batch->lot.items;
        for (size_t n = batch->job == job ? batch->lot.count : 0; n > 0; n--) {
            if (is_of(future, root))
                pf_say_cancel_item(member, job->id, future->index, engine->grace);
            future = TAILQ_NEXT(future, link);
        }
    }
}

static void stop_waiting(struct pf_queue *queue, const struct pinfold_future *root)
{
    for (struct pf_line *line = queue->lines, *next; line; line = next) {
        struct pinfold_future *future = TAILQ_FIRST(&line->waiting), *after;
        next = line->next; /* the last member takes its line with it */
        for (; future; future = after) {
            after = TAILQ_NEXT(future, link);
            if (!is_of(future, root))
                continue;
            pf_queue_remove(queue, future);
            pf_future_cancelled(future);
        }
    }
}

void pf_queue_stop(struct pinfold_future *root)
{
    struct pf_engine *engine = &root->queue->pool->engine;
    struct pf_job *alone = root->family ? NULL : &root->queue->job;

    for (struct pf_job *job = engine->jobs; job; job = job->next) {
        if (job->ops != &ops || (alone && job != alone))
            continue;
        for (int i = 0; i < engine->nmembers; i++)
            if (engine->members[i].state == PF_SERVING)
                stop_flight(engine, &engine->members[i], job, root);
        pf_attempt_drop_unwanted(job);
        if (!alone) /* it runs: its children alone may wait */
            stop_waiting(of_job(job), root);
    }
}

/* ---- the call */
static int check(const struct pinfold_pool *pool, pinfold_fn *fn, pinfold_bytes arg,
                 const struct pinfold_call *how, struct pinfold_error *err)
{
    int code = pf_pool_check(pool, false, err);

    if (code)
        return code;
    if (pool->closing)
        return pf_fail(err, PINFOLD_E_CLOSING, "submit: the pool is being closed");
    if (!fn)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "submit: the function is NULL");
    if (arg.size && !arg.data)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "submit: the argument's data is NULL");
    if (arg.size > PF_ITEM_MAX)
        return pf_fail(err, PINFOLD_E_TOO_BIG,
                       "submit: an argument of %zu bytes is more than " PF_ITEM_MAX_TEXT, arg.size);
    if (how->chunk || how->timeout != 0 || how->shared.size || how->codes || how->failed ||
        how->window || how->unordered || how->key)
        return pf_fail(err, PINFOLD_E_ARGUMENT,
                       "submit: of a pinfold_call only priority, wish, combine, limit, "
                       "retries and estimate are for a task alone");
    code = pf_how_check_tries(how, "submit", err);
    return code ? code : pf_how_check_wish(how, pool, "submit", err);
}

int pinfold_submit(pinfold_pool *pool, pinfold_fn *fn, pinfold_bytes arg,
                   const struct pinfold_call *given, pinfold_future **out,
                   struct pinfold_error *err)
{
    struct pinfold_call how;
    struct pinfold_future *future;
    struct pf_engine *engine;
    struct pf_queue *queue;
    struct pf_alike alike;
    int code;

    pf_how_read(&how, given);
    alike = (struct pf_alike){
        fn,          how.combine, {how.where, how.number, how.must}, pf_how_limit(&how),
        how.retries, how.estimate};
    code = check(pool, fn, arg, &how, err);
    if (!code)
        code = pf_ending_refuse(&pool->engine, "submit", err);
    if (!code)
        code = pf_queue_get(&queue, pool, &alike, err);
    if (code)
        return code;
    future = pf_future_new(queue, how.priority, arg);
    if (!future)
        return pf_fail(err, PINFOLD_E_MEMORY, "submit: out of memory for a task of %zu bytes",
                       arg.size);
    future->owned = out != NULL;
    pf_queue_add(queue, future);
    engine = &pool->engine;
    if (!engine->running && (engine->idle > 0 || engine->asked % LOOK_EVERY == 0))
        pf_engine_push(engine, engine->idle == 0);
    if (out)
        *out = future;
    return 0;
}

int pinfold_pool_cancel(pinfold_pool *pool)
{
    struct pinfold_error why = PINFOLD_ERROR_INIT;
    int code = pf_pool_check(pool, false, NULL);

    if (code)
        return code;
    why.code = PINFOLD_E_CANCELLED;
    for (struct pf_job *job = pool->engine.jobs; job; job = job->next)
        if (job->ops->drop)
            job->ops->drop(job, &why);
    pf_engine_settle(&pool->engine);
    return 0;
}
