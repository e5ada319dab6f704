/* items.c - see items.h. */
#include "task/items.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "task/how.h"
#include "work/call.h"

struct pf_range {
    struct pf_range *next;
    size_t first, count;
    bool singly;
};

static bool take(struct pf_job *job, size_t want, struct pf_lot *lot)
{
    struct pf_items *items = (struct pf_items *)job;
    struct pf_range *back = items->back;

    *lot = (struct pf_lot){0};
    if (back) {
        lot->count = back->singly ? 1 : want < back->count ? want : back->count;
        lot->first = back->first;
        back->first += lot->count;
        back->count -= lot->count;
        if (back->count == 0) {
            items->back = back->next;
            free(back);
        }
    } else {
        lot->count = want < items->n - items->next ? want : items->n - items->next;
        lot->first = items->next;
        items->next += lot->count;
    }
    lot->bytes = lot->count * job->in_size;
    job->remaining -= lot->count;
    return lot->count > 0;
}

static void fill(struct pf_job *job, const struct pf_lot *lot, void *body)
{
    if (job->in_size)
        memcpy(body, ((struct pf_items *)job)->in + lot->first * job->in_size, lot->bytes);
}

/* They are not run: that is no failure of theirs. */
static void leave_out(struct pf_items *items, const struct pf_lot *lot, size_t count)
{
    for (size_t i = lot->first; items->how.codes && i < lot->first + count; i++)
        items->how.codes[i] = PINFOLD_E_ENDING;
    items->left_out += count;
    pf_job_end(&items->job, &items->job.tally->cancelled, count);
}

static void failed(struct pf_job *job, struct pf_lot *lot, size_t count,
                   struct pinfold_error *error)
{
    struct pf_items *items = (struct pf_items *)job;

    if (error->code == PINFOLD_E_ENDING) {
        leave_out(items, lot, count);
        return;
    }
    for (size_t i = lot->first; i < lot->first + count; i++) {
        error->index = (int64_t)i;
        if (items->how.codes)
            items->how.codes[i] = error->code;
        if (!items->worst.code || error->index < items->worst.index)
            items->worst = *error;
        pf_resume_failed(&items->resume, job, i, error);
        if (items->how.failed)
            items->how.failed(items->how.data, error);
    }
    pf_job_end(job, &job->tally->failed, count);
}

static void again(struct pf_job *job, struct pf_lot *lot, size_t count, bool singly)
{
    struct pf_items *items = (struct pf_items *)job;
    struct pf_range *range = malloc(sizeof *range);

    if (!range) { /* then they fail, rather than to be forgotten */
        struct pinfold_error error = PINFOLD_ERROR_INIT;
        error.code = PINFOLD_E_MEMORY;
        snprintf(error.text, sizeof error.text, "out of memory: the item could not be run again");
        failed(job, lot, count, &error);
        return;
    }
    *range = (struct pf_range){items->back, lot->first, count, singly};
    items->back = range;
    job->remaining += count;
}

static void apart(struct pf_job *job, struct pf_lot *lot, struct pf_lot *one)
{
    one->first = lot->first;
    one->count = 1;
    one->bytes = job->in_size;
}

/* ---- the journal's (resume.h) */
static pinfold_bytes argument_of(const void *map, uint64_t item)
{
    const struct pf_items *items = map;
    size_t size = items->job.in_size;

    return (pinfold_bytes){size ? items->in + item * size : NULL, size};
}

static pinfold_bytes result_of(const void *map, uint64_t item)
{
    const struct pf_items *items = map;
    size_t size = items->job.out_size;

    return (pinfold_bytes){size ? (const unsigned char *)items->out + item * size : NULL, size};
}

static bool take_kept(void *map, uint64_t item, pinfold_bytes result)
{
    struct pf_items *items = map;

    if (result.size != items->job.out_size)
        return false;
    if (result.size)
        memcpy((unsigned char *)items->out + item * result.size, result.data, result.size);
    return true;
}

static void tried(struct pf_job *job, const struct pf_lot *lot, const struct pinfold_error *error)
{
    pf_resume_failed(&((struct pf_items *)job)->resume, job, lot->first, error);
}

/* Takes what the journal has; all else is what there is to do. */
static int resume(struct pf_items *items, struct pinfold_pool *pool, struct pinfold_error *err)
{
    struct pf_job *job = &items->job;
    struct pf_resume *kept = &items->resume;
    size_t first;
    int code;

    if (items->combine)
        return 0; /* results of blocks, which are not the same at any number of workers */
    kept->verb = items->verb;
    kept->map = items;
    kept->argument = argument_of;
    kept->take = take_kept;
    kept->n = items->n;
    code =
        pf_resume_begin(kept, pool, &items->how,
                        items->fn ? (void (*)(void))items->fn : (void (*)(void))items->range, err);
    if (code || !kept->taken)
        return code;
    items->next = items->n;
    job->unfinished -= kept->taken;
    job->remaining = 0; /* `again` counts */
    for (size_t end = items->n; end > 0; end = first) {
        bool taken = pf_resume_taken(kept, end - 1);
        for (first = end - 1; first > 0 && pf_resume_taken(kept, first - 1) == taken; first--)
            ;
        if (!taken)
            again(job, &(struct pf_lot){.first = first}, end - first, false);
    }
    return 0;
}

