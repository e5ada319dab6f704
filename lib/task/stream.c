/* stream.c - see stream.h: futures in a window that moves along.
 *
 *        pushed              pulled
 *   ───────┼──── window ───────┼──────►   inputs
 *     done │ ✓ ✓ · ✓ · · · · · │ not asked for yet
 *
 * Inputs are pulled while the window has room, and go into a queue of the stream's own. In order,
 * results wait until those before them were pushed: `slots` has the futures of the window, item i
 * at i modulo its size. Unordered, the group gives them out as they complete. All of the window is
 * in the group in both cases, so that there is one place to clean up.
 */
#include "task/stream.h"

#include <stdlib.h>

#include "base/clock.h"
#include "task/group.h"
#include "task/how.h"

#define WINDOW_PER_WORKER 1000
#define WINDOW_BYTES      ((size_t)64 << 20) /* of inputs, in an automatic window */

struct stream {
    struct pinfold_pool *pool;
    struct pf_queue *queue;
    struct pinfold_call how;
    pinfold_pull_fn *pull;
    pinfold_push_fn *push;
    void *data;
    bool give; /* results are push's, to be freed */
    pinfold_group *group;
    struct pinfold_future **slots; /* ordered */
    size_t window, bytes;          /* bytes of inputs that are in it */
    size_t least;                  /* inputs that it takes whatever their size */
    uint64_t pulled, pushed;
    uint64_t left_out;          /* of those that were pulled: they are not run */
    bool dry;                   /* there are no more inputs */
    struct pinfold_error worst; /* the failed item with the lowest index */
    int left;                   /* what push returned to leave early */
};

/* User code, inside which nobody can wait. */
static bool pull_one(struct stream *stream, pinfold_bytes *input)
{
    bool more;

    stream->pool->engine.running = true;
    more = stream->pull(stream->data, input);
    stream->pool->engine.running = false;
    return more;
}

/* Whether the job ends early, and so nothing more is pulled. */
static bool ends(const struct stream *stream)
{
    return pf_ending_of(&stream->pool->engine, &stream->queue->job);
}

/* Of huge inputs a worker gets one at a time, and none is pulled that would only lie here. */
static bool has_room(const struct stream *stream)
{
    uint64_t inside = stream->pulled - stream->pushed;
    bool huge = inside && stream->bytes / inside >= PF_HUGE_BYTES;

    if (!stream->how.window && huge)
        return inside < stream->least / 2;
    return inside < stream->window && (inside < stream->least || stream->bytes < WINDOW_BYTES);
}

static int check_input(pinfold_bytes input, struct pinfold_error *err)
{
    if (input.size > PF_ITEM_MAX)
        return pf_fail(err, PINFOLD_E_TOO_BIG,
                       "stream: an input of %zu bytes is more than " PF_ITEM_MAX_TEXT, input.size);
    if (input.size && !input.data)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "stream: an input's data is NULL");
    return 0;
}

static int fill_window(struct stream *stream, struct pinfold_error *err)
{
    uint64_t *to_come = &stream->queue->job.to_come;

    if (ends(stream))
        *to_come = 0;
    while (!stream->dry && !ends(stream) && has_room(stream)) {
        struct pinfold_future *future;
        pinfold_bytes input = {0};
        int code;

        stream->dry = !pull_one(stream, &input);
        if (stream->dry) {
            *to_come = 0;
            break;
        }
        code = check_input(input, err);
        if (code)
            return code;
        future = pf_future_new(stream->queue, stream->how.priority, input);
        if (!future)
            return pf_fail(err, PINFOLD_E_MEMORY, "stream: out of memory for an input of %zu bytes",
                           input.size);
        future->owned = true;
        pf_queue_add(stream->queue, future);
        if (*to_come && *to_come != PF_UNCOUNTED)
            --*to_come;
        pinfold_group_add(stream->group, future, NULL);
        if (stream->slots)
            stream->slots[stream->pulled % stream->window] = future;
        stream->bytes += input.size;
        stream->pulled++;
    }
    return 0;
}

/* The next one to push, if it is there. */
static struct pinfold_future *next_done(const struct stream *stream)
{
    struct pinfold_future *future;

    if (stream->pushed == stream->pulled)
        return NULL;
    if (!stream->slots)
        return TAILQ_FIRST(&stream->group->ready);
    future = stream->slots[stream->pushed % stream->window];
    return pf_future_complete(future) ? future : NULL;
}

static bool any_done(const void *context)
{
    return next_done(context) != NULL;
}

static int result_of(const struct stream *stream, struct pinfold_future *future,
                     pinfold_bytes *result, struct pinfold_error *error)
{
    int code = pinfold_future_result(future, result, error); /* it is complete */

    if (!code && stream->give && !pf_future_give(future, result))
        code = pf_fail(error, PINFOLD_E_MEMORY, "out of memory for a result of %zu bytes",
                       result->size);
    return code;
}

static int push_one(struct stream *stream, struct pinfold_future *future)
{
    struct pinfold_error error = PINFOLD_ERROR_INIT;
    pinfold_bytes result = {0};
    int code = result_of(stream, future, &result, &error);

    error.index = (int64_t)future->index;
    if (code && (!stream->worst.code || error.index < stream->worst.index))
        stream->worst = error;
    stream->pool->engine.running = true;
    stream->left = stream->push(stream->data, future->index, result, code ? &error : NULL);
    stream->pool->engine.running = false;
    stream->bytes -= future->arg_size;
    stream->left_out += pf_future_left_out(future);
    stream->pushed++;
    pinfold_future_free(future);
    return stream->left;
}

