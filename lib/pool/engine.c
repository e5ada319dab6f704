/* engine.c - the page to read first.
 *
 * One turn of the loop: every port moves on and hands over what came (`hear`); every member that
 * can take more of the job gets it (`feed`); when neither did anything, the engine sleeps in one
 * ppoll on all that can wake it. Nothing else in the driver waits.
 *
 * What a member has in hand is its *flight*: batches, in the order they were sent, which is the
 * order they are run in. An answer (RESULT, FAILURE, DROPPED) is about the next items of one
 * batch. When a member is lost, the first unanswered item of its first batch is what it was
 * running, if it was inside user code: that item fails with the cause, and all others go back to
 * the job. Answers to calls that are over only bring the flight up to date.
 */
#include "pool/engine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

#define IDLE_DEATHS 5 /* in a row, without having run anything: something kills our workers */

/* ---- saying */
static void send_frame(struct pf_member *member, int kind, uint64_t call, const void *head,
                       size_t head_size, const struct pf_buf *tail)
{
    size_t tail_size = tail ? tail->size : 0;
    struct pf_frame *frame =
        member->port->ops->reserve(member->port, member->lane, head_size + tail_size);

    if (!frame)
        abort(); /* a worker that is not told waits for ever */
    frame->kind = (uint16_t)kind;
    frame->call = call;
    if (head_size)
        memcpy(frame->body, head, head_size);
    if (tail_size)
        memcpy(frame->body + head_size, tail->data, tail_size);
    member->port->ops->commit(member->port, member->lane, frame);
}

static void send_init(struct pf_engine *engine, struct pf_member *member)
{
    const struct pf_seat *seat = &member->seat;
    struct pf_buf head = {0};
    size_t size = (size_t)pf_cpus_print(&seat->cpus, NULL, 0) + 1;
    char *cpus = malloc(size);

    if (!cpus)
        abort();
    pf_cpus_print(&seat->cpus, cpus, size);
    pf_pack_u64(&head, (uint64_t)seat->number);
    pf_pack_u64(&head, (uint64_t)seat->rank);
    pf_pack_u64(&head, (uint64_t)seat->node);
    pf_pack_u64(&head, (uint64_t)seat->slot);
    pf_pack_u64(&head, (uint64_t)seat->width);
    pf_pack_u64(&head, seat->bound);
    pf_pack_text(&head, cpus);
    if (head.failed)
        abort();
    member->state = PF_STARTING;
    pf_member_told(member, 0);
    send_frame(member, PF_INIT, 0, head.data, head.size, &engine->init);
    pf_buf_free(&head);
    free(cpus);
}

/* ---- hearing */
static void break_pool(struct pf_engine *engine, const struct pinfold_error *why)
{
    if (!engine->broken.code)
        engine->broken = *why;
}

/* Brings the member's flight up to date with an answer. The job, if that still waits for it. */
static struct pf_job *answered(struct pf_engine *engine, struct pf_member *member,
                               const struct pf_frame *frame)
{
    struct pf_batch *batch = pf_member_batch(member, frame->call, frame->first, frame->count);

    if (!batch)
        return NULL;
    if (frame->kind != PF_DROPPED)
        member->idle_deaths = 0; /* it ran something */
    pf_member_answered(member, batch, frame->count);
    return engine->job && engine->job->id == frame->call ? engine->job : NULL;
}

static void hear_result(struct pf_engine *engine, struct pf_member *member,
                        const struct pf_frame *frame)
{
    struct pf_job *job = answered(engine, member, frame);

    if (!job)
        return;
    if (frame->count == 0 || frame->size / frame->count < job->out_size) {
        struct pinfold_error why = PINFOLD_ERROR_INIT;
        why.code = PINFOLD_E_BROKEN;
        pf_member_blame(member, &why);
        snprintf(why.text, sizeof why.text,
                 "worker %d on %s sent results that cannot be: a task wrote outside of its output",
                 member->seat.number, member->host);
        break_pool(engine, &why);
        return;
    }
    if (frame->ns > 0) {
        /* A moving average, in which the last few batches of all workers count. */
        double item_ns = (double)frame->ns / (double)frame->count;
        job->item_ns = job->item_ns > 0 ? 0.75 * job->item_ns + 0.25 * item_ns : item_ns;
    }
    job->ops->done(job, frame->first, frame->count, frame->body);
}

static void hear_failure(struct pf_engine *engine, struct pf_member *member,
                         const struct pf_frame *frame)
{
    struct pf_job *job = answered(engine, member, frame);
    struct pf_reader in = pf_reader_of(frame);
    struct pinfold_error error = PINFOLD_ERROR_INIT;

    if (!job)
        return;
    if (frame->count > 1) { /* of a range: which of them was it? */
        job->ops->again(job, frame->first, frame->count, true);
        return;
    }
    error.code = (int)(int64_t)pf_unpack_u64(&in);
    snprintf(error.text, sizeof error.text, "%.511s", pf_unpack_text(&in));
    pf_member_blame(member, &error);
    job->ops->failed(job, frame->first, frame->count, &error);
}

