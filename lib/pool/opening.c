/* opening.c - see opening.h. */
#include "pool/opening.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "code/address.h"
#include "host/bind.h"
#include "port/hook.h"
#include "wire/seq.h"
#include "work/worker.h"

static int check_argument(const char *name, const pinfold_bytes *arg, struct pinfold_error *err)
{
    if (arg->size > PF_ITEM_MAX)
        return pf_fail(err, PINFOLD_E_TOO_BIG, "%s: %zu bytes are more than " PF_ITEM_MAX_TEXT,
                       name, arg->size);
    if (arg->size && !arg->data)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: data is NULL, and size is %zu", name,
                       arg->size);
    return 0;
}

/* As pf_pack_bytes, into memory that has room for it; the end of that. */
static unsigned char *put_bytes(unsigned char *at, pinfold_bytes bytes)
{
    uint64_t size = bytes.size;
    size_t padding = -bytes.size & 7;

    memcpy(at, &size, sizeof size);
    at += sizeof size;
    if (bytes.size)
        memcpy(at, bytes.data, bytes.size);
    memset(at + bytes.size, 0, padding);
    return at + bytes.size + padding;
}

static size_t packed(pinfold_bytes bytes)
{
    return sizeof(uint64_t) + bytes.size + (-bytes.size & 7);
}

static int pack_functions(struct pf_buf *buf, const struct pinfold_options *options, bool preloaded,
                          struct pinfold_error *err)
{
    int code = pf_pack_function(buf, preloaded ? NULL : (pf_function *)options->preload, err);

    if (!code)
        code = pf_pack_function(buf, (pf_function *)options->init, err);
    if (!code)
        code = pf_pack_function(buf, (pf_function *)options->finish, err);
    return code;
}

/* What all workers are told alike. `preloaded`: preload is somebody else's. */
static int pack_arguments(struct pf_engine *engine, const struct pinfold_options *options,
                          bool preloaded, struct pinfold_error *err)
{
    pinfold_bytes preload_arg = preloaded ? (pinfold_bytes){0} : options->preload_arg;
    size_t size = packed(preload_arg) + packed(options->init_arg) + sizeof options->memory_limit;
    unsigned char *at;
    struct pf_buf functions = {0};
    int code = pack_functions(&functions, options, preloaded, err);

    if (!code && !functions.failed)
        engine->init = pf_frame_new(PF_ARGS, functions.size + size);
    if (engine->init)
        engine->init->seq = PF_SEQ_SHARED;
    if (!code && !engine->init)
        code = pf_fail(err, PINFOLD_E_MEMORY, "out of memory for init's argument of %zu bytes",
                       options->init_arg.size);
    if (!code) {
        memcpy(engine->init->body, functions.data, functions.size);
        at = put_bytes(engine->init->body + functions.size, preload_arg);
        at = put_bytes(at, options->init_arg);
        memcpy(at, &options->memory_limit, sizeof options->memory_limit);
    }
    pf_buf_free(&functions);
    return code;
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
    if (code)
        return code;
    engine = &pool->engine;
    pool->owner = getpid();
    pool->depth = pf_worker_depth();
    pool->grace = options->grace;
    engine->grace = pf_left(pf_deadline(options->grace));
    engine->grace = engine->grace > 0 ? engine->grace : 1;
    engine->log = open->log;
    engine->progress = open->progress;
    engine->term = (size_t)options->tasks_per_worker;
    engine->broken = (struct pinfold_error)PINFOLD_ERROR_INIT;
    engine->signals = open->signals;
    engine->ending.deadline = open->end;
    engine->ending.stop = open->stop;
    engine->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (engine->bell < 0)
        return pf_fail(err, PINFOLD_E_SYSTEM, "no descriptor is left for a pool (see ulimit -n)");
    engine->members = calloc((size_t)workers, sizeof *engine->members);
    if (!engine->members)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for %d workers", workers);
    return pack_arguments(engine, options, preloaded, err);
}

void pf_opening_add(struct pf_opening *open, struct pf_port *port, const struct pf_seat *seats,
                    const char *host)
{
    struct pf_engine *engine = &open->pool->engine;
    int base = engine->nmembers;

    if (pf_faults_any(&open->faults))
        port = pf_hook_open(port, &open->faults);
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
