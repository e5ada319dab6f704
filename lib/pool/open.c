/* open.c - opening, closing, and the end of it all.
 *
 * The order of opening is fixed by what may not come before what: options are read and the mask is
 * looked at before MPI is started (which may bind), the nursery is forked before MPI_Init and
 * before any thread, and workers are told who they are when everybody agrees. A step that fails
 * undoes those before it; a rank that waits is told.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/option.h"
#include "base/screen.h"
#include "base/signals.h"
#include "base/sized.h"
#include "base/standard.h"
#include "host/walltime.h"
#include "host/mask.h"
#include "pinfold_main.h"
#include "plan/spare.h"
#include "pool/keep.h"
#include "pool/opening.h"
#include "work/nursery.h"
#include "work/worker.h"

/* Process facts (HACKING.md): the pools that are open here, whether it is over, whether some rank can
 * no longer be reached, so that MPI_Finalize would wait for ever, pinfold_prepare's, and whether a pool
 * has ended before it was done. */
static struct {
    struct pinfold_pool *pools;
    pid_t pid; /* a fork begins anew */
    bool over, spoiled, at_exit, prepared, early;
} here;

#define OPEN_TIMEOUT 120 /* seconds, as long as the options are not known */

static int choose_backend(struct pf_opening *open, struct pinfold_error *err)
{
    const char *word = open->options.backend;
    bool inside = pf_worker_depth() > 0;

    if (inside)
        open->launch = (struct pf_launch){.rank = -1, .size = -1};
    if (word)
        open->backend = word[0] == 'i'   ? PF_INLINE
                        : word[0] == 't' ? PF_THREADS
                        : word[0] == 'p' ? PF_PROCESSES
                                         : PF_MPI;
    else
        open->backend = open->launch.by || open->comm ? PF_MPI : PF_PROCESSES;
    if (open->backend != PF_MPI)
        return 0;
    if (inside)
        return pf_fail(err, PINFOLD_E_NESTED,
                       "backend mpi: not inside a task, where the other "
                       "ranks cannot join");
    if (open->launch.lonely)
        return pf_fail(err, PINFOLD_E_MPI,
                       "srun started %d processes that MPI cannot join into one job: start them "
                       "with srun --mpi=pmix",
                       open->launch.size);
    return 0;
}

/* Under MPI: by default where the process that workers come from is older than MPI. */
static int choose_isolation(struct pf_opening *open, struct pinfold_error *err)
{
    const char *word = open->options.isolate;
    bool wanted = word && strcmp(word, "on") == 0;

    if (wanted && (open->backend == PF_INLINE || open->backend == PF_THREADS))
        return pf_fail(err, PINFOLD_E_ARGUMENT,
                       "isolate on: not with backend %s, whose workers are no processes",
                       open->options.backend);
    open->isolated =
        open->backend == PF_MPI &&
        (word ? wanted : here.prepared || pf_fabric_mpi_ours() || !pf_fabric_mpi_started());
    if (open->options.memory_limit && open->backend != PF_PROCESSES && !open->isolated)
        return pf_fail(
            err, PINFOLD_E_UNSUPPORTED,
            "memory-limit: only where a worker is a process of its own: with the backend "
            "processes, or ranks that are isolated");
    return 0;
}

/* When the pool has to end, for the driver. */
static int choose_end(struct pf_opening *open, struct pinfold_error *err)
{
    double left, margin;
    bool ask;
    int code = pf_walltime_read(open->options.deadline, &left, &ask, err);

    if (code || open->launch.rank > 0)
        return code;
    if (ask && pf_worker_depth() == 0) /* what a task opens ends with the task */
        left = pf_walltime_ask(&open->log);
    margin = pf_spare_margin(open->options.deadline_margin, left);
    open->end = pf_deadline(left);
    if (open->end != PF_NEVER) {
        open->stop = pf_deadline(left - margin);
        pf_log(&open->log, PF_DETAIL, "the deadline is in %.0f s, all is stopped %.0f s before it",
               left, margin);
    }
    return 0;
}

static int read_options(struct pf_opening *open, const struct pinfold_options *given,
                        struct pinfold_error *err)
{
    bool asked;
    int code;

