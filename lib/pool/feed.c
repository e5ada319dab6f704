/* feed.c - see feed.h. */
#include "pool/feed.h"

#include <stdio.h>

#include "pool/attempt.h"
#include "pool/say.h"
#include "pool/term.h"

/* Whether some worker that the job is wanted on has nothing in hand. */
static bool wanted_idle(const struct pf_engine *engine, const struct pf_job *job)
{
    for (int i = 0; i < engine->nmembers; i++) {
        const struct pf_member *member = &engine->members[i];
        if (member->state == PF_SERVING && member->nflight == 0 && !member->aside &&
            pf_wish_met(&job->wish, i, member->seat.node))
            return true;
    }
    return false;
}

/* How many workers may get something of it, but for those that are put aside. */
static int takers(const struct pf_engine *engine, const struct pf_job *job)
{
    bool any = job->wish.where == PINFOLD_ANYWHERE || !job->wish.must;
    int n = 0;

    if (any)
        return engine->nmembers - engine->aside;
    for (int i = 0; i < engine->nmembers; i++)
        n += !engine->members[i].aside && pf_wish_met(&job->wish, i, engine->members[i].seat.node);
    return n;
}

static struct pf_pick as_seen_by(const struct pf_engine *engine, const struct pf_member *member,
                                 const struct pf_job *job)
{
    struct pf_pick pick = {PF_FIT_WELL, job->priority, job->age};
    const struct pf_lot *lot = pf_attempt_first(engine, member, job);

    if ((!job->remaining && !lot) || (member->aside && takers(engine, job) > 0))
        return (struct pf_pick){.fit = PF_FIT_NOT};
    if (lot && (!job->remaining || lot->priority > pick.priority))
        pick.priority = lot->priority;
    if (lot && lot->age < pick.age)
        pick.age = lot->age;
    if (job->wish.where != PINFOLD_ANYWHERE)
        pick.fit = pf_wish_fit(&job->wish, member->seat.number, member->seat.node,
                               member->nflight == 0, wanted_idle(engine, job));
    return pick;
}

/* Of the jobs that have something for this member, the one that goes first. */
static struct pf_job *next_job(const struct pf_engine *engine, const struct pf_member *member)
{
    struct pf_job *next = NULL;
    struct pf_pick best = {.fit = PF_FIT_NOT};

    for (struct pf_job *job = engine->jobs; job; job = job->next) {
        struct pf_pick pick;
        if (!job->remaining && !job->retrying)
            continue;
        pick = as_seen_by(engine, member, job);
        if (pick.fit != PF_FIT_NOT && (!next || pf_pick_before(&pick, &best))) {
            next = job;
            best = pick;
        }
    }
    return next;
}

/* Whether so much waits that a worker which makes tasks need not share them yet. */
static bool plenty(const struct pf_engine *engine)
{
    size_t waiting = 0, enough = 4 * (size_t)engine->nmembers;

    for (const struct pf_job *job = engine->jobs; job && waiting < enough; job = job->next)
        waiting += job->remaining < enough ? job->remaining : enough;
    return waiting >= enough;
}

/* The first batch of a job is preceded by what it is. */
static void tell(struct pf_member *member, struct pf_job *job)
{
    struct pf_told *told = &job->told[member->seat.number];

    if (told->told)
        return;
    told->told = true;
    pf_say_shared(member, job->call);
}

/* The frame of a lot; NULL: out of memory. */
static struct pf_frame *frame_of(struct pf_member *member, struct pf_job *job,
                                 const struct pf_lot *lot)
{
    struct pf_frame *frame = job->ops->made ? job->ops->made(job, lot) : NULL;

    if (frame)
        return frame;
    frame = member->port->ops->reserve(member->port, member->lane, lot->bytes);
    if (frame)
        job->ops->fill(job, lot, frame->body);
    return frame;
}

