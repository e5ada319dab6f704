/* acts.c - the things that a round does. */
#include "soak.h"

#include <stdlib.h>
#include <string.h>

static struct soak_item *make_items(struct soak_round *round, size_t n, bool limited)
{
    struct soak_item *items = calloc(n + 1, sizeof *items);

    if (!items)
        abort();
    for (size_t i = 0; i < n; i++)
        items[i] = soak_item(round, limited);
    return items;
}

/* A map that does not begin leaves them as they were. */
static void forget(int *codes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        codes[i] = PINFOLD_E_CANCELLED;
}

static size_t some(struct soak_round *round)
{
    return 1 + soak_below(round, soak_below(round, 4) ? 100 : 5000);
}

/* What a map tells of its items. */
struct verdicts {
    struct soak_round *round;
    const struct soak_item *items;
    bool timed;
};

static void hear_failure(void *data, const struct pinfold_error *error)
{
    struct verdicts *verdicts = data;

    soak_check(verdicts->round, &verdicts->items[error->index], error->code, error, "map");
}

void soak_map(struct soak_round *round)
{
    size_t n = some(round);
    bool limited = round->isolated && soak_below(round, 4) == 0;
    struct soak_item *items = make_items(round, n, limited);
    int64_t *out = calloc(n, sizeof *out);
    int *codes = calloc(n, sizeof *codes), code;
    struct verdicts verdicts = {round, items, soak_below(round, 8) == 0};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pinfold_call how = {.size = sizeof how,
                               .chunk = soak_below(round, 2) ? soak_below(round, 50) : 0,
                               .codes = codes,
                               .failed = hear_failure,
                               .data = &verdicts};

    if (!out || !codes)
        abort();
    if (verdicts.timed)
        how.timeout = 1e-3 * (double)(1 + soak_below(round, 20));
    if (limited)
        how.limit = SOAK_LIMIT * soak_patience();
    forget(codes, n);
    round->asked += n;
    code =
        pinfold_map(round->pool, soak_task, &how, items, sizeof *items, out, sizeof *out, n, &err);
    if (code == PINFOLD_E_BROKEN)
        soak_went_well(round, code, &err, "map");
    for (size_t i = 0; i < n; i++) {
        if (codes[i] == 0 && out[i] != soak_right(&items[i]))
            soak_wrong(round, "map: item %zu is %lld, not %lld", i, (long long)out[i],
                       (long long)soak_right(&items[i]));
        if (codes[i] == 0)
            soak_check(round, &items[i], 0, NULL, "map");
        if (codes[i] == PINFOLD_E_CANCELLED && code != PINFOLD_E_TIMEOUT && !round->broken[0])
            soak_wrong(round, "map: item %zu was not done, and the map ended with %d", i, code);
    }
    if (code == PINFOLD_E_TIMEOUT && !verdicts.timed)
        soak_wrong(round, "map: a timeout without a time");
    free(items);
    free(out);
    free(codes);
}

void soak_map_bytes(struct soak_round *round)
{
    size_t n = 1 + soak_below(round, 200);
    struct soak_item *items = make_items(round, n, false);
    pinfold_bytes *in = calloc(n, sizeof *in), *out = calloc(n, sizeof *out);
    int *codes = calloc(n, sizeof *codes), code;
    struct verdicts verdicts = {round, items, false};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pinfold_call how = {
        .size = sizeof how, .codes = codes, .failed = hear_failure, .data = &verdicts};
    int64_t result;

    if (!in || !out || !codes)
        abort();
    for (size_t i = 0; i < n; i++)
        in[i] = (pinfold_bytes){&items[i], sizeof items[i]};
    forget(codes, n);
    round->asked += n;
    code = pinfold_map_bytes(round->pool, soak_task, &how, in, out, n, &err);
    if (code == PINFOLD_E_BROKEN)
        soak_went_well(round, code, &err, "map_bytes");
    for (size_t i = 0; i < n; i++) {
        if (codes[i] == 0) {
            soak_check(round, &items[i], 0, NULL, "map_bytes");
            memcpy(&result, out[i].size == sizeof result ? out[i].data : &(int64_t){-1},
                   sizeof result);
            if (result != soak_right(&items[i]))
                soak_wrong(round, "map_bytes: item %zu is %lld", i, (long long)result);
        }
        free((void *)(uintptr_t)out[i].data);
    }
    free(items);
    free(in);
    free(out);
    free(codes);
}

