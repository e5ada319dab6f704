/* hear.c - see hear.h.
 *
 * An answer (RESULT, FAILURE, DROPPED) is about the next items of one batch. When a member is
 * lost, the first unanswered item of its first batch is what it was running, if it was inside user
 * code: that item fails with the cause, and all others go back to their job. Answers to calls that
 * are over only bring the flight up to date.
 */
#include "pool/hear.h"

#include <stdio.h>

#include "base/clock.h"
#include "pool/attempt.h"
#include "pool/say.h"

#define IDLE_DEATHS 5 /* in a row, without having run anything: something kills our workers */

static void break_pool(struct pf_engine *engine, const struct pinfold_error *why)
{
    if (!engine->broken.code)
        engine->broken = *why;
}

/* It says what no worker of ours says, or lost what we or it have said: what else it said, or will say,
 * is worth nothing. */
static void break_over(struct pf_engine *engine, const struct pf_member *member, const char *what)
{
    struct pinfold_error why = PINFOLD_ERROR_INIT;

    why.code = PINFOLD_E_BROKEN;
    pf_member_blame(member, &why);
    snprintf(why.text, sizeof why.text, "worker %d on %s %.400s", member->seat.number,
             member->host[0] ? member->host : "its rank", what);
    break_pool(engine, &why);
}

static void break_for_gap(struct pf_engine *engine, const struct pf_member *member,
                          uint32_t missing)
{
    char text[80];

    snprintf(text, sizeof text, "sent frame %u, which never came: it was lost in transit", missing);
    break_over(engine, member, text);
}

/* Whether a frame is to be heard. BYE is behind a gap, too: nothing else will come. */
static bool in_order(struct pf_engine *engine, struct pf_member *member,
                     const struct pf_frame *frame)
{
    enum pf_seq_is is = pf_seq_take(&member->heard, frame);

    if (is == PF_SEQ_GAP)
        break_for_gap(engine, member, member->heard.missing);
    return is == PF_SEQ_NEXT || (is == PF_SEQ_GAP && frame->kind == PF_BYE);
}

/* The batch that an answer is about, and its job, if that still waits for it. */
static struct pf_batch *answered(struct pf_member *member, const struct pf_frame *frame,
                                 struct pf_job **job)
{
    struct pf_batch *batch = pf_member_batch(member, frame->call, frame->first, frame->count);

    *job = batch ? batch->job : NULL;
    if (*job) {
        (*job)->by = member->seat.number;
        (*job)->ns = frame->ns;
    }
    if (batch && frame->kind != PF_DROPPED)
        member->idle_deaths = 0; /* it ran something */
    return batch;
}

/* A result for which the driver has no memory: who sent it is not to blame. */
static void hear_lost(struct pf_member *member, struct pf_batch *batch, struct pf_job *job,
                      const struct pf_frame *frame)
{
    struct pinfold_error error = PINFOLD_ERROR_INIT;

    error.code = PINFOLD_E_MEMORY;
    pf_member_blame(member, &error);
    snprintf(error.text, sizeof error.text,
             "the driver is out of memory for a result of %llu bytes",
             (unsigned long long)frame->lost);
    job->ops->failed(job, &batch->lot, frame->count, &error);
    pf_member_answered(member, batch, frame->count);
}

static void hear_result(struct pf_engine *engine, struct pf_member *member,
                        const struct pf_frame *frame)
{
    struct pf_job *job;
    struct pf_batch *batch = answered(member, frame, &job);

    if (!batch)
        return;
    if (job && frame->lost) {
        hear_lost(member, batch, job, frame);
        return;
    }
    if (job && (frame->count == 0 || !job->ops->done(job, &batch->lot, frame))) {
        break_over(
            engine, member,
            "sent results that cannot be: they came cut short, or a task wrote outside of its "
            "output");
        return;
    }
    if (job && frame->ns > 0) {
        /* A moving average, in which the last few batches of all workers count. */
        double item_ns = (double)frame->ns / (double)frame->count;
        job->item_ns = job->item_ns > 0 ? 0.75 * job->item_ns + 0.25 * item_ns : item_ns;
        if (item_ns > job->longest_ns)
            job->longest_ns = item_ns;
    }
    pf_attempt_well(engine, member, &batch->lot, frame->count);
    pf_member_answered(member, batch, frame->count);
}

