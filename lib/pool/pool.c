/* pool.c - the pool as an object: its workers, poll and wake, and its end. Opening it is open.c. */
#include "pool/pool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/signals.h"
#include "base/sized.h"
#include "host/bind.h"
#include "pool/agree.h"
#include "work/worker.h"

int pf_pool_check(const struct pinfold_pool *pool, bool waits, struct pinfold_error *err)
{
    if (!pool)
        return pf_fail(err, PINFOLD_E_ARGUMENT,
                       "the pool is NULL: ranks other than the driver "
                       "have none");
    if (pool->owner != getpid() || pool->depth != pf_worker_depth())
        return pf_fail(err, PINFOLD_E_NESTED,
                       "a task cannot use the pool that it runs in: open "
                       "one inside the task");
    if (waits && pool->engine.running)
        return pf_fail(err, PINFOLD_E_NESTED, "not from a callback, inside which nobody can wait");
    if (pool->engine.broken.code)
        return pf_error_give(err, &pool->engine.broken);
    return 0;
}

int pinfold_pool_workers(const pinfold_pool *pool)
{
    return pool ? pool->engine.nmembers : 0;
}

int pinfold_pool_worker(const pinfold_pool *pool, int number, struct pinfold_worker *worker)
{
    struct pinfold_worker full = {.size = sizeof full};
    const struct pf_member *member;

    if (!pool || number < 0 || number >= pool->engine.nmembers)
        return PINFOLD_E_ARGUMENT;
    member = &pool->engine.members[number];
    full.number = member->seat.number;
    full.rank = member->seat.rank;
    full.node = member->seat.node;
    full.slot = member->seat.slot;
    full.pid = member->pid;
    full.width = member->seat.width;
    full.bound = member->bound;
    full.host = member->host;
    full.cpus = member->cpus;
    full.generation = member->generation;
    full.aside = member->aside;
    pf_sized_out(worker, &full, sizeof full);
    return 0;
}

int pinfold_poll(pinfold_pool *pool, double timeout)
{
    int code = pf_pool_check(pool, true, NULL);

    if (code)
        return code;
    if (!(timeout >= 0))
        return PINFOLD_E_ARGUMENT;
    pf_engine_run(&pool->engine, NULL, NULL, pf_deadline(timeout));
    return pool->engine.broken.code;
}

void pinfold_pool_wake(pinfold_pool *pool)
{
    uint64_t one = 1;
    int saved = errno; /* we may be in a signal handler */

    if (!pool)
        return;
    atomic_store(&pool->engine.woken, true);
    ssize_t ignored = write(pool->engine.bell, &one, sizeof one);
    (void)ignored;
    errno = saved;
}

/* No worker will answer for them any more, or nobody wants to hear it. All are told before the
 * first goes: what one has waiting may be what another waits for. */
static void forsake(struct pf_engine *engine)
{
    struct pinfold_error why = PINFOLD_ERROR_INIT;
    struct pf_job *job;

    why.code = PINFOLD_E_OVER;
    snprintf(why.text, sizeof why.text, "the pool was ended before the task was");
    for (job = engine->jobs; job; job = job->next)
        if (job->unfinished && job->ops->drop)
            pf_engine_fail(engine, job, &why);
    while ((job = engine->jobs)) {
        pf_engine_lay_down(engine, job);
        if (job->ops->free)
            job->ops->free(job);
    }
}

/* The driver's own rank hosts cells, which can be killed, or threads. */
static bool has_other_ranks(const struct pf_engine *engine)
{
    for (int i = 0; i < engine->nmembers; i++)
        if (engine->members[i].seat.rank > 0)
            return true;
    return false;
}

int pf_pool_end(struct pinfold_pool *pool, int code, const char *text, bool *lost)
{
    struct pf_engine *engine = &pool->engine;
    bool gone = false;
    int stuck;

    engine->progress.fn = NULL; /* nobody is called any more */
    forsake(engine);
    stuck = pf_engine_stop(engine, code, text, pf_ending_grace(engine, pool->grace));
    if (stuck && has_other_ranks(engine)) {
        pf_log(&engine->log, PF_WARNING, "a rank is stuck in a task: the job will be aborted");
        *lost = gone = true;
    }
    for (int i = engine->nports - 1; i >= 0; i--)
        engine->ports[i]->ops->close(engine->ports[i]);
    if (pool->fabric)
        pf_agree_end(pool->fabric, !gone);
    for (int i = 0; i < engine->nmembers; i++)
        free(engine->members[i].cpus);
    free(engine->members);
    pf_frame_free(engine->init);
    if (engine->bell >= 0)
        close(engine->bell);
    if (pool->signals)
        pf_signals_release();
    if (pool->moved)
        pf_bind_apply(&pool->mask);
    free(pool);
    return stuck;
}
