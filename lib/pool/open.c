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
#include "base/sized.h"
#include "pool/opening.h"
#include "work/nursery.h"
#include "work/worker.h"

/* Process facts (HACKING.md): the pools that are open here, whether it is over, and whether some
 * rank can no longer be reached, so that MPI_Finalize would wait for ever. */
static struct {
    struct pinfold_pool *pools;
    pid_t pid; /* a fork begins anew */
    bool over, spoiled, at_exit;
} here;

#define OPEN_TIMEOUT 120 /* seconds, as long as the options are not known */

static int choose_backend(struct pf_opening *open, struct pinfold_error *err)
{
    const char *word = open->options.backend;
    bool inside = pf_worker_depth() > 0;

    if (inside)
        open->launch = (struct pf_launch){.rank = -1, .size = -1};
    if (word)
        open->backend = word[0] == 'i' ? PF_INLINE : word[0] == 'p' ? PF_PROCESSES : PF_MPI;
    else
        open->backend = open->launch.by ? PF_MPI : PF_PROCESSES;
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

static int read_options(struct pf_opening *open, const struct pinfold_options *given,
                        struct pinfold_error *err)
{
    int code;

    if (given)
        pf_sized_in(&open->options, sizeof open->options, given);
    open->log = (struct pf_log){open->options.log, open->options.log_data};
    open->launch = pf_launch_look();
    open->deadline = pf_deadline(OPEN_TIMEOUT);
    code = pf_options_settle(&open->options, err);
    if (code)
        return code;
    open->deadline = pf_deadline(open->options.open_timeout);
    code = pf_policy_parse(&open->policy, open->options.places, open->options.bind,
                           open->options.reserve, open->options.oversubscribe,
                           open->options.cpus_per_task, err);
    return code ? code : choose_backend(open, err);
}

/* Whether the other ranks of a launcher's job will come to an open over MPI, for all we know. */
static bool others_come(const struct pf_opening *open)
{
    const char *word = open->options.backend;

    return open->launch.by && open->launch.size != 1 && !open->launch.lonely &&
           pf_worker_depth() == 0 &&
           !(word && (strcmp(word, "inline") == 0 || strcmp(word, "processes") == 0));
}

/* ---- the calls */
static void at_exit(void)
{
    if (here.pid == getpid())
        pinfold_finalize();
}

int pinfold_pool_open(pinfold_pool **pool, const struct pinfold_options *options,
                      struct pinfold_error *err)
{
    struct pf_opening open = {.pool = NULL};
    struct pinfold_error why = PINFOLD_ERROR_INIT;
    int code, wrong;

    if (here.pid != getpid()) {
        here.pid = getpid();
        here.pools = NULL;
        here.over = here.spoiled = false;
    }
    if (here.over)
        return pf_fail(err, PINFOLD_E_OVER, "pinfold_finalize was called: there are no more pools");
    wrong = read_options(&open, options, &why);
    if (wrong && !others_come(&open))
        return pf_error_give(err, &why);
    *pool = NULL;
    if (!wrong && open.backend != PF_MPI && open.launch.rank > 0)
        return 0; /* the driver's pool is local: this rank has no part in it */
    if (!here.at_exit) {
        here.at_exit = true;
        atexit(at_exit);
    }
    code = pf_facts_look(&open.facts, &open.options, wrong ? why.text : NULL, &open.launch, err);
    if (!code)
        code = wrong                          ? pf_open_refused(&open, &why, err)
               : open.backend == PF_INLINE    ? pf_open_inline(&open, err)
               : open.backend == PF_PROCESSES ? pf_open_processes(&open, err)
                                              : pf_open_mpi(&open, err);
    here.spoiled |= open.spoiled;
    pf_buf_free(&open.facts.same);
    if (!code && open.pool) {
        code = pf_engine_start(&open.pool->engine, open.deadline, &why);
        if (code) {
            pf_error_give(err, &why);
            if (pf_pool_end(open.pool, code, why.text) != 0)
                here.spoiled = true;
            return code;
        }
        open.pool->next = here.pools;
        here.pools = open.pool;
        *pool = open.pool;
    } else if (code && open.pool) {
        /* Nobody was told INIT yet: there is nobody to stop. */
        for (int i = 0; i < open.pool->engine.nmembers; i++)
            open.pool->engine.members[i].state = PF_GONE;
        pf_pool_end(open.pool, code, "");
    }
    return code;
}

int pinfold_pool_close(pinfold_pool *pool)
{
    struct pinfold_pool **at = &here.pools;
    int code;

    if (!pool)
        return 0;
    if (pool->owner != getpid() || pool->depth != pf_worker_depth())
        return PINFOLD_E_NESTED;
    if (pool->engine.job)
        return PINFOLD_E_NESTED;
    while (*at && *at != pool)
        at = &(*at)->next;
    if (*at)
        *at = pool->next;
    code = pool->engine.broken.code;
    if (pf_pool_end(pool, 0, "") != 0) {
        here.spoiled = true;
        code = PINFOLD_E_STUCK;
    }
    return code;
}

void pinfold_finalize(void)
{
    struct pf_fabric *fabric = pf_fabric_have();

    if (here.pid != getpid() || here.over)
        return;
    here.over = true;
    /* A rank that ends inside a task, or a driver inside a map, leaves others waiting for it who
     * cannot be told: the only end is everybody's. */
    if (pf_worker_depth() > 0) {
        if (fabric)
            pf_fabric_abort(3);
        pf_nursery_end(); /* inside a task of an inline pool, which cannot be closed from there */
        return;
    }
    while (here.pools) {
        here.pools->engine.job = NULL;
        pinfold_pool_close(here.pools);
    }
    pf_nursery_end();
    if (!fabric)
        return;
    if (here.spoiled)
        pf_fabric_abort(3);
    pf_agree_over(fabric);
    pf_fabric_end(fabric);
}