/* A worker that speaks of itself, and of no item: something between us is not as it was sent. */
static void hear_torn(struct pf_engine *engine, struct pf_member *member, const char *text)
{
    char says[480];

    snprintf(says, sizeof says, "says: %.400s", text);
    break_over(engine, member, says);
    if (member->state == PF_STOPPING) /* it may be STOP that it lacks */
        pf_say_stop(member, engine->stop_code, engine->stop_text);
}

static void hear_failure(struct pf_engine *engine, struct pf_member *member,
                         const struct pf_frame *frame)
{
    struct pf_job *job;
    struct pf_batch *batch;
    struct pf_reader in = pf_reader_of(frame);
    struct pinfold_error error = PINFOLD_ERROR_INIT;

    error.code = (int)(int64_t)pf_unpack_u64(&in);
    snprintf(error.text, sizeof error.text, "%.511s", pf_unpack_text(&in));
    if (in.failed) {
        break_over(engine, member, "sent a failure without its reason");
        return;
    }
    if (error.code == PINFOLD_E_BROKEN) {
        hear_torn(engine, member, error.text);
        return;
    }
    batch = answered(member, frame, &job);
    if (job && frame->count > 1) { /* of a range: which of them was it? */
        job->ops->again(job, &batch->lot, frame->count, true);
    } else if (job) {
        if (!error.code || !frame->count) {
            break_over(engine, member, "sent a failure without its reason");
            return;
        }
        pf_member_blame(member, &error);
        pf_attempt_failed(engine, member, job, &batch->lot, &error);
    }
    if (batch)
        pf_member_answered(member, batch, frame->count);
}

static void hear_dropped(struct pf_engine *engine, struct pf_member *member,
                         const struct pf_frame *frame)
{
    struct pf_job *job;
    struct pf_batch *batch = answered(member, frame, &job);
    struct pinfold_error error = PINFOLD_ERROR_INIT;
    bool ending;

    /* Its time is over: who waits in a call is about to learn it. Who has no time would wait for ever,
     * but where nothing more is begun. */
    ending = job && pf_ending_why(engine, job, &error);
    if (job && !ending && !job->ops->drop && !job->timed) {
        break_over(engine, member, "dropped items that somebody waits for");
        return;
    }
    if (job && (ending || job->ops->drop)) {
        if (!error.code)
            error.code = PINFOLD_E_CANCELLED;
        pf_member_blame(member, &error);
        job->ops->failed(job, &batch->lot, frame->count, &error);
    }
    if (batch) {
        member->given -= frame->count;
        pf_member_answered(member, batch, frame->count);
    }
}

/* Why the item fails that a lost member was in. */
static void explain_loss(const struct pf_member *member, const struct pf_job *job,
                         const struct pf_event *loss, struct pinfold_error *error)
{
    error->code = loss->code;
    error->pid = loss->pid;
    error->status = loss->status;
    pf_member_blame(member, error);
    if (loss->code == PINFOLD_E_CANCELLED)
        snprintf(
            error->text, sizeof error->text,
            "the task was stopped and did not return: killed, with process %lld of worker %d on %s",
            (long long)loss->pid, member->seat.number, member->host);
    else if (loss->code == PINFOLD_E_TASK_TIME)
        snprintf(error->text, sizeof error->text,
                 "the task overran its limit of %g s: killed, with process %lld of worker %d on %s",
                 (double)job->limit / (double)PF_S, (long long)loss->pid, member->seat.number,
                 member->host);
    else
        snprintf(error->text, sizeof error->text, "worker %d on %s was lost: %.400s",
                 member->seat.number, member->host, loss->text);
}

