/* map_bytes.c - a map over values of any size: an unordered stream from one array into another.
 *
 * What the journal has is not pulled: then the stream's numbers are not the items', and `items` has
 * those.
 */
#include <stdlib.h>
#include <string.h>

#include "pool/pool.h"
#include "task/how.h"
#include "task/resume.h"
#include "task/stream.h"

struct map_bytes {
    const pinfold_bytes *in;
    pinfold_bytes *out;
    size_t n, next;
    struct pinfold_call how; /* the caller's */
    struct pf_resume resume;
    uint64_t *items; /* by the stream's number, or NULL: they are the same */
    uint64_t pulled;
};

static uint64_t item_of(const struct map_bytes *map, uint64_t index)
{
    return map->items ? map->items[index] : index;
}

static bool pull(void *data, pinfold_bytes *input)
{
    struct map_bytes *map = data;

    while (map->next < map->n && pf_resume_taken(&map->resume, map->next))
        map->next++;
    if (map->next == map->n)
        return false;
    if (map->items)
        map->items[map->pulled++] = map->next;
    *input = map->in[map->next++];
    return true;
}

static int push(void *data, uint64_t index, pinfold_bytes result, const struct pinfold_error *error)
{
    struct map_bytes *map = data;
    uint64_t item = item_of(map, index);

    if (map->how.codes)
        map->how.codes[item] = error ? error->code : 0;
    if (error) {
        struct pinfold_error full = *error;
        full.index = (int64_t)item;
        pf_resume_failed(&map->resume, NULL, item, &full);
        if (map->how.failed && error->code != PINFOLD_E_ENDING)
            map->how.failed(map->how.data, &full);
        return 0;
    }
    map->out[item] = result;
    return 0;
}

static void done(void *data, const struct pf_job *job, const struct pf_lot *lot, uint64_t index,
                 size_t place, size_t count, pinfold_bytes result)
{
    struct map_bytes *map = data;

    pf_resume_done(&map->resume, job, lot, place, count, item_of(map, index), result);
}

static void tried(void *data, const struct pf_job *job, uint64_t index,
                  const struct pinfold_error *error)
{
    struct map_bytes *map = data;

    pf_resume_failed(&map->resume, job, item_of(map, index), error);
}

static pinfold_bytes argument_of(const void *map, uint64_t item)
{
    return ((const struct map_bytes *)map)->in[item];
}

static bool take_kept(void *data, uint64_t item, pinfold_bytes result)
{
    struct map_bytes *map = data;
    void *copy = result.size ? malloc(result.size) : NULL;

    if (result.size && !copy)
        return false; /* it is run again, and may have more luck */
    if (result.size)
        memcpy(copy, result.data, result.size);
    map->out[item] = (pinfold_bytes){copy, result.size};
    if (map->how.codes)
        map->how.codes[item] = 0;
    return true;
}

/* Takes what the journal has. */
static int resume(struct map_bytes *map, pinfold_pool *pool, pinfold_fn *fn,
                  struct pinfold_error *err)
{
    int code;

    map->resume.verb = "map";
    map->resume.map = map;
    map->resume.argument = argument_of;
    map->resume.take = take_kept;
    map->resume.n = map->n;
    code = pf_resume_begin(&map->resume, pool, &map->how, (void (*)(void))fn, err);
    if (code || !map->resume.taken)
        return code;
    map->items = calloc(map->n, sizeof *map->items);
    return map->items ? 0
                      : pf_fail(err, PINFOLD_E_MEMORY, "map: out of memory for %zu items", map->n);
}

/* What the stream says of an input of its own number. */
static void number_error(const struct map_bytes *map, struct pinfold_error *err)
{
    if (map->items && err->index >= 0 && (uint64_t)err->index < map->pulled)
        err->index = (int64_t)map->items[err->index];
}

static int run(struct map_bytes *map, pinfold_pool *pool, pinfold_fn *fn, struct pinfold_error *err)
{
    struct pinfold_call how = map->how;
    struct pinfold_error why = PINFOLD_ERROR_INIT;
    const struct pf_watch watching = {done, tried, map};
    int code;

    how.codes = NULL;
    how.failed = NULL;
    how.key = NULL;
    how.unordered = true;
    code = pf_stream_run(pool, fn, &how, pull, push, map, map->n - map->resume.taken, true,
                         map->resume.journal ? &watching : NULL, &why);
    if (!code)
        return 0;
    number_error(map, &why);
    return pf_error_give(err, &why);
}

/* All of them, since digests are made of them before they are pulled. */
static int check_inputs(const pinfold_bytes *in, size_t n, struct pinfold_error *err)
{
    for (size_t i = 0; i < n; i++) {
        if (in[i].size > PF_ITEM_MAX)
            return pf_fail(err, PINFOLD_E_TOO_BIG,
                           "map: an input of %zu bytes is more than " PF_ITEM_MAX_TEXT, in[i].size);
        if (in[i].size && !in[i].data)
            return pf_fail(err, PINFOLD_E_ARGUMENT, "map: the data of input %zu is NULL", i);
    }
    return 0;
}

int pinfold_map_bytes(pinfold_pool *pool, pinfold_fn *fn, const struct pinfold_call *given,
                      const pinfold_bytes *in, pinfold_bytes *out, size_t n,
                      struct pinfold_error *err)
{
    struct map_bytes map = {.in = in, .out = out, .n = n};
    int code = pf_pool_check(pool, true, err);

    if (!code && n > 0 && (!in || !out))
        code = pf_fail(err, PINFOLD_E_ARGUMENT, "map: %s is NULL", in ? "out" : "in");
    if (!code && !fn)
        code = pf_fail(err, PINFOLD_E_ARGUMENT, "map: the function is NULL");
    pf_how_read(&map.how, given);
    if (!code)
        code = pf_how_check(&map.how, pool, "map", err);
    if (!code)
        code = check_inputs(in, n, err);
    if (code)
        return code;
    for (size_t i = 0; i < n; i++) {
        out[i] = (pinfold_bytes){0};
        if (map.how.codes)
            map.how.codes[i] = PINFOLD_E_CANCELLED; /* until something else is known of it */
    }
    code = n > 0 ? resume(&map, pool, fn, err) : 0;
    if (!code)
        code = run(&map, pool, fn, err);
    for (size_t i = map.next; code == PINFOLD_E_ENDING && map.how.codes && i < n; i++)
        if (!pf_resume_taken(&map.resume, i))
            map.how.codes[i] = code; /* nobody asked for them any more */
    free(map.items);
    return pf_resume_end(&map.resume, code, err);
}
