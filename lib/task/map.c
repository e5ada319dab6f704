/* map.c - pinfold_map: a job whose items lie in the caller's arrays.
 *
 * Items are handed out from the front. Those that come back (their worker died) wait in a list of
 * ranges and go first; a range that comes back to find a culprit is marked, and is handed out one
 * item at a time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pool/pool.h"
#include "task/how.h"
#include "work/call.h"

struct range {
    struct range *next;
    size_t first, count;
    bool singly;
};

struct map {
    struct pf_job job;
    const unsigned char *in;
    unsigned char *out;
    size_t n, next;
    struct range *back;
    const struct pinfold_call *how;
    struct pinfold_error worst; /* the failed item with the lowest index */
};

static bool take(struct pf_job *job, size_t want, struct pf_lot *lot)
{
    struct map *map = (struct map *)job;
    struct range *back = map->back;

    *lot = (struct pf_lot){0};
    if (back) {
        lot->count = back->singly ? 1 : want < back->count ? want : back->count;
        lot->first = back->first;
        back->first += lot->count;
        back->count -= lot->count;
        if (back->count == 0) {
            map->back = back->next;
            free(back);
        }
    } else {
        lot->count = want < map->n - map->next ? want : map->n - map->next;
        lot->first = map->next;
        map->next += lot->count;
    }
    lot->bytes = lot->count * job->in_size;
    job->remaining -= lot->count;
    return lot->count > 0;
}

static void fill(struct pf_job *job, const struct pf_lot *lot, void *body)
{
    if (job->in_size)
        memcpy(body, ((struct map *)job)->in + lot->first * job->in_size, lot->bytes);
}

static bool done(struct pf_job *job, struct pf_lot *lot, const struct pf_frame *frame)
{
    struct map *map = (struct map *)job;
    size_t first = lot->first, count = frame->count;

    if (frame->size / count < job->out_size)
        return false;
    if (job->out_size)
        memcpy(map->out + first * job->out_size, frame->body, count * job->out_size);
    if (map->how->codes)
        memset(map->how->codes + first, 0, count * sizeof *map->how->codes);
    job->unfinished -= count;
    return true;
}

static void failed(struct pf_job *job, struct pf_lot *lot, size_t count,
                   struct pinfold_error *error)
{
    struct map *map = (struct map *)job;

    for (size_t i = lot->first; i < lot->first + count; i++) {
        error->index = (int64_t)i;
        if (map->how->codes)
            map->how->codes[i] = error->code;
        if (!map->worst.code || error->index < map->worst.index)
            map->worst = *error;
        if (map->how->failed)
            map->how->failed(map->how->data, error);
    }
    job->unfinished -= count;
}

static void again(struct pf_job *job, struct pf_lot *lot, size_t count, bool singly)
{
    struct map *map = (struct map *)job;
    struct range *range = malloc(sizeof *range);

    if (!range) { /* then they fail, rather than to be forgotten */
        struct pinfold_error error = PINFOLD_ERROR_INIT;
        error.code = PINFOLD_E_MEMORY;
        snprintf(error.text, sizeof error.text, "out of memory: the item could not be run again");
        failed(job, lot, count, &error);
        return;
    }
    *range = (struct range){map->back, lot->first, count, singly};
    map->back = range;
    job->remaining += count;
}

static const struct pf_job_ops ops = {
    .take = take, .fill = fill, .done = done, .failed = failed, .again = again};

static bool finished(const void *context)
{
    return ((const struct map *)context)->job.unfinished == 0;
}

static int check(const struct pinfold_pool *pool, bool function, const struct pinfold_call *how,
                 const void *in, size_t in_size, const void *out, size_t out_size, size_t n,
                 struct pinfold_error *err)
{
    int code = pf_pool_check(pool, true, err);