/* Gives the job back what a lost member had in hand, but for the item that it died in. */
static void land_flight(struct pf_engine *engine, struct pf_member *member,
                        const struct pf_event *loss)
{
    struct pf_job *job = engine->job;
    bool guilty = loss->busy;

    for (int i = 0; i < member->nflight; i++) {
        struct pf_batch *batch = &member->flight[i];
        size_t first = batch->first + batch->answered, count = batch->count - batch->answered;
        if (job && job->id == batch->call) {
            if (guilty && (!job->range || count == 1)) {
                struct pinfold_error error = PINFOLD_ERROR_INIT;
                error.code = loss->code;
                snprintf(error.text, sizeof error.text, "worker %d on %s was lost: %.400s",
                         member->seat.number, member->host, loss->text);
                pf_member_blame(member, &error);
                job->ops->failed(job, first, 1, &error);
                first++;
                count--;
            }
            if (count)
                job->ops->again(job, first, count, guilty && job->range);
        }
        guilty = false;
    }
    member->nflight = 0;
}

static void lose(struct pf_engine *engine, struct pf_member *member, const struct pf_event *loss)
{
    struct pinfold_error why = PINFOLD_ERROR_INIT;

    if (member->state == PF_GONE)
        return;
    if (member->state == PF_STOPPING) {
        member->state = PF_GONE; /* it would have gone anyway */
        return;
    }
    why.code = PINFOLD_E_BROKEN;
    pf_member_blame(member, &why);
    snprintf(why.text, sizeof why.text, "worker %d was lost %s: %.400s", member->seat.number,
             member->state == PF_STARTING ? "while it was prepared" : "again and again",
             loss->text);
    if (member->state == PF_SERVING && loss->busy)
        member->idle_deaths = 0;
    else
        member->idle_deaths++;
    land_flight(engine, member, loss);
    if (loss->final || member->idle_deaths >= IDLE_DEATHS ||
        member->port->ops->revive(member->port, member->lane, &why) != 0) {
        member->state = PF_GONE;
        break_pool(engine, &why);
        return;
    }
    pf_log(&engine->log, PF_DETAIL, "worker %d on %s was lost (%s) and is replaced",
           member->seat.number, member->host, loss->text);
    send_init(engine, member);
}

struct hearing { /* the sink's context: whose lanes these are */
    struct pf_engine *engine;
    int base;
};

static void hear(void *context, const struct pf_event *event)
{
    const struct hearing *hearing = context;
    struct pf_engine *engine = hearing->engine;
    struct pf_member *member = &engine->members[hearing->base + event->lane];
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    if (!event->frame) {
        lose(engine, member, event);
        return;
    }
    switch (event->frame->kind) {
    case PF_READY:
        if (member->state == PF_STARTING &&
            pf_member_ready(member, event->frame, &engine->log, &err) != 0) {
            if (engine->started)
                err.code = PINFOLD_E_BROKEN; /* a replaced worker's: more is lost than that one */
            break_pool(engine, &err);
        }
        break;
    case PF_RESULT:
        hear_result(engine, member, event->frame);
        break;
    case PF_FAILURE:
        hear_failure(engine, member, event->frame);
        break;
    case PF_DROPPED:
        answered(engine, member, event->frame);
        break;
    case PF_BYE:
        member->state = PF_GONE;
        break;
    default:
        break;
    }
}

/* ---- feeding */
static bool feed_one(struct pf_engine *engine, struct pf_member *member)
{
    struct pf_job *job = engine->job;
    size_t larger = job->in_size > job->out_size ? job->in_size : job->out_size;
    struct pf_chunk_facts facts = {
        .remaining = job->remaining,
        .workers = engine->nmembers,
        .fixed = job->chunk,
        .fit = larger && PF_BODY_MAX / larger ? PF_BODY_MAX / larger
               : larger                       ? 1
                                              : PF_BODY_MAX,
        .item_size = larger,
        .item_ns = job->item_ns,
        .last = member->knows == job->id ? member->last : 0,
        .ahead = pf_member_ahead(member),
        .batches_ahead = member->nflight,
    };
    size_t first, count = pf_chunk(&facts);
    struct pf_frame *frame;

    if (count)
        count = job->ops->take(job, count, &first);
    if (!count)
        return false;
    if (member->knows != job->id) {
        send_frame(member, PF_CALL, job->id, NULL, 0, &job->call);
        pf_member_told(member, job->id);
    }
    frame = member->port->ops->reserve(member->port, member->lane, count * job->in_size);
    if (!frame)
        abort();
    frame->kind = PF_BATCH;
    frame->call = job->id;
    frame->first = first;
    frame->count = count;
    job->ops->fill(job, first, count, frame->body);
    member->port->ops->commit(member->port, member->lane, frame);
    member->flight[member->nflight++] = (struct pf_batch){job->id, first, count, 0};
    return true;
}