    if (given)
        pf_sized_in(&open->options, sizeof open->options, given);
    open->log = (struct pf_log){open->options.log, open->options.log_data};
    open->launch = pf_launch_look();
    if (open->comm) {
        open->launch.rank = open->comm->rank;
        open->launch.size = open->comm->size;
        open->launch.lonely = false;
    }
    open->deadline = pf_deadline(OPEN_TIMEOUT);
    asked = open->options.journal != NULL;
    code = pf_options_settle(&open->options, err);
    if (pf_worker_depth() > 0 && !asked)
        open->options.journal = NULL; /* the environment's word was for the task's driver */
    if (!code)
        code = pf_faults_parse(&open->faults, getenv("PINFOLD_FAULTS"), err);
    if (code)
        return code;
    open->deadline = pf_deadline(open->options.open_timeout);
    code = pf_progress_choose(&open->progress, &open->options, err);
    if (code)
        return code;
    code = pf_policy_parse(&open->policy, open->options.places, open->options.bind,
                           open->options.reserve, open->options.oversubscribe,
                           open->options.cpus_per_task, err);
    if (!code)
        code = choose_backend(open, err);
    if (!code)
        code = choose_isolation(open, err);
    return code ? code : choose_end(open, err);
}

/* Whether the other ranks, of a launcher's job or a communicator, will come to this open, over MPI. */
static bool others_come(const struct pf_opening *open)
{
    if (open->comm)
        return open->comm->size > 1;
    return open->launch.by && open->launch.size != 1 && !open->launch.lonely &&
           pf_worker_depth() == 0 && pf_fabric_built();
}

/* ---- the calls */
static void at_exit(void)
{
    if (here.pid == getpid())
        pinfold_finalize();
}

/* Which way to open. `wrong`: why this rank cannot, or NULL. */
static int open_somehow(struct pf_opening *open, const struct pinfold_error *wrong,
                        struct pinfold_error *err)
{
    if (wrong)
        return pf_open_refused(open, wrong, err);
    if (open->backend == PF_MPI)
        return pf_open_mpi(open, err);
    return others_come(open) ? pf_open_apart(open, err) : pf_open_local(open, err);
}

/* Starts the workers of a pool that is put together, or undoes what there is of it. */
static int start(struct pf_opening *open, int code, struct pinfold_error *why)
{
    struct pinfold_pool *pool = open->pool;

    if (!pool)
        return code;
    if (!code) {
        code = pf_engine_start(&pool->engine, open->deadline, why);
        if (!code) /* not before: what is forked from us must not have it open */
            code = pf_keep_open(&pool->engine, &open->options, why);
        if (!code)
            return 0;
    } else {
        /* Nobody was told INIT yet: there is nobody to stop. */
        for (int i = 0; i < pool->engine.nmembers; i++)
            pool->engine.members[i].state = PF_GONE;
    }
    pf_pool_end(pool, code, why->text, &here.spoiled);
    open->pool = NULL;
    return code;
}

int pf_open_allowed(struct pinfold_error *err)
{
    pf_standard_fill();
    if (pf_worker_threaded()) /* what is below, and the nursery, are the driver's thread's */
        return pf_fail(err, PINFOLD_E_UNSUPPORTED,
                       "not inside a task on a worker thread, which shares its process with the "
                       "driver: --backend processes allows it");
    if (here.pid != getpid()) {
        here.pid = getpid();
        here.pools = NULL;
        here.over = here.spoiled = here.prepared = here.early = false;
    }
    if (here.over)
        return pf_fail(err, PINFOLD_E_OVER, "pinfold_finalize was called: there are no more pools");
    return 0;
}

/* From here on there is something to be ended. */
static void end_at_exit(void)
{
    if (here.at_exit)
        return;
    here.at_exit = true;
    atexit(at_exit);
    pf_fabric_at_end(pinfold_finalize);
}

/* The open, when the options are read; `wrong`: they are, or NULL. */
static int open_read(pinfold_pool **pool, struct pf_opening *open,
                     const struct pinfold_error *wrong, struct pinfold_error *err)
{
    struct pinfold_error why = PINFOLD_ERROR_INIT;
    int code;

    end_at_exit();
    code = pf_facts_look(&open->facts, &open->options, wrong ? wrong->text : NULL, &open->launch,
                         open->comm != NULL, &why);
    if (!code)
        code = open_somehow(open, wrong, &why);
    here.spoiled |= open->spoiled;
    pf_buf_free(&open->facts.same);
    code = start(open, code, &why);
    if (open->dismiss)
        pf_agree_dismiss(open->dismiss, code, why.text);
    if (open->own) /* it did not become a pool's */
        pf_agree_end(open->own, !open->spoiled);
    if (code)
        return pf_error_give(err, &why);
    if (open->pool) {
        if (open->backend == PF_MPI && others_come(open))
            pf_nursery_epitaph(0, open->launch.size);
        open->pool->next = here.pools;
        here.pools = open->pool;
    }
    *pool = open->pool;
    return 0;
}