    if (code)
        return code;
    if (!function)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "map: the function is NULL");
    if (n > 0 && ((in_size && !in) || (out_size && !out)))
        return pf_fail(err, PINFOLD_E_ARGUMENT, "map: %s is NULL, and its items have %zu bytes",
                       in_size && !in ? "in" : "out", in_size && !in ? in_size : out_size);
    if (in_size > PF_ITEM_MAX || out_size > PF_ITEM_MAX)
        return pf_fail(err, PINFOLD_E_TOO_BIG, "map: an item of %zu bytes is more than 1 GiB",
                       in_size > out_size ? in_size : out_size);
    if (how->window || how->unordered)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "map: window and unordered are for streams");
    return pf_how_check(how, "map", err);
}

/* What the map comes to, when the engine has nothing more to do for it. */
static int verdict(struct map *map, const struct pinfold_pool *pool, struct pinfold_error *err)
{
    const struct pinfold_call *how = map->how;
    int code;

    if (map->job.unfinished == 0)
        return map->worst.code ? pf_error_give(err, &map->worst) : 0;
    code = pool->engine.broken.code ? PINFOLD_E_BROKEN : PINFOLD_E_TIMEOUT;
    if (code == PINFOLD_E_BROKEN)
        return pf_error_give(err, &pool->engine.broken);
    return pf_fail(err, code, "map: %zu of %zu items unfinished after %g s", map->job.unfinished,
                   map->n, how->timeout);
}

static int run(pinfold_pool *pool, pinfold_fn *fn, pinfold_range_fn *range,
               const struct pinfold_call *given, const void *in, size_t in_size, void *out,
               size_t out_size, size_t n, struct pinfold_error *err)
{
    struct pinfold_call how = {0};
    struct map map = {.job = {.ops = &ops,
                              .in_size = in_size,
                              .out_size = out_size,
                              .item_size = in_size > out_size ? in_size : out_size,
                              .range = range != NULL,
                              .remaining = n,
                              .unfinished = n},
                      .in = in,
                      .out = out,
                      .n = n,
                      .how = &how,
                      .worst = PINFOLD_ERROR_INIT};
    int64_t deadline;
    int code;

    pf_how_read(&how, given);
    code = check(pool, fn || range, &how, in, in_size, out, out_size, n, err);
    if (code || n == 0)
        return code;
    deadline = how.timeout > 0 ? pf_deadline(how.timeout) : PF_NEVER;
    map.job.chunk = how.chunk;
    map.job.fit = pf_job_fit(map.job.item_size);
    map.job.age = pool->engine.asked++;
    code = pf_call_pack(&map.job.call, fn, range, in_size, out_size, how.shared,
                        deadline == PF_NEVER ? PF_NEVER : deadline - pf_now(), err);
    if (!code)
        code = pf_engine_take_up(&pool->engine, &map.job, err);
    if (!code) {
        for (size_t i = 0; how.codes && i < n; i++)
            how.codes[i] = PINFOLD_E_CANCELLED; /* until something else is known of it */
        pf_engine_run(&pool->engine, finished, &map, deadline);
        pf_engine_lay_down(&pool->engine, &map.job);
        code = verdict(&map, pool, err);
    }
    while (map.back) {
        struct range *back = map.back;
        map.back = back->next;
        free(back);
    }
    pf_buf_free(&map.job.call);
    return code;
}

int pinfold_map(pinfold_pool *pool, pinfold_fn *fn, const struct pinfold_call *how, const void *in,
                size_t in_size, void *out, size_t out_size, size_t n, struct pinfold_error *err)
{
    return run(pool, fn, NULL, how, in, in_size, out, out_size, n, err);
}

int pinfold_map_range(pinfold_pool *pool, pinfold_range_fn *fn, const struct pinfold_call *how,
                      const void *in, size_t in_size, void *out, size_t out_size, size_t n,
                      struct pinfold_error *err)
{
    return run(pool, NULL, fn, how, in, in_size, out, out_size, n, err);
}
