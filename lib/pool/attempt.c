/* attempt.c - see attempt.h. */
#include "pool/attempt.h"

#include <stdlib.h>

#include "plan/retry.h"
#include "work/call.h"

/* How many of those that wait are looked at, for one that this member may try: on a bad node all may
 * have failed that do. */
#define LOOK_AT 64

struct pf_retry {
    struct pf_retry *next;
    struct pf_lot lot;
};

/* False: out of memory. */
static bool wait_for_turn(struct pf_job *job, const struct pf_lot *lot)
{
    struct pf_retry *retry = malloc(sizeof *retry);

    if (!retry)
        return false;
    *retry = (struct pf_retry){NULL, *lot};
    *(job->retry ? &job->last_retry->next : &job->retry) = retry;
    job->last_retry = retry;
    job->retrying++;
    return true;
}

static void take_out(struct pf_job *job, struct pf_retry *before, struct pf_lot *lot)
{
    struct pf_retry *retry = before ? before->next : job->retry;

    *lot = retry->lot;
    *(before ? &before->next : &job->retry) = retry->next;
    if (job->last_retry == retry)
        job->last_retry = before;
    job->retrying--;
    free(retry);
}

static bool is_wanted(struct pf_job *job, const struct pf_lot *lot)
{
    return !job->ops->wanted || job->ops->wanted(job, lot);
}

static void cancel(struct pf_job *job, struct pf_lot *lot)
{
    struct pinfold_error error = PINFOLD_ERROR_INIT;

    pf_fail(&error, PINFOLD_E_CANCELLED, PF_STOPPED);
    job->ops->failed(job, lot, lot->count, &error);
}

void pf_attempt_failed(struct pf_engine *engine, struct pf_member *member, struct pf_job *job,
                       struct pf_lot *lot, struct pinfold_error *error)
{
    struct pf_lot one = *lot;
    bool blames = pf_retry_blames(error->code), first = lot->attempt == 1;

    engine->died += blames && first;
    member->died += blames && first;
    error->attempt = lot->attempt;
    if (pf_retry_again(error->code, lot->attempt, job->retries) && is_wanted(job, lot)) {
        if (job->ops->tried)
            job->ops->tried(job, lot, error);
        job->ops->apart(job, lot, &one);
        one.attempt++;
        one.failed_on = member->seat.number;
        one.blames = blames;
        one.well = member->well;
        if (wait_for_turn(job, &one))
            return;
        lot = &one; /* then this failure is its last */
    }
    job->ops->failed(job, lot, 1, error);
}

void pf_attempt_back(struct pf_job *job, struct pf_lot *lot)
{
    if (!is_wanted(job, lot))
        cancel(job, lot);
    else if (!wait_for_turn(job, lot))
        abort(); /* it was to be tried again, and would be waited for, for ever */
}

/* Whether it gets more to do, now or soon. */
static bool in_order(const struct pf_member *member)
{
    if (member->aside || member->state == PF_GONE || member->state == PF_STOPPING)
        return false;
    return member->state != PF_SERVING || member->nflight == 0 || member->flight[0].job;
}

static int others(const struct pf_engine *engine, const struct pf_member *member,
                  const struct pf_job *job)
{
    int n = 0;

    for (int i = 0; i < engine->nmembers; i++) {
        const struct pf_member *other = &engine->members[i];
        n += other != member && in_order(other) &&
             pf_wish_met(&job->wish, other->seat.number, other->seat.node);
    }
    return n;
}

static bool may_try(const struct pf_engine *engine, const struct pf_member *member,
                    const struct pf_job *job, const struct pf_lot *lot)
{
    int number = member->seat.number;

    return pf_retry_by(number, lot->failed_on,
                       number == lot->failed_on ? others(engine, member, job) : 0);
}

/* The first that it may try; *before: what is in front of it. */
static struct pf_retry *find(const struct pf_engine *engine, const struct pf_member *member,
                             const struct pf_job *job, struct pf_retry **before)
{
    struct pf_retry *retry = job->retry;
    int looked = 0;

    *before = NULL;
    while (retry && looked++ < LOOK_AT) {
        if (may_try(engine, member, job, &retry->lot))
            return retry;
        *before = retry;
        retry = retry->next;
    }
    return NULL;
}

const struct pf_lot *pf_attempt_first(const struct pf_engine *engine,
                                      const struct pf_member *member, const struct pf_job *job)
{
    struct pf_retry *before, *retry = find(engine, member, job, &before);

    return retry ? &retry->lot : NULL;
}

bool pf_attempt_take(const struct pf_engine *engine, const struct pf_member *member,
                     struct pf_job *job, struct pf_lot *lot)
{
    struct pf_retry *before;

    if (!find(engine, member, job, &before))
        return false;
    take_out(job, before, lot);
    return true;
}

void pf_attempt_drop(struct pf_job *job, const struct pinfold_error *why)
{
    while (job->retry) {
        struct pf_lot lot;
        take_out(job, NULL, &lot);
        if (why) {
            struct pinfold_error error = *why;
            job->ops->failed(job, &lot, lot.count, &error);
        }
    }
}

void pf_attempt_drop_unwanted(struct pf_job *job)
{
    struct pf_retry *before = NULL, *retry;

    while ((retry = before ? before->next : job->retry)) {
        struct pf_lot lot = retry->lot;
        if (is_wanted(job, &lot)) {
            before = retry;
            continue;
        }
        take_out(job, before, &lot);
        cancel(job, &lot);
    }
}

/* ---- who is put aside */
/* It was not the task, then. What the member has done well in the meantime speaks for it. */
static void suspect(struct pf_engine *engine, struct pf_member *member, const struct pf_lot *lot)
{
    if (member->aside || !lot->blames || member->well != lot->well)
        return;
    member->row++;
    if (!pf_retry_aside(&(struct pf_aside_facts){
            .row = member->row,
            .others_well = engine->well - member->then_well,
            .others_died = engine->died - member->then_died - member->died,
            .serving = engine->nmembers - engine->aside,
            .workers = engine->nmembers,
        }))
        return;
    member->aside = true;
    engine->aside++;
    pf_log(&engine->log, PF_WARNING,
           "worker %d on %s is put aside, and gets no more tasks: %d in a row failed on it that "
           "went well on other workers",
           member->seat.number, member->host, member->row);
}

void pf_attempt_well(struct pf_engine *engine, struct pf_member *member, const struct pf_lot *lot,
                     uint64_t count)
{
    engine->well += lot->attempt == 1 ? count : 0;
    member->well++;
    member->row = 0;
    member->died = 0;
    member->then_well = engine->well;
    member->then_died = engine->died;
    if (lot->attempt > 1 && lot->failed_on >= 0 && lot->failed_on != member->seat.number)
        suspect(engine, &engine->members[lot->failed_on], lot);
}