static bool done(struct pf_job *job, struct pf_lot *lot, const struct pf_frame *frame)
{
    struct pf_items *items = (struct pf_items *)job;

    if (!items->take_results(items, lot, frame))
        return false;
    if (items->how.codes)
        memset(items->how.codes + lot->first, 0, frame->count * sizeof *items->how.codes);
    for (size_t i = 0; items->resume.journal && i < frame->count; i++)
        pf_resume_done(&items->resume, job, lot, i, frame->count, lot->first + i,
                       result_of(items, lot->first + i));
    pf_job_end(job, &job->tally->done, frame->count);
    return true;
}

static const struct pf_job_ops ops = {.take = take,
                                      .fill = fill,
                                      .done = done,
                                      .failed = failed,
                                      .again = again,
                                      .apart = apart,
                                      .tried = tried};

static bool finished(const void *context)
{
    return ((const struct pf_items *)context)->job.unfinished == 0;
}

static int check(const struct pf_items *items, const struct pinfold_pool *pool,
                 struct pinfold_error *err)
{
    size_t in_size = items->job.in_size, out_size = items->job.out_size;
    int code = pf_pool_check(pool, true, err);

    if (code)
        return code;
    if (!items->fn && !items->range)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: the function is NULL", items->verb);
    if (items->n > 0 && ((in_size && !items->in) || (out_size && !items->out)))
        return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: %s is NULL, and its items have %zu bytes",
                       items->verb, in_size && !items->in ? "in" : "out",
                       in_size && !items->in ? in_size : out_size);
    if (in_size > PF_ITEM_MAX || out_size > PF_ITEM_MAX)
        return pf_fail(err, PINFOLD_E_TOO_BIG,
                       "%s: an item of %zu bytes is more than " PF_ITEM_MAX_TEXT, items->verb,
                       in_size > out_size ? in_size : out_size);
    if (items->combine && items->how.key)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: key is for maps: no journal has its items",
                       items->verb);
    if (items->how.window || items->how.unordered)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: window and unordered are for streams",
                       items->verb);
    return pf_how_check(&items->how, pool, items->verb, err);
}

/* What it comes to, when the engine has nothing more to do for it. */
static int verdict(struct pf_items *items, const struct pinfold_pool *pool,
                   struct pinfold_error *err)
{
    if (items->job.unfinished == 0 && items->left_out)
        return pf_fail(err, PINFOLD_E_ENDING,
                       "%s: the job ends early, with %zu of %zu items done or failed", items->verb,
                       items->n - items->left_out, items->n);
    if (items->job.unfinished == 0)
        return items->worst.code ? pf_error_give(err, &items->worst) : 0;
    if (pool->engine.broken.code)
        return pf_error_give(err, &pool->engine.broken);
    return pf_fail(err, PINFOLD_E_TIMEOUT, "%s: %zu of %zu items unfinished after %g s",
                   items->verb, items->job.unfinished, items->n, items->how.timeout);
}

static int pack(struct pf_items *items, int64_t deadline, struct pinfold_error *err)
{
    return pf_call_pack(&items->job.call,
                        &(struct pf_call_facts){
                            .fn = items->fn,
                            .range = items->range,
                            .combine = items->combine,
                            .in_size = items->job.in_size,
                            .out_size = items->job.out_size,
                            .shared = items->how.shared,
                            .time = pf_left(deadline),
                        },
                        err);
}

int pf_items_run(struct pf_items *items, struct pinfold_pool *pool, const struct pinfold_call *how,
                 struct pinfold_error *err)
{
    struct pf_job *job = &items->job;
    int64_t deadline;
    int code;

    pf_how_read(&items->how, how);
    code = check(items, pool, err);
    if (code || items->n == 0)
        return code;
    items->worst = (struct pinfold_error)PINFOLD_ERROR_INIT;
    deadline = pf_how_deadline(&items->how);
    job->ops = &ops;
    job->chunk = items->how.chunk;
    pf_how_apply(&items->how, job);
    job->timed = deadline != PF_NEVER;
    job->range = !items->fn || items->combine;
    job->item_size = job->in_size > job->out_size ? job->in_size : job->out_size;
    job->fit = pf_job_fit(job->item_size);
    job->remaining = job->unfinished = items->n;
    job->age = pool->engine.asked++;
    code = pack(items, deadline, err);
    if (!code)
        code = resume(items, pool, err);
    if (!code)
        code = pf_engine_take_up(&pool->engine, job, err);
    if (!code) {
        for (size_t i = 0; items->how.codes && i < items->n; i++)
            items->how.codes[i] =
                pf_resume_taken(&items->resume, i)
                    ? 0
                    : PINFOLD_E_CANCELLED; /* until something else is known of it */
        pf_engine_run(&pool->engine, finished, items, deadline);
        pf_engine_lay_down(&pool->engine, job);
        code = verdict(items, pool, err);
    }
    while (items->back) {
        struct pf_range *back = items->back;
        items->back = back->next;
        free(back);
    }
    pf_frame_free(job->call);
    return pf_resume_end(&items->resume, code, err);
}
