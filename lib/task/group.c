/* group.c - see group.h. */
#include "task/group.h"

#include <stdlib.h>

#include "base/clock.h"

void pf_group_complete(struct pinfold_group *group, struct pinfold_future *future)
{
    TAILQ_REMOVE(&group->open, future, mates);
    group->nopen--;
    TAILQ_INSERT_TAIL(&group->ready, future, mates);
    group->nready++;
    group->nfailed += future->failure != NULL;
}

void pf_group_remove(struct pinfold_group *group, struct pinfold_future *future)
{
    if (pf_future_complete(future)) {
        TAILQ_REMOVE(&group->ready, future, mates);
        group->nready--;
        group->nfailed -= future->failure != NULL;
    } else {
        TAILQ_REMOVE(&group->open, future, mates);
        group->nopen--;
    }
    future->group = NULL;
}

int pinfold_group_open(pinfold_pool *pool, pinfold_group **out, struct pinfold_error *err)
{
    struct pinfold_group *group;
    int code = pf_pool_check(pool, false, err);

    if (code)
        return code;
    group = calloc(1, sizeof *group);
    if (!group)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a group");
    group->pool = pool;
    TAILQ_INIT(&group->open);
    TAILQ_INIT(&group->ready);
    *out = group;
    return 0;
}

int pinfold_group_add(pinfold_group *group, pinfold_future *future, struct pinfold_error *err)
{
    if (!group || !future)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "group: the %s is NULL",
                       group ? "future" : "group");
    if (future->group == group)
        return 0;
    if (future->group)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "group: the future is in another group");
    if (future->queue && future->queue->pool != group->pool)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "group: the future belongs to another pool");
    future->group = group;
    TAILQ_INSERT_TAIL(&group->open, future, mates);
    group->nopen++;
    if (pf_future_complete(future))
        pf_group_complete(group, future);
    return 0;
}

static bool all_done(const void *context)
{
    return ((const struct pinfold_group *)context)->nopen == 0;
}

static bool one_done(const void *context)
{
    return ((const struct pinfold_group *)context)->nready > 0 || all_done(context);
}

static bool one_failed(const void *context)
{
    return ((const struct pinfold_group *)context)->nfailed > 0 || all_done(context);
}

/* Waits until it is so. */
static int wait_until(struct pinfold_group *group, bool (*so)(const void *context), double timeout,
                      struct pinfold_error *err)
{
    int code;

    if (!group)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "group: the group is NULL");
    if (!(timeout >= 0))
        return pf_fail(err, PINFOLD_E_ARGUMENT, "group: a timeout of %g s makes no sense", timeout);
    if (so(group))
        return 0;
    code = pf_pool_check(group->pool, true, err);
    if (code)
        return code;
    pf_engine_run(&group->pool->engine, so, group, pf_deadline(timeout));
    if (so(group))
        return 0;
    return pf_fail(err, PINFOLD_E_TIMEOUT, "group: %zu of %zu unfinished after %g s", group->nopen,
                   group->nopen + group->nready, timeout);
}

int pinfold_group_wait(pinfold_group *group, enum pinfold_until until, double timeout,
                       struct pinfold_error *err)
{
    switch (until) {
    case PINFOLD_UNTIL_ALL:
        return wait_until(group, all_done, timeout, err);
    case PINFOLD_UNTIL_FIRST:
        return wait_until(group, one_done, timeout, err);
    case PINFOLD_UNTIL_FAILURE:
        return wait_until(group, one_failed, timeout, err);
    default:
        return pf_fail(err, PINFOLD_E_ARGUMENT, "group: nothing can be waited for until %d",
                       (int)until);
    }
}

int pinfold_group_next(pinfold_group *group, double timeout, pinfold_future **out,
                       struct pinfold_error *err)
{
    struct pinfold_future *future;
    int code = wait_until(group, one_done, timeout, err);

    if (code)
        return code;
    future = TAILQ_FIRST(&group->ready);
    if (future)
        pf_group_remove(group, future);
    *out = future;
    return 0;
}

size_t pinfold_group_cancel(pinfold_group *group)
{
    struct pinfold_future *future = group ? TAILQ_FIRST(&group->open) : NULL, *next;
    size_t cancelled = 0;

    for (; future; future = next) {
        next = TAILQ_NEXT(future, mates); /* what is cancelled goes to those that are ready */
        cancelled += pf_future_cancel(future);
    }
    if (cancelled)
        pf_engine_settle(&group->pool->engine); /* only now: callbacks may free any of them */
    return cancelled;
}

void pinfold_group_close(pinfold_group *group)
{
    struct pinfold_future *future;

    if (!group)
        return;
    while ((future = TAILQ_FIRST(&group->open)) || (future = TAILQ_FIRST(&group->ready)))
        pf_group_remove(group, future);
    free(group);
}