static void add(void *into, const void *other, pinfold_bytes shared)
{
    int64_t a, b;

    (void)shared;
    memcpy(&a, into, sizeof a);
    memcpy(&b, other, sizeof b);
    a += b;
    memcpy(into, &a, sizeof a);
}

void soak_reduce(struct soak_round *round)
{
    size_t n = some(round);
    struct soak_item *items = make_items(round, n, false);
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int64_t sum = 0, out = 0;
    int code;

    for (size_t i = 0; i < n; i++) {
        items[i].kind = SOAK_GOOD;
        sum += soak_right(&items[i]);
    }
    round->asked += n;
    code = pinfold_map_reduce(round->pool, soak_task, add, NULL, items, sizeof *items, &out,
                              sizeof out, n, &err);
    if (soak_went_well(round, code, &err, "map_reduce") && out != sum)
        soak_wrong(round, "map_reduce: %lld, not %lld", (long long)out, (long long)sum);
    free(items);
}

/* ---- streams */
struct flow {
    struct verdicts verdicts;
    size_t n, pulled, pushed;
};

static bool pull(void *data, pinfold_bytes *input)
{
    struct flow *flow = data;

    if (flow->pulled == flow->n)
        return false;
    if (flow->pulled % 64 == 0)
        soak_kill(flow->verdicts.round);
    *input = (pinfold_bytes){&flow->verdicts.items[flow->pulled], sizeof *flow->verdicts.items};
    flow->pulled++;
    return true;
}

static int push(void *data, uint64_t index, pinfold_bytes result, const struct pinfold_error *error)
{
    struct flow *flow = data;
    struct soak_round *round = flow->verdicts.round;
    const struct soak_item *item = &flow->verdicts.items[index];
    int64_t value = -1;

    if (index != flow->pushed++)
        soak_wrong(round, "stream: item %llu came as number %zu", (unsigned long long)index,
                   flow->pushed - 1);
    soak_check(round, item, error ? error->code : 0, error, "stream");
    if (!error && result.size == sizeof value)
        memcpy(&value, result.data, sizeof value);
    if (!error && value != soak_right(item))
        soak_wrong(round, "stream: item %llu is %lld", (unsigned long long)index, (long long)value);
    return 0;
}

void soak_stream(struct soak_round *round)
{
    size_t n = some(round);
    struct soak_item *items = make_items(round, n, false);
    struct flow flow = {{round, items, false}, n, 0, 0};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pinfold_call how = {.size = sizeof how, .window = 1 + soak_below(round, 300)};
    int code = pinfold_stream(round->pool, soak_task, &how, pull, push, &flow, &err);

    round->asked += flow.pulled;
    if (code == PINFOLD_E_BROKEN)
        soak_went_well(round, code, &err, "stream");
    else if (flow.pushed != n)
        soak_wrong(round, "stream: %zu of %zu came (%d: %s)", flow.pushed, n, code, err.text);
    free(items);
}

/* ---- families */
struct branch {
    int32_t depth, fan;
};

static int grow(pinfold_task *task)
{
    const struct branch *branch = pinfold_task_arg(task).data;
    struct branch child = {branch->depth - 1, branch->fan};
    int64_t one = 1;

    for (int32_t i = 0; branch->depth > 0 && i < branch->fan; i++)
        if (pinfold_task_submit(task, grow, (pinfold_bytes){&child, sizeof child}, NULL) != 0)
            return 1;
    memcpy(pinfold_task_out(task, sizeof one), &one, sizeof one);
    return 0;
}