static int timed_out(const struct stream *stream, struct pinfold_error *err)
{
    return pf_fail(err, PINFOLD_E_TIMEOUT,
                   "stream: %llu of the %llu inputs that were pulled are unfinished after %g s",
                   (unsigned long long)(stream->pulled - stream->pushed),
                   (unsigned long long)stream->pulled, stream->how.timeout);
}

/* What it comes to, when all that was pulled is pushed. */
static int verdict(const struct stream *stream, struct pinfold_error *err)
{
    struct pf_engine *engine = &stream->pool->engine;

    if (stream->left_out || (!stream->dry && ends(stream))) {
        engine->ending.lacking = true;
        return pf_fail(err, PINFOLD_E_ENDING,
                       "stream: the job ends early, with %llu inputs done or failed",
                       (unsigned long long)(stream->pulled - stream->left_out));
    }
    return stream->worst.code ? pf_error_give(err, &stream->worst) : 0;
}

static int flow(struct stream *stream, int64_t deadline, struct pinfold_error *err)
{
    for (;;) {
        struct pinfold_future *future;
        const struct pinfold_error *broken = &stream->pool->engine.broken;
        int code = broken->code ? pf_error_give(err, broken) : fill_window(stream, err);
        if (code)
            return code;
        if (stream->pushed == stream->pulled)
            return verdict(stream, err);
        pf_engine_run(&stream->pool->engine, any_done, stream, deadline);
        if (!any_done(stream))
            return timed_out(stream, err); /* if the pool were broken, all would be done */
        while ((future = next_done(stream)))
            if (pf_future_dropped(future))
                return timed_out(stream, err); /* the worker found first that time is over */
            else if (push_one(stream, future) != 0)
                return pf_fail(err, stream->left, "stream: push returned %d", stream->left);
    }
}

static void clean_up(struct stream *stream)
{
    struct pinfold_error why = PINFOLD_ERROR_INIT;
    struct pinfold_future *future;

    why.code = PINFOLD_E_CANCELLED;
    if (stream->queue)
        pf_queue_end(stream->queue, &why);
    while (stream->group && (future = TAILQ_FIRST(&stream->group->ready)))
        pinfold_future_free(future);
    pinfold_group_close(stream->group);
    free(stream->slots);
}

static int check(const struct stream *stream, pinfold_fn *fn, struct pinfold_error *err)
{
    int code = pf_pool_check(stream->pool, true, err);

    if (code)
        return code;
    if (!fn || !stream->pull || !stream->push)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "stream: %s is NULL",
                       !fn             ? "the function"
                       : !stream->pull ? "pull"
                                       : "push");
    if (stream->how.codes || stream->how.failed || stream->how.key)
        return pf_fail(err, PINFOLD_E_ARGUMENT,
                       "stream: codes, failed and key are for maps: push is told");
    return pf_how_check(&stream->how, stream->pool, "stream", err);
}

int pf_stream_run(struct pinfold_pool *pool, pinfold_fn *fn, const struct pinfold_call *how,
                  pinfold_pull_fn *pull, pinfold_push_fn *push, void *data, uint64_t n, bool give,
                  const struct pf_watch *watch, struct pinfold_error *err)
{
    struct stream stream = {.pool = pool,
                            .pull = pull,
                            .push = push,
                            .data = data,
                            .give = give,
                            .worst = PINFOLD_ERROR_INIT};
    int64_t deadline;
    int code;

    pf_how_read(&stream.how, how);
    code = check(&stream, fn, err);
    if (code)
        return code;
    deadline = pf_how_deadline(&stream.how);
    stream.window = stream.how.window;
    stream.least = stream.window;
    if (!stream.window) {
        stream.window = WINDOW_PER_WORKER * (size_t)pool->engine.nmembers;
        stream.least = 2 * (size_t)pool->engine.nmembers;
    }
    code = pinfold_group_open(pool, &stream.group, err);
    if (!code)
        code = pf_queue_new(&stream.queue, pool, fn, stream.how.shared, pf_left(deadline), err);
    if (!code && !stream.how.unordered) {
        stream.slots = calloc(stream.window, sizeof(struct pinfold_future *));
        if (!stream.slots)
            code = pf_fail(err, PINFOLD_E_MEMORY, "stream: out of memory for a window of %zu",
                           stream.window);
    }
    if (!code) {
        stream.queue->watch = watch;
        stream.queue->job.chunk = stream.how.chunk;
        pf_how_apply(&stream.how, &stream.queue->job);
        stream.queue->job.to_come = n;
        code = flow(&stream, deadline, err);
    }
    clean_up(&stream);
    return code;
}

int pinfold_stream(pinfold_pool *pool, pinfold_fn *fn, const struct pinfold_call *how,
                   pinfold_pull_fn *pull, pinfold_push_fn *push, void *data,
                   struct pinfold_error *err)
{
    return pf_stream_run(pool, fn, how, pull, push, data, PF_UNCOUNTED, false, NULL, err);
}
