/* future.c - see future.h. */
#include "task/future.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "task/failure.h"
#include "task/family.h"
#include "task/group.h"
#include "wire/record.h"
#include "work/call.h"

#define INLINE_MAX 1024 /* bytes of an argument that lie in the future itself */

/* ---- the data. A large one lies in the frame that it travels in, at its front, and so is there
 * once. */
static bool large(size_t size)
{
    return pf_record_after(0, size) > PF_LARGE;
}

static struct pf_frame *frame_of(const struct pinfold_future *future)
{
    return (struct pf_frame *)(future->data - pf_record_after(0, 0)) - 1;
}

struct pf_frame *pf_future_frame(const struct pinfold_future *future)
{
    return future->framed ? pf_frame_hold(frame_of(future)) : NULL;
}

/* Room for an argument. */
static unsigned char *make_room(struct pinfold_future *future, size_t size)
{
    struct pf_frame *frame;
    size_t used = 0;

    if (size <= INLINE_MAX)
        return future->room;
    if (!large(size))
        return malloc(size);
    frame = pf_frame_new(PF_BATCH, pf_record_after(0, size));
    future->framed = frame != NULL;
    return frame ? pf_record_put(frame->body, &used, size) : NULL;
}

static void drop_data(struct pinfold_future *future)
{
    if (future->framed)
        pf_frame_free(frame_of(future));
    else if (future->data != future->room)
        free(future->data);
    future->framed = false;
    future->data = future->room;
    future->size = 0;
}

bool pf_future_give(struct pinfold_future *future, pinfold_bytes *result)
{
    size_t size = future->size;
    void *data = NULL;

    if (future->framed && pf_frame_alone(frame_of(future))) {
        data = pf_frame_strip(frame_of(future), future->data, size);
    } else if (!future->framed && future->data != future->room) {
        data = future->data;
    } else if (size) {
        data = malloc(size);
        if (!data)
            return false;
        memcpy(data, future->data, size);
        drop_data(future);
    }
    future->framed = false;
    future->data = future->room;
    future->size = 0;
    *result = (pinfold_bytes){data, size};
    return true;
}

struct pinfold_future *pf_future_new(struct pf_queue *queue, int priority, pinfold_bytes arg)
{
    size_t room = arg.size <= INLINE_MAX ? (arg.size + 15) & ~(size_t)15 : 0;
    struct pinfold_future *future = malloc(sizeof *future + room);

    if (!future)
        return NULL;
    *future = (struct pinfold_future){
        .queue = queue, .arg_size = arg.size, .size = arg.size, .room_size = (uint16_t)room};
    future->data = make_room(future, arg.size);
    future->line = future->data ? pf_line_join(&queue->lines, priority) : NULL;
    if (!future->line) {
        drop_data(future);
        free(future);
        return NULL;
    }
    if (arg.size)
        memcpy(future->data, arg.data, arg.size);
    return future;
}

bool pf_future_complete(const struct pinfold_future *future)
{
    return future->state >= PINFOLD_FINISHED;
}

bool pf_future_dropped(const struct pinfold_future *future)
{
    return future->failure && future->failure->code == PINFOLD_E_CANCELLED;
}

bool pf_future_stopped(const struct pinfold_future *future)
{
    return future->stopped || (future->family && future->family->root->stopped);
}

void pf_future_fail_stopped(struct pinfold_future *future)
{
    struct pinfold_error error = PINFOLD_ERROR_INIT;

    pf_fail(&error, PINFOLD_E_CANCELLED, PF_STOPPED);
    pf_future_fail(future, &error);
}

bool pf_future_left_out(const struct pinfold_future *future)
{
    return future->failure && future->failure->code == PINFOLD_E_ENDING;
}

static void free_if_nobodys(struct pinfold_future *future)
{
    if (future->owned || future->queue || future->calling)
        return;
    if (future->group)
        pf_group_remove(future->group, future);
    while (future->callbacks) {
        struct pf_callback *callback = future->callbacks;
        future->callbacks = callback->next;
        free(callback);
    }
    drop_data(future);
    free(future->failure);
    free(future);
}

void pf_future_release(struct pinfold_future *future)
{
    future->queue = NULL;
    free_if_nobodys(future);
}

static void complete(struct pinfold_future *future, enum pinfold_state state)
{
    struct pf_queue *queue = future->queue;
    struct pf_tally *tally = queue->job.tally;

    future->state = (uint8_t)state;
    pf_job_end(&queue->job,
               state == PINFOLD_CANCELLED || pf_future_dropped(future) || pf_future_left_out(future)
                   ? &tally->cancelled
               : future->failure ? &tally->failed
                                 : &tally->done,
               1);
    pf_line_leave(&queue->lines, future->line);
    future->line = NULL;
    if (future->group)
        pf_group_complete(future->group, future);
    if (future->callbacks) {
        TAILQ_INSERT_TAIL(&queue->due, future, link);
        queue->job.settling = true;
    } else {
        pf_future_release(future);
    }
}

void pf_future_complete_as(struct pinfold_future *future, enum pinfold_state state,
                           struct pf_failure *failure)
{
    if (failure || state == PINFOLD_CANCELLED)
        drop_data(future);
    future->failure = failure;
    complete(future, state);
}

void pf_future_fail(struct pinfold_future *future, const struct pinfold_error *error)
{
    if (future->family)
        pf_family_fail(future, error);
    else
        pf_future_complete_as(future, PINFOLD_FINISHED, pf_failure_of(error));
}

