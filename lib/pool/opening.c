/* opening.c - see opening.h. */
#include "pool/opening.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "code/address.h"
#include "host/bind.h"
#include "work/worker.h"

#define ARGUMENT_MAX ((size_t)1 << 30) /* of preload and of init, in bytes */

static int check_argument(const char *name, const pinfold_bytes *arg, struct pinfold_error *err)
{
    if (arg->size > ARGUMENT_MAX)
        return pf_fail(err, PINFOLD_E_TOO_BIG, "%s: %zu bytes are more than 1 GiB", name,
                       arg->size);
    if (arg->size && !arg->data)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: data is NULL, and size is %zu", name,
                       arg->size);
    return 0;
}

int pf_opening_pool(struct pf_opening *open, int workers, bool preloaded, struct pinfold_error *err)
{
    struct pinfold_pool *pool = calloc(1, sizeof *pool);
    struct pf_engine *engine;
    const struct pinfold_options *options = &open->options;
    int code;

    if (!pool)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a pool");
    open->pool = pool;
    pool->engine.bell = -1;
    code = check_argument("preload_arg", &options->preload_arg, err);
    if (!code)
        code = check_argument("init_arg", &options->init_arg, err);
    if (!code && options->preload_arg.size + options->init_arg.size > ARGUMENT_MAX)
        code =
            pf_fail(err, PINFOLD_E_TOO_BIG, "preload_arg and init_arg: together more than 1 GiB");
    if (code)
        return code;
    engine = &pool->engine;
    pool->owner = getpid();
    pool->depth = pf_worker_depth();
    pool->grace = options->grace;
    engine->log = open->log;
    engine->progress = open->progress;
    engine->term = (size_t)options->tasks_per_worker;
    engine->broken = (struct pinfold_error)PINFOLD_ERROR_INIT;
    engine->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (engine->bell < 0)
        return pf_fail(err, PINFOLD_E_SYSTEM, "no descriptor is left for a pool (see ulimit -n)");
    engine->members = calloc((size_t)workers, sizeof *engine->members);
    if (!engine->members)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for %d workers", workers);
    code = pf_pack_function(&engine->init, preloaded ? NULL : (pf_function *)options->preload, err);
    if (!code)
        code = pf_pack_function(&engine->init, (pf_function *)options->init, err);
    if (!code)
        code = pf_pack_function(&engine->init, (pf_function *)options->finish, err);
    pf_pack_bytes(&engine->init, options->preload_arg.data,
                  preloaded ? 0 : options->preload_arg.size);
    pf_pack_bytes(&engine->init, options->init_arg.data, options->init_arg.size);
    if (!code && engine->init.failed)
        code = pf_fail(err, PINFOLD_E_MEMORY, "out of memory for init's argument");
    return code;
}

void pf_opening_add(struct pf_opening *open, struct pf_port *port, const struct pf_seat *seats,
                    const char *host)
{
    struct pf_engine *engine = &open->pool->engine;
    int base = engine->nmembers;

    engine->base[engine->nports] = base;
    engine->ports[engine->nports++] = port;
    for (int lane = 0; lane < port->lanes; lane++) {
        struct pf_member *member = &engine->members[base + lane];
        member->port = port;
        member->lane = lane;
        member->seat = seats[lane];
        snprintf(member->host, sizeof member->host, "%.63s", host);
    }
    engine->nmembers += port->lanes;
}

void pf_opening_own_place(struct pf_opening *open, const struct pf_place *own)
{
    struct pinfold_pool *pool = open->pool;

    if (own->bound && pf_bind_read(&pool->mask, 0) == 0) {
        pool->moved = true;
        if (pf_bind_apply(&own->cpus) != 0)
            pf_log(&open->log, PF_WARNING, "the driver could not be bound to its own place");
    }
}
