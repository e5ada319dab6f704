/* how.c - see how.h. */
#include "task/how.h"

#include "base/clock.h"
#include "base/sized.h"
#include "plan/retry.h"
#include "wire/frame.h"

void pf_how_read(struct pinfold_call *how, const struct pinfold_call *given)
{
    *how = (struct pinfold_call){.size = sizeof *how};
    if (given)
        pf_sized_in(how, sizeof *how, given);
}

static int nodes(const struct pf_engine *engine)
{
    int last = 0;

    for (int i = 0; i < engine->nmembers; i++)
        if (engine->members[i].seat.node > last)
            last = engine->members[i].seat.node;
    return last + 1;
}

int pf_how_check_wish(const struct pinfold_call *how, const struct pinfold_pool *pool,
                      const char *verb, struct pinfold_error *err)
{
    int n = how->where == PINFOLD_ON_NODE ? nodes(&pool->engine) : pool->engine.nmembers;

    switch (how->where) {
    case PINFOLD_ANYWHERE:
        if (how->must || how->number)
            return pf_fail(err, PINFOLD_E_ARGUMENT,
                           "%s: `number` and `must` are set, but not where it should be", verb);
        return 0;
    case PINFOLD_ON_WORKER:
    case PINFOLD_ON_NODE:
        if (how->number < 0 || how->number >= n)
            return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: there is no %s %d, only 0 to %d", verb,
                           how->where == PINFOLD_ON_NODE ? "node" : "worker", how->number, n - 1);
        return 0;
    default:
        return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: where = %d is no place to wish for", verb,
                       (int)how->where);
    }
}

int pf_how_check_tries(const struct pinfold_call *how, const char *verb, struct pinfold_error *err)
{
    if (!(how->limit >= 0))
        return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: a limit of %g s makes no sense", verb,
                       how->limit);
    if (how->retries < 0 || how->retries > PF_RETRIES_MAX)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: retries = %d: 0 to %d make sense", verb,
                       how->retries, PF_RETRIES_MAX);
    if (!(how->estimate >= 0))
        return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: an estimate of %g s makes no sense", verb,
                       how->estimate);
    return 0;
}

int64_t pf_how_limit(const struct pinfold_call *how)
{
    if (!(how->limit > 0 && how->limit < 1e9))
        return 0;
    return how->limit * (double)PF_S < 1 ? 1 : (int64_t)(how->limit * (double)PF_S);
}

void pf_how_apply(const struct pinfold_call *how, struct pf_job *job)
{
    job->priority = how->priority;
    job->wish = (struct pf_wish){how->where, how->number, how->must};
    job->limit = pf_how_limit(how);
    job->retries = how->retries;
    job->estimate = how->estimate * (double)PF_S;
}

int pf_how_check(const struct pinfold_call *how, const struct pinfold_pool *pool, const char *verb,
                 struct pinfold_error *err)
{
    int code;

    if (how->shared.size > PF_ITEM_MAX)
        return pf_fail(err, PINFOLD_E_TOO_BIG,
                       "%s: %zu shared bytes are more than " PF_ITEM_MAX_TEXT, verb,
                       how->shared.size);
    if (how->shared.size && !how->shared.data)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: shared.data is NULL and shared.size is not 0",
                       verb);
    if (!(how->timeout >= 0))
        return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: a timeout of %g s makes no sense", verb,
                       how->timeout);
    if (how->combine)
        return pf_fail(err, PINFOLD_E_ARGUMENT,
                       "%s: combine is for tasks that make tasks: see pinfold_map_reduce", verb);
    code = pf_how_check_tries(how, verb, err);
    return code ? code : pf_how_check_wish(how, pool, verb, err);
}

int64_t pf_how_deadline(const struct pinfold_call *how)
{
    return how->timeout > 0 ? pf_deadline(how->timeout) : PF_NEVER;
}
