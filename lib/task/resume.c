/* resume.c - see resume.h.
 *
 * An item is its index and the digest of its argument. Several attempts may be in the journal, also
 * with other arguments (of an earlier run, or of another map with this key in the same run): any that
 * is done with the same argument will do. `items` has, for each one, the highest attempt with this
 * argument, and what was found.
 */
#include "task/resume.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "code/name.h"
#include "pool/keep.h"
#include "record/journal.h"

#define TAKEN    1u /* from the journal */
#define OTHER    2u /* done, but with another argument, or without its result */
#define ATTEMPTS 2  /* from this bit on */

static bool digest(const struct pf_resume *resume, uint64_t item, unsigned char out[PF_DIGEST])
{
    pinfold_bytes shared = {resume->shared, resume->sharing ? PF_DIGEST : 0};

    return pf_digest(resume->digester, shared, resume->argument(resume->map, item), out);
}

static int take(void *context, const struct pf_attempt *row)
{
    struct pf_resume *resume = context;
    unsigned char argument[PF_DIGEST];
    uint32_t *item;
    uint32_t attempt;

    if (row->item >= resume->n)
        return 0;
    if (!resume->items)
        resume->items = calloc(resume->n, sizeof *resume->items);
    if (!resume->items)
        return PINFOLD_E_MEMORY;
    item = &resume->items[row->item];
    if (!digest(resume, row->item, argument) || memcmp(argument, row->argument, PF_DIGEST) != 0) {
        *item |= row->state == PF_DONE ? OTHER : 0;
        return 0;
    }
    attempt = row->attempt > 0 && row->attempt < 1 << 29 ? (uint32_t)row->attempt : 0;
    if (attempt > *item >> ATTEMPTS)
        *item = attempt << ATTEMPTS | (*item & (TAKEN | OTHER));
    if (row->state != PF_DONE || *item & TAKEN)
        return 0;
    if (row->kept && resume->take(resume->map, row->item, row->result)) {
        *item |= TAKEN;
        resume->taken++;
    } else {
        *item |= OTHER;
    }
    return 0;
}

static int name_call(struct pf_resume *resume, const struct pinfold_call *how, void (*fn)(void),
                     struct pinfold_error *err)
{
    const char *key = how->key ? how->key : pf_function_name(fn);

    if (!key || !*key)
        return pf_fail(err, PINFOLD_E_ARGUMENT,
                       "%s: the journal needs a key, since the function has no name that outlives "
                       "the program: set `key` in the call",
                       resume->verb);
    resume->call = pf_journal_call(resume->journal, key);
    return 0;
}

int pf_resume_begin(struct pf_resume *resume, struct pinfold_pool *pool,
                    const struct pinfold_call *how, void (*fn)(void), struct pinfold_error *err)
{
    struct pf_journal_query query = {.most = -1, .results = true};
    int code;

    resume->engine = &pool->engine;
    resume->journal = pool->engine.journal;
    if (!resume->journal)
        return 0;
    code = pf_digester_new(&resume->digester, err);
    if (!code)
        code = name_call(resume, how, fn, err);
    if (code || resume->call <= 0) /* it failed, as pf_keep_look tells */
        return code;
    resume->sharing = how->shared.size > 0;
    if (resume->sharing)
        pf_digest(resume->digester, how->shared, (pinfold_bytes){0}, resume->shared);
    query.call = resume->call;
    code = pf_journal_each(resume->journal, &query, take, resume, err);
    if (code == PINFOLD_E_MEMORY)
        return pf_fail(err, code, "%s: out of memory for what the journal has of %llu items",
                       resume->verb, (unsigned long long)resume->n);
    for (uint64_t i = 0; resume->items && i < resume->n; i++)
        resume->changed += (resume->items[i] & (TAKEN | OTHER)) == OTHER;
    if (resume->taken || resume->changed)
        pf_log(
            &resume->engine->log, PF_NOTICE,
            "%llu of %llu items were taken from the journal; %llu had changed, and are run again",
            (unsigned long long)resume->taken, (unsigned long long)resume->n,
            (unsigned long long)resume->changed);
    return 0;
}

bool pf_resume_taken(const struct pf_resume *resume, uint64_t item)
{
    return resume->items && resume->items[item] & TAKEN;
}

static int64_t utc(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * PF_S + now.tv_nsec;
}

static void set_by(struct pf_attempt *attempt, const struct pf_engine *engine, int worker)
{
    const struct pf_member *member;

    attempt->by.worker = -1;
    if (worker < 0 || worker >= engine->nmembers)
        return;
    member = &engine->members[worker];
    attempt->by = (struct pf_by){.worker = worker,
                                 .rank = member->seat.rank,
                                 .pid = member->pid,
                                 .host = member->host,
                                 .cpus = member->cpus};
}

static bool is_open(const struct pf_resume *resume)
{
    return resume->journal && resume->call > 0 && !pf_journal_failure(resume->journal)->code;
}

static void note(struct pf_resume *resume, struct pf_attempt *attempt)
{
    uint32_t before = resume->items ? resume->items[attempt->item] >> ATTEMPTS : 0;

    attempt->call = resume->call;
    attempt->attempt += (int)before;
    attempt->cpu_ns = attempt->peak = -1;
    if (digest(resume, attempt->item, attempt->argument))
        pf_journal_note(resume->journal, attempt);
}

/* The time of a batch is known, not that of each of its items: they get even shares of it. The clock is
 * read once for a batch. */
void pf_resume_done(struct pf_resume *resume, const struct pf_job *job, const struct pf_lot *lot,
                    size_t place, size_t count, uint64_t item, pinfold_bytes result)
{
    struct pf_attempt attempt = {.state = PF_DONE,
                                 .text = "",
                                 .attempt = lot->attempt > 0 ? lot->attempt : 1,
                                 .item = item,
                                 .result = result};
    double share = (double)job->ns / (double)count;

    if (!is_open(resume))
        return;
    if (place == 0)
        resume->now = utc();
    set_by(&attempt, resume->engine, job->by);
    attempt.started = resume->now - job->ns + (int64_t)(share * (double)place);
    attempt.ended = resume->now - job->ns + (int64_t)(share * (double)(place + 1));
    note(resume, &attempt);
}

void pf_resume_failed(struct pf_resume *resume, const struct pf_job *job, uint64_t item,
                      const struct pinfold_error *error)
{
    struct pf_attempt attempt = {.item = item,
                                 .state = PF_FAILED,
                                 .code = error->code,
                                 .status = error->status,
                                 .text = error->text,
                                 .attempt = error->attempt > 0 ? error->attempt : 1};

    /* What is cancelled was not begun, or nobody knows what became of it. */
    if (!is_open(resume) || error->code == PINFOLD_E_CANCELLED || error->code == PINFOLD_E_ENDING)
        return;
    attempt.ended = utc();
    attempt.started =
        attempt.ended - (job && error->worker >= 0 && job->by == error->worker ? job->ns : 0);
    set_by(&attempt, resume->engine, error->worker);
    if (error->pid)
        attempt.by.pid = error->pid;
    note(resume, &attempt);
}

int pf_resume_end(struct pf_resume *resume, int code, struct pinfold_error *err)
{
    if (!resume->journal)
        return code;
    pf_journal_flush(resume->journal);
    pf_keep_look(resume->engine);
    pf_digester_free(resume->digester);
    free(resume->items);
    if (!code && pf_journal_failure(resume->journal)->code)
        return pf_error_give(err, pf_journal_failure(resume->journal));
    return code;
}
