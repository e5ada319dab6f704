/* ending.c - see ending.h, and pinfold_pool_end_early. */
#include "pool/ending.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/signals.h"
#include "plan/spare.h"
#include "pool/attempt.h"
#include "pool/pool.h"
#include "pool/say.h"

static bool asked(const struct pf_engine *engine)
{
    return atomic_load(&engine->ending.asked) || (engine->signals && pf_signals_early());
}

static struct pinfold_error reason(const struct pf_engine *engine)
{
    struct pinfold_error why = PINFOLD_ERROR_INIT;

    why.code = PINFOLD_E_ENDING;
    snprintf(why.text, sizeof why.text, "not run, or not to its end: the job ends early%s",
             asked(engine) ? "" : ", before its deadline");
    return why;
}

/* Who has something of it finishes the item that he is in, and gives back the rest. */
static void halt(struct pf_engine *engine, struct pf_job *job)
{
    job->given_up = true;
    for (int i = 0; i < engine->nmembers; i++) {
        struct pf_member *member = &engine->members[i];
        bool has = false;
        for (int b = 0; b < member->nflight; b++)
            has |= member->flight[b].job == job;
        if (has && member->state == PF_SERVING)
            pf_say(member, PF_HALT, job->id, NULL, 0, NULL);
    }
}

/* What is not begun of it will never be. Whether nobody had something of it. */
static bool give_up(struct pf_engine *engine, struct pf_job *job)
{
    struct pinfold_error why = reason(engine);
    struct pf_lot lot;
    bool any = false;

    if (!job->given_up)
        halt(engine, job);
    while (job->remaining && job->ops->take(job, job->remaining, &lot)) {
        struct pinfold_error error = why; /* the job writes into it */
        job->ops->failed(job, &lot, lot.count, &error);
        any = true;
    }
    if (job->retrying) {
        pf_attempt_drop(job, &why);
        any = true;
    }
    engine->ending.lacking |= any;
    return any;
}

static double time_left(const struct pf_engine *engine)
{
    return engine->ending.stop == PF_NEVER ? 1e300 : (double)pf_left(engine->ending.stop);
}

static size_t fit(const struct pf_job *job, double left, size_t ahead)
{
    return pf_spare_fit(&(struct pf_spare_facts){.left = left,
                                                 .estimate = job->estimate,
                                                 .item_ns = job->item_ns,
                                                 .longest_ns = job->longest_ns,
                                                 .ahead = ahead});
}

size_t pf_ending_most(const struct pf_engine *engine, const struct pf_member *member,
                      const struct pf_job *job)
{
    if (engine->ending.stop == PF_NEVER)
        return SIZE_MAX;
    return fit(job, time_left(engine), pf_member_ahead(member, job));
}

/* Nobody waits for what runs. */
static bool stop(struct pf_engine *engine)
{
    struct pinfold_error why = reason(engine);
    bool any = false;

    engine->ending.stopped = true;
    engine->grace = /* 0 would be none that workers are told of */
        1 + (int64_t)(pf_ending_grace(engine, (double)engine->grace / (double)PF_S) * (double)PF_S);
    for (struct pf_job *job = engine->jobs; job; job = job->next) {
        if (!job->unfinished)
            continue;
        give_up(engine, job);
        pf_engine_fail(engine, job, &why);
        any = engine->ending.lacking = true;
    }
    return any;
}

bool pf_ending_look(struct pf_engine *engine)
{
    struct pf_ending *ending = &engine->ending;
    double spare;
    bool any = false;

    if (!engine->started || (ending->stop == PF_NEVER && !pf_ending_is(engine)))
        return false;
    spare = time_left(engine);
    if (!ending->begun && (spare <= 0 || pf_ending_is(engine))) {
        ending->begun = true;
        atomic_store(&engine->woken, true); /* if it was a signal: poll returns */
        pf_log(&engine->log, PF_DETAIL, "the job ends early: nothing more is begun");
    }
    if (!ending->stopped && spare <= 0)
        any = stop(engine);
    for (struct pf_job *job = engine->jobs; job; job = job->next)
        if (job->unfinished && (job->remaining || job->retrying || !job->given_up) &&
            (ending->begun || fit(job, spare, 0) == 0))
            any |= give_up(engine, job);
    return any;
}

int64_t pf_ending_due(const struct pf_engine *engine)
{
    return engine->ending.stopped ? PF_NEVER : engine->ending.stop;
}

bool pf_ending_is(const struct pf_engine *engine)
{
    return engine->ending.begun || asked(engine);
}

bool pf_ending_of(const struct pf_engine *engine, const struct pf_job *job)
{
    return job->given_up || pf_ending_is(engine);
}

bool pf_ending_why(struct pf_engine *engine, const struct pf_job *job, struct pinfold_error *why)
{
    if (!job->given_up)
        return false;
    engine->ending.lacking = true;
    *why = reason(engine);
    return true;
}

int pf_ending_refuse(struct pf_engine *engine, const char *verb, struct pinfold_error *err)
{
    if (!pf_ending_is(engine))
        return 0;
    engine->ending.lacking = true;
    return pf_fail(err, PINFOLD_E_ENDING, "%s: the job ends early, and begins nothing more", verb);
}

double pf_ending_grace(const struct pf_engine *engine, double grace)
{
    double half;

    if (engine->ending.deadline == PF_NEVER)
        return grace;
    half = (double)pf_left(engine->ending.deadline) / (double)PF_S / 2;
    return half < 0 ? 0 : half < grace ? half : grace;
}

/* ---- the calls */
void pinfold_pool_end_early(pinfold_pool *pool)
{
    if (!pool)
        return;
    atomic_store(&pool->engine.ending.asked, true);
    pinfold_pool_wake(pool);
}

bool pinfold_pool_ending(pinfold_pool *pool)
{
    struct pf_engine *engine = pool ? &pool->engine : NULL;
    bool ends = pool && (pf_ending_is(engine) || time_left(engine) <= 0);

    if (ends)
        engine->ending.lacking = true; /* the program leaves something out for that */
    return ends;
}
