/* limit.c - see limit.h. */
#include "work/limit.h"

#include "base/clock.h"
#include "wire/duct.h"

#define GRACE_LEAST (50 * PF_MS)
#define GRACE_MOST  (5 * PF_S)

int64_t pf_limit_grace(int64_t limit)
{
    int64_t grace = limit / 4;

    return grace < GRACE_LEAST ? GRACE_LEAST : grace > GRACE_MOST ? GRACE_MOST : grace;
}

static void publish(const struct pf_limit *limit, int64_t kill_at)
{
    if (limit->present)
        atomic_store_explicit(&limit->present->kill_at, kill_at, memory_order_release);
}

void pf_limit_begin(struct pf_limit *limit, size_t items)
{
    int64_t most = INT64_MAX / 4, all;

    if (!limit->each)
        return;
    all = items && limit->each > most / (int64_t)items ? most : limit->each * (int64_t)items;
    limit->over = pf_now() + all;
    publish(limit, limit->over + pf_limit_grace(all));
}

bool pf_limit_end(struct pf_limit *limit)
{
    bool late;

    if (!limit->each)
        return false;
    late = pf_now() >= limit->over;
    limit->over = PF_NEVER;
    publish(limit, 0);
    return late;
}