void soak_family(struct soak_round *round)
{
    struct branch root = {1 + (int32_t)soak_below(round, 6), 1 + (int32_t)soak_below(round, 4)};
    struct pinfold_call how = {.size = sizeof how, .combine = add};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future = NULL;
    pinfold_bytes result = {NULL, 0};
    int64_t size = 1, count = -1;
    int code;

    for (int32_t i = 0; i < root.depth; i++)
        size = size * root.fan + 1;
    round->grown = true;
    code =
        pinfold_submit(round->pool, grow, (pinfold_bytes){&root, sizeof root}, &how, &future, &err);
    if (!soak_went_well(round, code, &err, "submit of a family"))
        return;
    soak_kill(round);
    code = pinfold_future_result(future, &result, &err);
    if (result.size == sizeof count)
        memcpy(&count, result.data, sizeof count);
    if (soak_went_well(round, code, &err, "family") && count != size)
        soak_wrong(round, "family: %lld of %lld", (long long)count, (long long)size);
    pinfold_future_free(future);
}

/* ---- futures */
void soak_submit(struct soak_round *round, struct soak_futures *futures)
{
    int n = (int)soak_below(round, 100);

    while (n-- > 0 && futures->n < SOAK_FUTURES) {
        struct soak_future *one = &futures->row[futures->n];
        struct pinfold_call how = {.size = sizeof how, .priority = (int)soak_below(round, 3)};
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        int code;
        *one = (struct soak_future){.item = soak_item(round, false)};
        code = pinfold_submit(round->pool, soak_task, (pinfold_bytes){&one->item, sizeof one->item},
                              &how, &one->future, &err);
        if (!soak_went_well(round, code, &err, "submit"))
            return;
        round->asked++;
        futures->n++;
        if (soak_below(round, 16) == 0) { /* nobody will ask */
            if (one->item.kind == SOAK_GOOD) {
                pinfold_future_free(one->future);
                futures->n--;
            }
        }
    }
    soak_kill(round);
}

void soak_cancel(struct soak_round *round, struct soak_futures *futures)
{
    for (int i = 0; i < futures->n; i++) {
        struct soak_future *one = &futures->row[i];
        if (soak_below(round, 4) != 0)
            continue;
        one->cancelled |= pinfold_future_cancel(one->future);
        if (one->cancelled && pinfold_future_state(one->future) != PINFOLD_CANCELLED)
            soak_wrong(round, "cancel: a future that was cancelled is in state %d",
                       (int)pinfold_future_state(one->future));
    }
}

static struct soak_future *find(struct soak_futures *futures, const pinfold_future *future)
{
    for (int i = 0; i < futures->n; i++)
        if (futures->row[i].future == future)
            return &futures->row[i];
    return NULL;
}

void soak_group(struct soak_round *round, struct soak_futures *futures)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_group *group = NULL;
    pinfold_future *future;
    int code = pinfold_group_open(round->pool, &group, &err), came = 0;

    for (int i = 0; code == 0 && i < futures->n; i++)
        code = pinfold_group_add(group, futures->row[i].future, &err);
    soak_kill(round);
    while (code == 0) {
        code = pinfold_group_next(group, PINFOLD_FOREVER, &future, &err);
        if (code || !future)
            break;
        if (!find(futures, future) || pinfold_future_state(future) < PINFOLD_FINISHED)
            soak_wrong(round, "group: gave out a future that is not one of its own, or not done");
        came++;
    }
    if (soak_went_well(round, code, &err, "group") && came != futures->n)
        soak_wrong(round, "group: %d of %d came", came, futures->n);
    pinfold_group_close(group);
}

void soak_results(struct soak_round *round, struct soak_futures *futures, int n)
{
    while (n-- > 0 && futures->n > 0) {
        struct soak_future *one = &futures->row[--futures->n];
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        pinfold_bytes result = {NULL, 0};
        int64_t value = -1;
        int code = pinfold_future_result(one->future, &result, &err);
        if (one->cancelled) {
            if (code != PINFOLD_E_CANCELLED)
                soak_wrong(round, "result: %d of a future that was cancelled", code);
        } else {
            soak_check(round, &one->item, code, &err, "result");
            if (code == 0 && result.size == sizeof value)
                memcpy(&value, result.data, sizeof value);
            if (code == 0 && value != soak_right(&one->item))
                soak_wrong(round, "result: %lld, not %lld", (long long)value,
                           (long long)soak_right(&one->item));
        }
        pinfold_future_free(one->future);
    }
}