/* Gives the jobs back what a lost member had in hand, but for the item that it died in. */
static void land_flight(struct pf_engine *engine, struct pf_member *member,
                        const struct pf_event *loss)
{
    bool guilty = loss->busy;

    for (int i = 0; i < member->nflight; i++) {
        struct pf_batch *batch = &member->flight[i];
        struct pf_job *job = batch->job;
        if (job) {
            if (guilty && (!job->range || batch->lot.count == 1)) {
                struct pinfold_error error = PINFOLD_ERROR_INIT;
                job->by = -1; /* how long it was in it is not known */
                explain_loss(member, job, loss, &error);
                pf_attempt_failed(engine, member, job, &batch->lot, &error);
                batch->lot.first++;
                batch->lot.count--;
            }
            if (batch->lot.count && batch->lot.attempt > 1)
                pf_attempt_back(job, &batch->lot);
            else if (batch->lot.count)
                job->ops->again(job, &batch->lot, batch->lot.count, guilty && job->range);
        }
        guilty = false;
    }
    member->nflight = 0;
}

static void lose(struct pf_engine *engine, struct pf_member *member, const struct pf_event *loss)
{
    struct pinfold_error why = PINFOLD_ERROR_INIT;
    bool retired = member->state == PF_RETIRING;

    if (member->state == PF_GONE)
        return;
    if (member->state == PF_STOPPING) {
        member->state = PF_GONE; /* it would have gone anyway */
        return;
    }
    if (engine->broken.code) { /* maybe for what it said last: what it died in is not known */
        member->state = PF_GONE;
        return;
    }
    if (pf_seq_lacks(&member->heard, loss->next)) { /* the same */
        member->state = PF_GONE;
        break_for_gap(engine, member, pf_seq_after(member->heard.last));
        return;
    }
    why.code = PINFOLD_E_BROKEN;
    pf_member_blame(member, &why);
    snprintf(why.text, sizeof why.text, "worker %d was lost %s: %.400s", member->seat.number,
             retired                        ? "while it was replaced"
             : member->state == PF_STARTING ? "while it was prepared"
                                            : "again and again",
             loss->text);
    if (retired || (member->state == PF_SERVING && loss->busy))
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
    pf_log(&engine->log, PF_DETAIL, "worker %d on %s %s (%s) and is replaced", member->seat.number,
           member->host, retired ? "has run its tasks" : "was lost", loss->text);
    member->seat.generation++;
    member->sent = 0; /* the new one counts from the beginning */
    member->heard = (struct pf_seq){0};
    pf_say_init(engine, member);
}

struct hearing { /* the sink's context: whose lanes these are */
    struct pf_engine *engine;
    int base;
};

static void hear_one(void *context, const struct pf_event *event)
{
    const struct hearing *hearing = context;
    struct pf_engine *engine = hearing->engine;
    struct pf_member *member = &engine->members[hearing->base + event->lane];
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    if (!event->frame) {
        lose(engine, member, event);
        return;
    }
    if (!in_order(engine, member, event->frame))
        return;
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
        hear_dropped(engine, member, event->frame);
        break;
    case PF_BYE:
        if (member->state == PF_STOPPING)
            member->state = PF_GONE;
        else if (member->state != PF_RETIRING && member->state != PF_GONE)
            break_over(engine, member,
                       "left without being told to"); /* RETIRING: it is lost soon */
        break;
    default:
        break;
    }
}

int pf_hear(struct pf_engine *engine, bool run)
{
    int events = 0;

    for (int i = 0; i < engine->nports; i++) {
        if (!run && engine->ports[i]->here)
            continue;
        struct hearing hearing = {engine, engine->base[i]};
        events += engine->ports[i]->ops->poll(engine->ports[i], hear_one, &hearing);
    }
    return events;
}
