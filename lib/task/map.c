/* map.c - pinfold_map: items of an array, and a result for each in another. */
#include <string.h>

#include "task/items.h"

static bool take_results(struct pf_items *items, const struct pf_lot *lot,
                         const struct pf_frame *frame)
{
    size_t size = items->job.out_size;

    if (frame->size / frame->count < size)
        return false;
    if (size)
        memcpy((unsigned char *)items->out + lot->first * size, frame->body, frame->count * size);
    return true;
}

int pinfold_map(pinfold_pool *pool, pinfold_fn *fn, const struct pinfold_call *how, const void *in,
                size_t in_size, void *out, size_t out_size, size_t n, struct pinfold_error *err)
{
    struct pf_items map = {.job = {.in_size = in_size, .out_size = out_size},
                           .take_results = take_results,
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
    struct pf_items map = {.job = {.in_size = in_size, .out_size = out_size},
                           .take_results = take_results,
                           .verb = "map",
                           .range = fn,
                           .in = in,
                           .out = out,
                           .n = n};

    return pf_items_run(&map, pool, how, err);
}