int pf_open(pinfold_pool **pool, const struct pf_comm *comm, const struct pinfold_options *options,
            struct pinfold_error *err)
{
    struct pf_opening open = {.comm = comm, .end = PF_NEVER, .stop = PF_NEVER};
    struct pinfold_error wrong = PINFOLD_ERROR_INIT;
    int code;

    *pool = NULL; /* programs look at it before they look at the code */
    code = pf_open_allowed(err);
    if (code)
        return code;
    code = read_options(&open, options, &wrong);
    if (code && !others_come(&open))
        return pf_error_give(err, &wrong);
    if (!code && open.backend != PF_MPI && open.launch.rank > 0 && !others_come(&open))
        return 0; /* the driver's pool is local: this rank has no part in it */
    /* From here to the end of the pool, also on ranks that serve, and in what is forked. What is for a
     * pool of a task is the driver's. */
    open.signals = !code && pf_worker_depth() == 0 && strcmp(open.options.signals, "usr") == 0;
    if (open.signals)
        pf_signals_take();
    code = open_read(pool, &open, code ? &wrong : NULL, err);
    if (*pool)
        (*pool)->signals = open.signals;
    else if (open.signals)
        pf_signals_release();
    return code;
}

int pinfold_pool_open(pinfold_pool **pool, const struct pinfold_options *options,
                      struct pinfold_error *err)
{
    return pf_open(pool, NULL, options, err);
}

int pinfold_prepare(struct pinfold_error *err)
{
    struct pf_nursery *nursery;
    int code = pf_open_allowed(err);

    if (code || here.prepared)
        return code;
    if (pf_worker_depth() > 0)
        return pf_fail(err, PINFOLD_E_NESTED, "not inside a task, which cannot start MPI");
    if (pf_fabric_mpi_started())
        return pf_fail(err, PINFOLD_E_MPI,
                       "MPI is started already: call pinfold_prepare before MPI_Init, or not");
    end_at_exit();
    pf_mask_keep();
    code = pf_nursery_get(&nursery, err);
    here.prepared = code == 0;
    return code;
}

/* Closes it, with what was submitted or without. */
static int close_pool(struct pinfold_pool *pool)
{
    struct pinfold_pool **at = &here.pools;
    int code = pool->engine.broken.code, kept;

    here.early |= pool->engine.ending.lacking && !code;
    while (*at && *at != pool)
        at = &(*at)->next;
    if (*at)
        *at = pool->next;
    kept = pf_keep_close(&pool->engine);
    if (kept && !code)
        code = kept;
    if (pf_pool_end(pool, 0, "", &here.spoiled) != 0)
        code = PINFOLD_E_STUCK;
    if (!here.pools)
        pf_nursery_epitaph(-1, 0);
    return code;
}

bool pf_open_early(void)
{
    return here.early;
}

static bool nothing_left(const void *context)
{
    return !pf_engine_busy(context);
}

int pinfold_pool_close(pinfold_pool *pool)
{
    int code;

    if (!pool)
        return 0;
    code = pf_pool_check(pool, true, NULL);
    if (code == PINFOLD_E_NESTED)
        return code;
    pool->closing = true;
    pf_engine_run(&pool->engine, nothing_left, &pool->engine, PF_NEVER);
    pf_progress_last(&pool->engine);
    return close_pool(pool);
}

void pinfold_finalize(void)
{
    struct pf_fabric *world = pf_fabric_have();

    if (pf_worker_threaded()) {
        /* A task calls exit: the process ends, and with it the nursery. The driver's thread still
         * runs, and what it uses is not touched. */
        if (pf_fabric_any())
            pf_fabric_abort(3);
        return;
    }
    if (here.pid != getpid() || here.over)
        return;
    here.over = true;
    /* A rank that ends inside a task, or a driver inside a map, leaves others waiting for it who
     * cannot be told: the only end is everybody's. */
    if (pf_worker_depth() > 0) {
        if (pf_fabric_any())
            pf_fabric_abort(3);
        pf_nursery_end(); /* inside a task of an inline pool, which cannot be closed from there */
        return;
    }
    pf_screen_clear();
    while (here.pools)
        close_pool(here.pools); /* nobody can wait for what is left */
    pf_nursery_end();
    if (here.spoiled)
        pf_fabric_abort(here.early ? PINFOLD_EXIT_EARLY : 3);
    if (world)
        pf_agree_end(world, true);
}