bool pf_future_keep(struct pinfold_future *future, pinfold_bytes result,
                    const struct pf_frame *frame, struct pinfold_error *err)
{
    bool held = large(result.size) && frame->count == 1;
    unsigned char *data = future->room;

    if (held) {
        pf_frame_hold(frame);
        data = (unsigned char *)result.data; /* ours now */
    } else if (result.size > future->room_size) {
        data = malloc(result.size);
    }
    if (!data) {
        pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a result of %zu bytes", result.size);
        return false;
    }
    drop_data(future);
    if (result.size && !held)
        memcpy(data, result.data, result.size);
    future->data = data;
    future->size = result.size;
    future->framed = held;
    return true;
}

void pf_future_result(struct pinfold_future *future, pinfold_bytes result,
                      const struct pf_frame *frame)
{
    struct pinfold_error error = PINFOLD_ERROR_INIT;

    if (future->family)
        pf_family_result(future, result, frame);
    else if (pf_future_keep(future, result, frame, &error))
        complete(future, PINFOLD_FINISHED);
    else
        pf_future_fail(future, &error);
}

void pf_future_cancelled(struct pinfold_future *future)
{
    struct pinfold_error error = PINFOLD_ERROR_INIT;

    if (!future->family) {
        pf_future_complete_as(future, PINFOLD_CANCELLED, NULL);
        return;
    }
    pf_fail(&error, PINFOLD_E_CANCELLED, "a task that it had made was cancelled before it ran");
    pf_family_fail(future, &error);
}

void pf_future_call(struct pinfold_future *future)
{
    future->calling = true;
    while (future->callbacks) {
        struct pf_callback *callback = future->callbacks;
        future->callbacks = callback->next;
        callback->fn(future, callback->data);
        free(callback);
    }
    future->calling = false;
    pf_future_release(future);
}

/* ---- the calls */
static int check(const struct pinfold_future *future, const char *verb, struct pinfold_error *err)
{
    if (!future)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: the future is NULL", verb);
    return 0;
}

enum pinfold_state pinfold_future_state(const pinfold_future *future)
{
    return (enum pinfold_state)future->state;
}

static bool is_complete(const void *context)
{
    return pf_future_complete(context);
}

int pinfold_future_wait(pinfold_future *future, double timeout, struct pinfold_error *err)
{
    int code = check(future, "wait", err);

    if (!code && !(timeout >= 0))
        code = pf_fail(err, PINFOLD_E_ARGUMENT, "wait: a timeout of %g s makes no sense", timeout);
    if (code || pf_future_complete(future))
        return code;
    /* A pool that is broken has completed all its futures. */
    code = pf_pool_check(future->queue->pool, true, err);
    if (code)
        return code;
    pf_engine_run(&future->queue->pool->engine, is_complete, future, pf_deadline(timeout));
    if (pf_future_complete(future))
        return 0;
    return pf_fail(err, PINFOLD_E_TIMEOUT, "wait: 1 of 1 unfinished after %g s", timeout);
}

static int error_of(const struct pinfold_future *future, struct pinfold_error *err)
{
    if (future->state == PINFOLD_CANCELLED)
        return pf_fail(err, PINFOLD_E_CANCELLED, "the task was cancelled before it ran");
    return future->failure ? pf_failure_give(err, future->failure) : 0;
}

int pinfold_future_result(pinfold_future *future, pinfold_bytes *result, struct pinfold_error *err)
{
    int code = pinfold_future_wait(future, PINFOLD_FOREVER, err);

    if (!code)
        code = error_of(future, err);
    if (!code && result)
        *result = (pinfold_bytes){future->data, future->size};
    return code;
}

bool pf_future_cancel(struct pinfold_future *future)
{
    struct pf_queue *queue = future->queue;

    if (!queue || future->state != PINFOLD_PENDING || pf_pool_check(queue->pool, false, NULL) != 0)
        return false;
    pf_queue_remove(queue, future);
    pf_future_cancelled(future); /* its owner has it still */
    return true;
}

bool pinfold_future_cancel(pinfold_future *future)
{
    struct pf_queue *queue = future ? future->queue : NULL;

    if (!future)
        return false;
    if (pf_future_cancel(future))
        pf_engine_settle(&queue->pool->engine);
    return future->state == PINFOLD_CANCELLED;
}

bool pinfold_future_stop(pinfold_future *future)
{
    struct pinfold_pool *pool = future && future->queue ? future->queue->pool : NULL;

    if (!pool || future->state != PINFOLD_RUNNING)
        return pinfold_future_cancel(future);
    if (pf_pool_check(pool, false, NULL) != 0)
        return false;
    if (future->stopped)
        return true;
    future->stopped = true;
    pf_queue_stop(future);
    pf_engine_settle(&pool->engine);
    return true;
}

int pinfold_future_then(pinfold_future *future, pinfold_done_fn *fn, void *data,
                        struct pinfold_error *err)
{
    struct pf_callback *callback, **at;
    int code = check(future, "then", err);

    if (!code && !fn)
        code = pf_fail(err, PINFOLD_E_ARGUMENT, "then: the function is NULL");
    if (code)
        return code;
    if (pf_future_complete(future) && !future->queue) {
        fn(future, data);
        return 0;
    }
    callback = malloc(sizeof *callback);
    if (!callback)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a callback");
    *callback = (struct pf_callback){NULL, fn, data};
    for (at = &future->callbacks; *at; at = &(*at)->next)
        ;
    *at = callback;
    return 0;
}

void pinfold_future_free(pinfold_future *future)
{
    if (!future)
        return;
    if (future->group)
        pf_group_remove(future->group, future);
    future->owned = false;
    free_if_nobodys(future);
}
