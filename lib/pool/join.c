/* join.c - opening a pool over the ranks of an MPI job. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pool/opening.h"
#include "port/process.h"
#include "port/rank.h"
#include "port/relay.h"
#include "port/ranks.h"
#include "work/nursery.h"
#include "work/preload.h"

/* What each isolated rank is told before INIT: that it hosts its worker, where that will be, and
 * what it is forked from. */
static int send_host(const struct pf_opening *open, struct pf_fabric *fabric,
                     const struct pf_seat *seat, struct pinfold_error *err)
{
    struct pf_buf preload = {0}, body = {0};
    size_t size = (size_t)pf_cpus_print(&seat->cpus, NULL, 0) + 1;
    char *cpus = calloc(1, size);
    int code = 0;

    if (open->options.preload)
        code = pf_preload_pack(&preload, open->options.preload, open->options.preload_arg, err);
    if (cpus && seat->bound)
        pf_cpus_print(&seat->cpus, cpus, size);
    pf_pack_text(&body, cpus ? cpus : "");
    pf_pack_bytes(&body, preload.data, preload.size);
    if (!code && (!cpus || body.failed))
        code = pf_fail(err, PINFOLD_E_MEMORY, "out of memory for what rank %d is told", seat->rank);
    if (!code)
        pf_agree_post(fabric, seat->rank, PF_HOST, &body);
    pf_buf_free(&preload);
    pf_buf_free(&body);
    free(cpus);
    return code;
}

/* Rank 0's worker: a cell. */
static int add_own(struct pf_opening *open, struct pf_nursery *nursery, const struct pf_seat *seat,
                   struct pinfold_error *err)
{
    const struct pf_cpus *cpus = seat->bound ? &seat->cpus : NULL;
    struct pf_port *port;
    int preload = -1, code = 0;

    if (open->isolated && open->options.preload)
        code = pf_preload_write(&preload, open->options.preload, open->options.preload_arg, err);
    if (!code)
        code = pf_process_open(&port, nursery, 1, &cpus, preload, err);
    if (!code)
        pf_opening_add(open, port, seat, open->facts.host);
    return code;
}

/* The pool of workers first .. last, seated: rank 0's is a cell, the others are in the ranks, or
 * cells of theirs; ranks behind `last` stand by until the pool is closed. */
static int add_ranks(struct pf_opening *open, struct pf_fabric *fabric, struct pf_nursery *nursery,
                     const struct pf_seat *seats, int first, int last, struct pinfold_error *err)
{
    int size = pf_fabric_size(fabric), lowest = first > 0 ? first : 1, n = 0;
    int *ranks = calloc((size_t)size, sizeof *ranks);
    struct pf_port *port;
    int code = pf_opening_pool(open, last - first + 1, open->isolated, err);

    if (open->pool) {
        open->pool->fabric = open->own;
        open->own = NULL;
    }
    if (!code && !ranks)
        code = pf_fail(err, PINFOLD_E_MEMORY, "out of memory for %d ranks", size);
    for (int rank = lowest; !code && rank < size; rank++)
        ranks[n++] = rank;
    if (!code && first == 0)
        code = add_own(open, nursery, seats, err);
    if (!code && n > 0) {
        int lanes = last - lowest + 1;
        code = pf_ranks_open(&port, fabric, ranks, lanes, ranks + lanes, n - lanes, open->isolated,
                             err);
        if (!code)
            pf_opening_add(open, port, seats + lowest - first, "");
        for (int i = 0; !code && open->isolated && i < lanes; i++)
            code = send_host(open, fabric, &seats[lowest - first + i], err);
    }
    free(ranks);
    return code;
}

/* All ranks meet, and the driver learns whether they want the same, and seats `first` .. `last`. */
static int lead(struct pf_opening *open, struct pf_fabric *fabric, int first, int last,
                struct pf_seat *seats, struct pf_place *own, struct pinfold_error *err)
{
    int code = pf_agree_lead(fabric, &open->facts, &open->policy, first, last, seats, own,
                             &open->log, open->deadline, err);

    if (code == PINFOLD_E_TIMEOUT)
        open->spoiled = true;
    return code;
}

/* The same where no rank is a worker. */
static int meet(struct pf_opening *open, struct pf_fabric *fabric, struct pinfold_error *err)
{
    struct pf_place own;

    return lead(open, fabric, 1, 0, NULL, &own, err);
}

/* The driver cannot open; the others meet it, and hear why. */
static int refuse(struct pf_opening *open, struct pf_fabric *fabric,
                  const struct pinfold_error *why, struct pinfold_error *err)
{
    int code = meet(open, fabric, err);

    if (code)
        return code;
    pf_agree_dismiss(fabric, why->code, why->text);
    return pf_error_give(err, why);
}

