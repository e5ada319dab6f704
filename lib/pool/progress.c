/* progress.c - see progress.h.
 *
 * What has ended is counted where items end (pf_job_end), and what is left is what the jobs say of
 * themselves: there is nothing to keep here for each item, and no clock is read for it. The clock is
 * read once in a turn of the engine, and only while there is news that waits for its time. The driver
 * is not woken to tell what it told already, so an idle pool, or one with long tasks, sleeps.
 */
#include "pool/progress.h"

#include <string.h>

#include "base/clock.h"
#include "base/meter.h"
#include "base/screen.h"
#include "pool/engine.h"
#include "work/worker.h"

#define EVERY_S 0.2

/* Tells nobody. */
static void keep(void *data, const struct pinfold_progress *now)
{
    (void)data, (void)now;
}

int pf_progress_choose(struct pf_progress *progress, const struct pinfold_options *options,
                       struct pinfold_error *err)
{
    double every = options->progress_every;
    const char *word = options->progress;

    *progress = (struct pf_progress){0};
    if (every != 0 && !(every > 0))
        return pf_fail(err, PINFOLD_E_ARGUMENT,
                       "progress_every = %g: must be a number of seconds above 0", every);
    every = every > 0 ? every : EVERY_S;
    progress->every = every < 1e9 ? (int64_t)(every * (double)PF_S) : PF_NEVER / 2;
    if (options->on_progress) {
        progress->fn = options->on_progress;
        progress->data = options->progress_data;
    } else if (pf_worker_depth() > 0) {
        return 0; /* the pool of a task: the environment's word was for its driver */
    } else if (strcmp(word, "always") == 0) {
        progress->fn = pinfold_progress_stderr;
    } else if (strcmp(word, "auto") == 0 && pf_screen_possible()) {
        progress->fn = pf_meter_auto;
    }
    if (!progress->fn && strcmp(options->signals, "usr") == 0)
        progress->fn = keep; /* for who asks */
    return 0;
}

static uint64_t ended(const struct pf_engine *engine)
{
    return engine->tally.done + engine->tally.failed + engine->tally.cancelled;
}

/* All but the times. Whether there is something to do. */
static bool count(const struct pf_engine *engine, struct pinfold_progress *now)
{
    uint64_t left = 0;
    bool counted = true;

    *now = (struct pinfold_progress){.size = sizeof *now,
                                     .done = engine->tally.done,
                                     .failed = engine->tally.failed,
                                     .cancelled = engine->tally.cancelled};
    for (const struct pf_job *job = engine->jobs; job; job = job->next) {
        now->queued += job->remaining;
        now->running += job->unfinished - job->remaining;
        if (job->to_come == PF_UNCOUNTED)
            counted = false;
        else
            now->queued += job->to_come;
    }
    left = now->queued + now->running;
    now->finished = ended(engine) - engine->progress.before;
    now->total = counted ? now->finished + left : 0;
    return left > 0 || !counted;
}

static bool same(const struct pinfold_progress *a, const struct pinfold_progress *b)
{
    return a->done == b->done && a->failed == b->failed && a->cancelled == b->cancelled &&
           a->running == b->running && a->queued == b->queued;
}

static void begin(struct pf_engine *engine)
{
    struct pf_progress *progress = &engine->progress;

    progress->busy = true;
    progress->before = progress->ended;
    progress->began = progress->sampled = pf_now();
    progress->next = progress->began + progress->every;
    progress->counted = engine->tally.done + engine->tally.failed;
    progress->pace = (struct pf_pace){0};
}

void pf_progress_begin(struct pf_engine *engine)
{
    if (engine->progress.fn && !engine->progress.busy)
        begin(engine);
}

static double seconds(int64_t from, int64_t to)
{
    return (double)(to - from) / (double)PF_S;
}

/* User code, inside which nobody can wait. */
static void call(struct pf_engine *engine, const struct pinfold_progress *now)
{
    bool running = engine->running;

    engine->running = true;
    engine->progress.fn(engine->progress.data, now);
    engine->running = running;
}

/* The times, in a spell. */
static void measure(struct pf_progress *progress, struct pinfold_progress *now, int64_t time,
                    bool busy)
{
    uint64_t counted = now->done + now->failed;
    double spell = seconds(progress->began, time);

    pf_pace_add(&progress->pace, (double)(counted - progress->counted),
                seconds(progress->sampled, time), spell);
    progress->sampled = time;
    progress->counted = counted;
    now->elapsed = progress->spent + spell;
    now->rate = pf_pace_rate(&progress->pace);
    now->left = busy && !now->total
                    ? -1
                    : pf_pace_left(&progress->pace, (double)(now->queued + now->running));
}

static void tell(struct pf_engine *engine, struct pinfold_progress *now, int64_t time, bool busy)
{
    struct pf_progress *progress = &engine->progress;

    measure(progress, now, time, busy);
    if (!busy) {
        progress->busy = false;
        progress->spent = now->elapsed;
        progress->ended = ended(engine);
    }
    progress->said = *now;
    call(engine, now);
    progress->next = pf_now() + progress->every; /* a slow callback does not take all of the time */
}

bool pf_progress_look(struct pf_engine *engine)
{
    struct pf_progress *progress = &engine->progress;
    struct pinfold_progress now;
    bool busy;
    int64_t time;

    if (!progress->fn)
        return false;
    busy = count(engine, &now);
    if (!progress->busy) {
        if (!busy && ended(engine) == progress->ended)
            return false;
        begin(engine);
        busy = count(engine, &now); /* of this spell */
    }
    if (busy && same(&now, &progress->said))
        return false;
    time = pf_now();
    if (busy && time < progress->next)
        return false;
    tell(engine, &now, time, busy);
    return true;
}

int64_t pf_progress_due(const struct pf_engine *engine)
{
    struct pinfold_progress now;

    if (!engine->progress.fn || !engine->progress.busy)
        return PF_NEVER;
    count(engine, &now);
    return same(&now, &engine->progress.said) ? PF_NEVER : engine->progress.next;
}

/* The mean of what is over. */
static void look_back(const struct pf_progress *progress, struct pinfold_progress *now)
{
    now->elapsed = progress->spent;
    now->rate = now->elapsed > 0 ? (double)(now->done + now->failed) / now->elapsed : 0;
}

void pf_progress_answer(struct pf_engine *engine)
{
    struct pf_progress *progress = &engine->progress;
    struct pinfold_progress now;
    bool busy = count(engine, &now);

    if (progress->busy)
        measure(progress, &now, pf_now(), busy);
    else
        look_back(progress, &now);
    pf_meter_say(&now);
}

void pf_progress_last(struct pf_engine *engine)
{
    struct pf_progress *progress = &engine->progress;
    struct pinfold_progress now;

    pf_progress_look(engine);
    if (!progress->fn || !ended(engine))
        return;
    count(engine, &now);
    look_back(progress, &now);
    now.last = true;
    call(engine, &now);
}
