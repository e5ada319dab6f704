/* engine.c - the page to read first.
 *
 * One turn of the loop: every port moves on and hands over what came (`pf_hear`); every member that
 * can take more gets it, from the job that goes first (`pf_feed`); when neither did anything, the
 * engine sleeps in one ppoll on all that can wake it. Nothing else in the driver waits. User code
 * (done callbacks, progress) is called between hearing and feeding, and nowhere else (`settle`).
 *
 * What a member has in hand is its *flight*: batches, in the order they were sent, which is the
 * order they are run in. hear.c brings it up to date.
 */
#include "pool/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/signals.h"
#include "pool/attempt.h"
#include "pool/feed.h"
#include "pool/hear.h"
#include "pool/keep.h"
#include "pool/quiet.h"
#include "pool/say.h"
#include "record/journal.h"

/* Nobody waits any more for what the member has of the job. With `why`, the job is told so. */
static void abandon(const struct pf_engine *engine, struct pf_member *member, struct pf_job *job,
                    const struct pinfold_error *why)
{
    bool waiting = false;

    for (int i = 0; i < member->nflight; i++) {
        struct pf_batch *batch = &member->flight[i];
        if (batch->job != job)
            continue;
        if (why) {
            struct pinfold_error error = *why;
            job->ops->failed(job, &batch->lot, batch->lot.count, &error);
        }
        batch->job = NULL;
        waiting = true;
    }
    if (waiting && member->state == PF_SERVING)
        pf_say_cancel(member, job->id, engine->grace);
}

void pf_engine_fail(struct pf_engine *engine, struct pf_job *job, const struct pinfold_error *why)
{
    for (int i = 0; i < engine->nmembers; i++)
        abandon(engine, &engine->members[i], job, why);
    pf_attempt_drop(job, why);
    if (job->ops->drop)
        job->ops->drop(job, why);
}

/* Nobody will answer any more. Jobs that a call waits for learn it there. */
static void fail_all(struct pf_engine *engine)
{
    for (struct pf_job *job = engine->jobs; job; job = job->next)
        if (job->unfinished && job->ops->drop)
            pf_engine_fail(engine, job, &engine->broken);
}

/* User code may submit, and complete more futures by cancelling: until nothing is due. */
static void settle(struct pf_engine *engine)
{
    struct pf_job *job = engine->jobs;

    while (job) {
        if (job->settling) {
            job->settling = false;
            job->ops->settle(job);
            job = engine->jobs;
        } else {
            job = job->next;
        }
    }
}

void pf_engine_settle(struct pf_engine *engine)
{
    if (engine->running)
        return; /* it comes to that by itself */
    engine->running = true;
    settle(engine);
    engine->running = false;
}

static bool turn(struct pf_engine *engine)
{
    int events = pf_hear(engine, true);
    bool ended = false;

    if (engine->broken.code)
        fail_all(engine);
    else
        ended = pf_ending_look(engine);
    if (engine->signals && pf_signals_status())
        pf_progress_answer(engine);
    settle(engine);
    if (pf_progress_look(engine))
        settle(engine); /* it may have cancelled */
    pf_keep_look(engine);
    return pf_feed(engine) || events > 0 || ended;
}

#define LOOK_AGAIN (20 * PF_MS)

/* A worker rings when half of its batches are done. Should the next one take long, those in front of
 * it are answered for, and nobody was told: so we look. */
static bool may_be_answered(const struct pf_engine *engine)
{
    for (int i = 0; i < engine->nmembers; i++)
        if (engine->members[i].nflight > 1)
            return true;
    return false;
}

/* `wakeable`: pinfold_pool_wake ends it. */
static void nap(struct pf_engine *engine, int64_t deadline, bool wakeable)
{
    struct pf_nap nap = {.until = deadline};
    bool due = false;
    uint64_t rings;

    pf_nap_add(&nap, engine->bell);
    pf_nap_until(&nap, pf_ending_due(engine));
    if (engine->signals)
        pf_nap_add(&nap, pf_signals_bell());
    pf_nap_until(&nap, pf_quiet_look(engine));
    if (may_be_answered(engine))
        pf_nap_until(&nap, pf_now() + LOOK_AGAIN);
    for (int i = 0; i < engine->nports; i++)
        due |= engine->ports[i]->ops->arm(engine->ports[i], &nap);
    if (!due && !(wakeable && atomic_load(&engine->woken)))
        pf_nap_take(&nap);
    if (engine->signals)
        pf_signals_quiet();
    ssize_t ignored = read(engine->bell, &rings, sizeof rings); /* EAGAIN: it did not ring */
    (void)ignored;
}

void pf_engine_run(struct pf_engine *engine, bool (*finished)(const void *context),
                   const void *context, int64_t deadline)
{
    engine->running = true;
    for (;;) {
        bool moved = turn(engine);
        if (engine->broken.code || (finished && finished(context)))
            break;
        if (!finished && atomic_exchange(&engine->woken, false))
            break;
        if (deadline != PF_NEVER && pf_now() >= deadline)
            break;
        if (!moved) {
            int64_t due = pf_progress_due(engine), commit = pf_journal_due(engine->journal);
            due = commit < due ? commit : due;
            nap(engine, due < deadline ? due : deadline, !finished);
        }
    }
    engine->running = false;
}