static int open_ranks(struct pf_opening *open, struct pf_fabric *fabric, struct pf_nursery *nursery,
                      struct pinfold_error *err)
{
    int size = pf_fabric_size(fabric), first = strcmp(open->options.driver, "only") == 0;
    int last = size - 1, code;
    struct pf_seat *seats;
    struct pf_place own = {.core = -1};
    struct pinfold_error why = PINFOLD_ERROR_INIT;

    if (first > last)
        return pf_fail(err, PINFOLD_E_ARGUMENT,
                       "driver = only, and there is one rank: nobody is left to work (mpirun -np 2 "
                       "or more)");
    if (open->options.max_workers && open->options.max_workers < size - first)
        last = first + open->options.max_workers - 1;
    seats = calloc((size_t)size, sizeof *seats);
    if (!seats) {
        pf_fail(&why, PINFOLD_E_MEMORY, "out of memory for %d ranks", size);
        return refuse(open, fabric, &why, err);
    }
    code = lead(open, fabric, first, last, seats, &own, err);
    if (!code) {
        code = add_ranks(open, fabric, nursery, seats, first, last, &why);
        if (code)
            pf_agree_dismiss(fabric, pf_error_give(err, &why), why.text);
        else
            pf_opening_own_place(open, &own);
    }
    free(seats);
    return code;
}

static int serve(struct pf_opening *open, struct pf_fabric *fabric, struct pinfold_error *err)
{
    struct pf_frame *init = NULL;
    int64_t deadline = open->together ? open->deadline : PF_NEVER;
    int code =
        pf_agree_follow(fabric, &open->facts, &open->policy, deadline, &init, &open->spoiled, err);

    if (code || !init)
        return code;
    return init->kind == PF_HOST ? pf_relay_serve(fabric, init, err)
                                 : pf_rank_serve(fabric, init, err);
}

/* MPI, started if need be; or the user's, where it is this pool's own. */
static int get_fabric(struct pf_fabric **fabric, struct pf_opening *open, struct pinfold_error *err)
{
    int code;

    /* Where Pinfold starts MPI, the watchdog has seen to that. */
    open->together = open->comm || (!pf_fabric_have() && pf_fabric_mpi_started());
    if (open->comm) {
        code = pf_fabric_over(&open->own, open->comm, open->deadline, err);
        *fabric = open->own;
    } else {
        code = pf_fabric_get(fabric, open->deadline, err);
    }
    if (code == PINFOLD_E_TIMEOUT)
        open->spoiled = true;
    if (!code && open->launch.size > 1 && pf_fabric_size(*fabric) == 1)
        return pf_fail(err, PINFOLD_E_MPI,
                       "%s started %d processes, but each finds itself alone: it belongs to "
                       "another MPI than the one that this program was built with",
                       open->launch.by, open->launch.size);
    return code;
}

int pf_open_refused(struct pf_opening *open, const struct pinfold_error *why,
                    struct pinfold_error *err)
{
    struct pf_fabric *fabric;
    int code = get_fabric(&fabric, open, err);

    if (code)
        return code;
    return pf_fabric_rank(fabric) > 0 ? serve(open, fabric, err) : refuse(open, fabric, why, err);
}

int pf_open_apart(struct pf_opening *open, struct pinfold_error *err)
{
    struct pinfold_error why = PINFOLD_ERROR_INIT;
    struct pf_nursery *nursery;
    struct pf_fabric *fabric;
    int code = 0;

    if (open->launch.rank <= 0 && open->backend == PF_PROCESSES &&
        pf_nursery_get(&nursery, &why) != 0) /* before MPI_Init */
        return pf_open_refused(open, &why, err);
    code = get_fabric(&fabric, open, err);
    if (code)
        return code;
    if (pf_fabric_rank(fabric) > 0)
        return serve(open, fabric, err);
    code = meet(open, fabric, err);
    open->dismiss = code ? NULL : fabric;
    return code ? code : pf_open_local(open, err);
}

int pf_open_mpi(struct pf_opening *open, struct pinfold_error *err)
{
    struct pinfold_error why = PINFOLD_ERROR_INIT;
    struct pf_nursery *nursery = NULL;
    struct pf_fabric *fabric;
    bool hosts = strcmp(open->options.driver, "only") != 0;
    int code;

    /* Before MPI_Init, and only where a cell will be wanted. If the user started MPI, and did not
     * call pinfold_prepare before it, it is forked now: that has been seen to work, since cells never
     * touch MPI. */
    if ((open->launch.rank <= 0 ? hosts : open->isolated) && pf_nursery_get(&nursery, &why) != 0)
        return pf_open_refused(open, &why, err);
    code = get_fabric(&fabric, open, err);
    if (code)
        return code;
    if (pf_fabric_rank(fabric) > 0)
        return serve(open, fabric, err);
    if (hosts && !nursery && pf_nursery_get(&nursery, &why) != 0) /* a launcher we do not know */
        return refuse(open, fabric, &why, err);
    return open_ranks(open, fabric, nursery, err);
}
