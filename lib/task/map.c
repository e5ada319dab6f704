/* map.c - pinfold_map: items of an array, and a result for each in another. */
#include <string.h>

#include "task/items.h"

static bool done(struct pf_job *job, struct pf_lot *lot, const struct pf_frame *frame)
{
    struct pf_items *items = (struct pf_items *)job;

    if (frame->size / frame->count < job->out_size)
        return false;
    if (job->out_size)
        memcpy((unsigned char *)items->out + lot->first * job->out_size, frame->body,
               frame->count * job->out_size);
    pf_items_good(items, lot->first, frame->count);
    return true;
}

static const struct pf_job_ops ops = {.take = pf_items_take,
                                      .fill = pf_items_fill,
                                      .done = done,
                                      .failed = pf_items_failed,
                                      .again = pf_items_again};

int pinfold_map(pinfold_pool *pool, pinfold_fn *fn, const struct pinfold_call *how, const void *in,
                size_t in_size, void *out, size_t out_size, size_t n, struct pinfold_error *err)
{
    struct pf_items map = {.job = {.ops = &ops, .in_size = in_size, .out_size = out_size},
                           .verb = "map",
                           .fn = fn,
                           .in = in,
                           .out = out,
                           .n = n};

    return pf_items_run(&map, pool, how, err);
}

int pinfold_map_range(pinfold_pool *pool, pinfold_range_fn *fn, const struct pinfold_call *how,
                      const void *in, size_t in_size, void *out, size_t out_size, size_t n,
                      struct pinfold_error *err)
{
    struct pf_items map = {.job = {.ops = &ops, .in_size = in_size, .out_size = out_size},
                           .verb = "map",
                           .range = fn,
                           .in = in,
                           .out = out,
                           .n = n};

    return pf_items_run(&map, pool, how, err);
}