/* A member that is still busy with a call that is over may never come back from it: what it would
 * get now would wait with it. */
static bool ready_for(const struct pf_member *member, const struct pf_job *job)
{
    return member->state == PF_SERVING &&
           (member->nflight == 0 || member->flight[0].call == job->id);
}

/* One batch for each in turn, until nobody wants more: a short map reaches all workers. */
static bool feed(struct pf_engine *engine)
{
    bool fed = false, more = engine->job && engine->job->remaining && !engine->broken.code;

    while (more) {
        more = false;
        for (int i = 0; i < engine->nmembers; i++)
            if (ready_for(&engine->members[i], engine->job) &&
                feed_one(engine, &engine->members[i]))
                more = true;
        fed |= more;
    }
    return fed;
}

/* ---- the loop */
static bool turn(struct pf_engine *engine)
{
    int events = 0;

    for (int i = 0; i < engine->nports; i++) {
        struct hearing hearing = {engine, engine->base[i]};
        events += engine->ports[i]->ops->poll(engine->ports[i], hear, &hearing);
    }
    return feed(engine) || events > 0;
}

/* `wakeable`: pinfold_pool_wake ends it. */
static void nap(struct pf_engine *engine, int64_t deadline, bool wakeable)
{
    struct pf_nap nap = {.until = deadline};
    bool due = false;
    uint64_t rings;

    pf_nap_add(&nap, engine->bell);
    for (int i = 0; i < engine->nports; i++)
        due |= engine->ports[i]->ops->arm(engine->ports[i], &nap);
    if (!due && !(wakeable && atomic_load(&engine->woken)))
        pf_nap_take(&nap);
    ssize_t ignored = read(engine->bell, &rings, sizeof rings); /* EAGAIN: it did not ring */
    (void)ignored;
}

void pf_engine_run(struct pf_engine *engine, bool (*finished)(const struct pf_job *job),
                   int64_t deadline)
{
    for (;;) {
        bool moved = turn(engine);
        if (engine->broken.code || (finished && finished(engine->job)))
            return;
        if (!finished && atomic_exchange(&engine->woken, false))
            return;
        if (deadline != PF_NEVER && pf_now() >= deadline)
            return;
        if (!moved)
            nap(engine, deadline, !finished);
    }
}

void pf_engine_take_up(struct pf_engine *engine, struct pf_job *job)
{
    job->id = ++engine->calls;
    engine->job = job;
}

void pf_engine_lay_down(struct pf_engine *engine)
{
    struct pf_job *job = engine->job;

    for (int i = 0; i < engine->nmembers; i++) {
        struct pf_member *member = &engine->members[i];
        if (member->knows != job->id || member->state != PF_SERVING)
            continue;
        if (member->nflight)
            send_frame(member, PF_CANCEL, job->id, NULL, 0, NULL);
        send_frame(member, PF_FORGET, job->id, NULL, 0, NULL);
    }
    engine->job = NULL;
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
        send_init(engine, &engine->members[i]);
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
                   "rank %d on %s does not come back from its task: the job will be aborted",
                   member->seat.rank, member->host);
            stuck++;
        }
        member->state = PF_GONE;
    }
    return stuck;
}

int pf_engine_stop(struct pf_engine *engine, int code, const char *text, double grace)
{
    int64_t deadline = pf_deadline(grace);
    struct pf_buf body = {0};
    int stuck = 0;

    pf_pack_u64(&body, (uint64_t)(int64_t)code);
    pf_pack_text(&body, text);
    if (body.failed)
        abort();
    for (int i = 0; i < engine->nmembers; i++) {
        struct pf_member *member = &engine->members[i];
        if (member->state == PF_GONE)
            continue;
        member->owing = member->nflight > 0 || member->state == PF_STARTING;
        send_frame(member, PF_STOP, 0, body.data, body.size, NULL);
        member->state = PF_STOPPING;
    }
    pf_buf_free(&body);
    while (count(engine, 1u << PF_STOPPING)) {
        bool late = pf_now() >= deadline;
        if (late && any_owing(engine))
            stuck += kill_owing(engine);
        else if (!turn(engine))
            nap(engine, late ? PF_NEVER : deadline, false);
    }
    return stuck ? PINFOLD_E_STUCK : 0;
}