static void fail_for_memory(struct pf_job *job, struct pf_lot *lot)
{
    struct pinfold_error error = PINFOLD_ERROR_INIT;

    error.code = PINFOLD_E_MEMORY;
    snprintf(error.text, sizeof error.text, "out of memory for sending an input of %zu bytes",
             lot->bytes);
    job->ops->failed(job, lot, lot->count, &error);
}

/* What is tried again goes first. */
static bool take(const struct pf_engine *engine, const struct pf_member *member, struct pf_job *job,
                 size_t count, struct pf_lot *lot)
{
    int priority = job->priority;
    uint64_t age = job->age;

    if (pf_attempt_take(engine, member, job, lot))
        return true;
    if (!job->ops->take(job, count, lot))
        return false;
    lot->attempt = 1;
    lot->failed_on = -1;
    lot->priority = priority;
    lot->age = age;
    return true;
}

/* A job with retries has all that its tasks make tried again, so all is handed over. */
static unsigned flags_of(const struct pf_engine *engine, const struct pf_job *job,
                         const struct pf_lot *lot)
{
    bool keep = !job->retries && plenty(engine);

    return (keep ? PF_FLAG_PLENTY : 0) | (unsigned)lot->attempt << PF_ATTEMPT_SHIFT;
}

static bool feed_one(struct pf_engine *engine, struct pf_member *member)
{
    struct pf_job *job = next_job(engine, member);
    struct pf_lot lot;
    struct pf_frame *frame;
    size_t count, left = pf_term_left(engine, member);
    int workers;

    if (!job)
        return false;
    workers = takers(engine, job);
    count = pf_chunk(&(struct pf_chunk_facts){
        .remaining = job->remaining + job->retrying,
        .workers = workers ? workers : 1,
        .fixed = job->chunk,
        .fit = job->fit,
        .item_size = job->item_size,
        .item_ns = job->item_ns,
        .last = job->told[member->seat.number].last,
        .ahead = pf_member_ahead(member, job),
        .batches_ahead = member->nflight,
    });
    if (count > left)
        count = left;
    left = pf_ending_most(engine, member, job);
    if (count > left)
        count = left;
    if (!count || !take(engine, member, job, count, &lot))
        return false;
    tell(member, job);
    frame = frame_of(member, job, &lot);
    if (!frame) {
        fail_for_memory(job, &lot);
        return true;
    }
    frame->kind = PF_BATCH;
    frame->flags = (uint16_t)flags_of(engine, job, &lot);
    frame->call = job->id;
    frame->first = lot.first;
    frame->count = lot.count;
    frame->ns = job->limit;
    pf_say_commit(member, frame);
    member->flight[member->nflight++] = (struct pf_batch){job, job->id, lot.count, lot};
    member->given += lot.count;
    return true;
}

/* A member that is still busy with a call that is over may never come back from it: what it would
 * get now would wait with it. */
static bool ready(const struct pf_member *member)
{
    return member->state == PF_SERVING && (member->nflight == 0 || member->flight[0].job);
}

static bool any_waiting(const struct pf_engine *engine)
{
    for (const struct pf_job *job = engine->jobs; job; job = job->next)
        if (job->remaining || job->retrying)
            return true;
    return false;
}

bool pf_feed(struct pf_engine *engine)
{
    bool ends = pf_ending_is(engine);
    bool fed = false, more = !engine->broken.code && !ends && any_waiting(engine);

    if (!engine->broken.code)
        pf_term_end(engine);
    while (more) {
        more = false;
        for (int i = 0; i < engine->nmembers; i++)
            if (ready(&engine->members[i]) && feed_one(engine, &engine->members[i]))
                more = true;
        fed |= more;
    }
    engine->idle = 0;
    for (int i = 0; i < engine->nmembers; i++)
        engine->idle += engine->members[i].state == PF_SERVING && engine->members[i].nflight == 0 &&
                        !engine->members[i].aside;
    return fed;
}
