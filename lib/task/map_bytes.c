/* map_bytes.c - a map over values of any size: an unordered stream from one array into another. */
#include "pool/pool.h"
#include "task/how.h"
#include "task/stream.h"

struct map_bytes {
    const pinfold_bytes *in;
    pinfold_bytes *out;
    size_t n, next;
    struct pinfold_call how; /* the caller's */
};

static bool pull(void *data, pinfold_bytes *input)
{
    struct map_bytes *map = data;

    if (map->next == map->n)
        return false;
    *input = map->in[map->next++];
    return true;
}

static int push(void *data, uint64_t index, pinfold_bytes result, const struct pinfold_error *error)
{
    struct map_bytes *map = data;

    if (map->how.codes)
        map->how.codes[index] = error ? error->code : 0;
    if (error) {
        if (map->how.failed && error->code != PINFOLD_E_ENDING)
            map->how.failed(map->how.data, error);
        return 0;
    }
    map->out[index] = result;
    return 0;
}

int pinfold_map_bytes(pinfold_pool *pool, pinfold_fn *fn, const struct pinfold_call *given,
                      const pinfold_bytes *in, pinfold_bytes *out, size_t n,
                      struct pinfold_error *err)
{
    struct map_bytes map = {.in = in, .out = out, .n = n};
    struct pinfold_call how;
    int code = pf_pool_check(pool, true, err);

    if (!code && n > 0 && (!in || !out))
        code = pf_fail(err, PINFOLD_E_ARGUMENT, "map: %s is NULL", in ? "out" : "in");
    if (code)
        return code;
    pf_how_read(&map.how, given);
    how = map.how;
    how.codes = NULL;
    how.failed = NULL;
    how.unordered = true;
    for (size_t i = 0; i < n; i++) {
        out[i] = (pinfold_bytes){0};
        if (map.how.codes)
            map.how.codes[i] = PINFOLD_E_CANCELLED; /* until something else is known of it */
    }
    code = pf_stream_run(pool, fn, &how, pull, push, &map, n, true, err);
    for (size_t i = map.next; code == PINFOLD_E_ENDING && map.how.codes && i < n; i++)
        map.how.codes[i] = code; /* nobody asked for them any more */
    return code;
}