void pf_engine_push(struct pf_engine *engine, bool and_look)
{
    pf_progress_begin(engine);
    if (and_look)
        pf_hear(engine, false);
    pf_feed(engine);
}

bool pf_engine_busy(const struct pf_engine *engine)
{
    for (const struct pf_job *job = engine->jobs; job; job = job->next)
        if (job->unfinished)
            return true;
    return false;
}

int pf_engine_take_up(struct pf_engine *engine, struct pf_job *job, struct pinfold_error *err)
{
    job->told = calloc((size_t)engine->nmembers, sizeof *job->told);
    if (!job->told)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a call to %d workers",
                       engine->nmembers);
    job->id = job->call->call = ++engine->calls;
    job->tally = &engine->tally;
    job->next = engine->jobs;
    job->at = &engine->jobs;
    if (job->next)
        job->next->at = &job->next;
    engine->jobs = job;
    return 0;
}

void pf_engine_lay_down(struct pf_engine *engine, struct pf_job *job)
{
    for (int i = 0; i < engine->nmembers; i++) {
        struct pf_member *member = &engine->members[i];
        abandon(engine, member, job, NULL);
        if (job->told[i].told && member->state == PF_SERVING)
            pf_say(member, PF_FORGET, job->id, NULL, 0, NULL);
    }
    pf_attempt_drop(job, NULL);
    *job->at = job->next;
    if (job->next)
        job->next->at = job->at;
    free(job->told);
    /* Not by pf_job_end: that it is unfinished is what its call has yet to say. */
    *(engine->broken.code ? &engine->tally.failed : &engine->tally.cancelled) += job->unfinished;
    if (!engine->running && pf_progress_look(engine)) { /* it may have cancelled, and submitted */
        pf_engine_settle(engine);
        pf_feed(engine);
    }
}

/* How many members are in one of these states. */
static int count(const struct pf_engine *engine, unsigned states)
{
    int n = 0;

    for (int i = 0; i < engine->nmembers; i++)
        n += states >> engine->members[i].state & 1;
    return n;
}

int pf_engine_start(struct pf_engine *engine, int64_t deadline, struct pinfold_error *err)
{
    for (int i = 0; i < engine->nmembers; i++)
        pf_say_init(engine, &engine->members[i]);
    while (count(engine, 1u << PF_STARTING) && !engine->broken.code) {
        if (pf_now() >= deadline) {
            int i = 0;
            while (engine->members[i].state != PF_STARTING)
                i++;
            return pf_fail(
                err, PINFOLD_E_TIMEOUT,
                "%d of %d workers were not ready in time, the first is worker %d of rank "
                "%d (open-timeout sets the time)",
                count(engine, 1u << PF_STARTING), engine->nmembers, i,
                engine->members[i].seat.rank);
        }
        if (!turn(engine))
            nap(engine, deadline, false);
    }
    engine->started = true;
    return engine->broken.code ? pf_error_give(err, &engine->broken) : 0;
}

/* Whether a stopped member that was in the middle of something has not come back. */
static bool any_owing(const struct pf_engine *engine)
{
    for (int i = 0; i < engine->nmembers; i++)
        if (engine->members[i].state == PF_STOPPING && engine->members[i].owing)
            return true;
    return false;
}

/* Ends those; the number of those that cannot be ended. */
static int kill_owing(struct pf_engine *engine)
{
    int stuck = 0;

    for (int i = 0; i < engine->nmembers; i++) {
        struct pf_member *member = &engine->members[i];
        if (member->state != PF_STOPPING || !member->owing)
            continue;
        if (!member->port->ops->kill(member->port, member->lane)) {
            pf_log(&engine->log, PF_WARNING,
                   "worker %d of rank %d on %s does not come back from its task",
                   member->seat.number, member->seat.rank, member->host);
            stuck++;
        }
        member->state = PF_GONE;
    }
    return stuck;
}

int pf_engine_stop(struct pf_engine *engine, int code, const char *text, double grace)
{
    int64_t deadline = pf_deadline(grace);
    int stuck = 0;

    engine->stop_code = code;
    engine->stop_text = text;
    for (int i = 0; i < engine->nmembers; i++) {
        struct pf_member *member = &engine->members[i];
        if (member->state == PF_GONE)
            continue;
        member->owing = member->nflight > 0 || member->state == PF_STARTING;
        pf_say_stop(member, code, text);
        member->state = PF_STOPPING;
    }
    while (count(engine, 1u << PF_STOPPING)) {
        bool late = pf_now() >= deadline;
        if (late && any_owing(engine))
            stuck += kill_owing(engine);
        else if (!turn(engine))
            nap(engine, late ? PF_NEVER : deadline, false);
    }
    return stuck ? PINFOLD_E_STUCK : 0;
}
