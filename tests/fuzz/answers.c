/* What workers answer while a pool works: a map, a map of bytes and some tasks, run by two workers
 * that say anything, in any order, until both are lost. The engine, the jobs and the futures are real;
 * the port is the input. */
#define _GNU_SOURCE
#include "frames.h"

#include <unistd.h>

#include "base/clock.h"
#include "pool/opening.h"

#define LANES 2
#define ITEMS 8

struct worker_port {
    struct pf_port port;
    struct fuzz_input in;
    bool ready[LANES], lost[LANES];
};

static struct pf_frame *reserve(struct pf_port *port, int lane, size_t body)
{
    (void)port, (void)lane;
    return pf_frame_new(PF_KIND_NONE, body);
}

static void commit(struct pf_port *port, int lane, struct pf_frame *frame)
{
    (void)port, (void)lane;
    pf_frame_free(frame);
}

static void say_ready(struct worker_port *port, int lane, pf_sink *sink, void *context)
{
    struct pf_event event = {.lane = lane};
    struct fuzz_input in;
    struct pf_buf packed = {0};

    pf_pack_u64(&packed, 0);
    pf_pack_text(&packed, "");
    pf_pack_u64(&packed, 1);
    pf_pack_text(&packed, "host");
    pf_pack_text(&packed, "0");
    pf_pack_u64(&packed, 0);
    pf_pack_text(&packed, "");
    in = fuzz_input(packed.data, packed.size);
    event.frame = fuzz_frame(&in, PF_READY, packed.size);
    port->ready[lane] = true;
    sink(context, &event);
    free(event.frame);
    pf_buf_free(&packed);
}

static void lose(struct worker_port *port, int lane, bool busy, pf_sink *sink, void *context)
{
    struct pf_event event = {.lane = lane,
                             .busy = busy,
                             .final = true,
                             .code = PINFOLD_E_TASK_SIGNAL,
                             .text = "it was killed"};

    port->lost[lane] = true;
    sink(context, &event);
}

/* Lane and flags, kind, call, first, count, size of the body (two bytes), body. */
static void say(struct worker_port *port, pf_sink *sink, void *context)
{
    uint64_t how = fuzz_number(&port->in, 1), kind = fuzz_number(&port->in, 1);
    uint64_t call = fuzz_number(&port->in, 1), first = fuzz_number(&port->in, 1);
    uint64_t count = fuzz_number(&port->in, 1), size = fuzz_number(&port->in, 2);
    struct pf_event event = {.lane = (int)(how % LANES)};

    if (port->lost[event.lane])
        return;
    if (how & 8) {
        lose(port, event.lane, how & 16, sink, context);
        return;
    }
    event.frame = fuzz_frame(&port->in, fuzz_kind(kind), size);
    event.frame->flags = how >> 1 & 3;
    event.frame->call = call;
    event.frame->first = how & 32 ? first : (uint64_t)-1 - first;
    event.frame->count = how & 64 ? UINT64_MAX - count : count;
    event.frame->ns = how & 128 ? INT64_MIN + (int64_t)count : (int64_t)size;
    event.frame->lost = how & 4 ? size : 0;
    sink(context, &event);
    pf_frame_free(event.frame);
}

/* Once the input is at its end, both are lost. */
static int poll_all(struct pf_port *base, pf_sink *sink, void *context)
{
    struct worker_port *port = (struct worker_port *)base;

    for (int lane = 0; lane < LANES; lane++)
        if (!port->ready[lane]) {
            say_ready(port, lane, sink, context);
            return 1;
        }
    if (fuzz_left(&port->in)) {
        say(port, sink, context);
        return 1;
    }
    for (int lane = 0; lane < LANES; lane++)
        if (!port->lost[lane]) {
            lose(port, lane, false, sink, context);
            return 1;
        }
    return 0;
}

static bool arm(struct pf_port *port, struct pf_nap *nap)
{
    (void)port, (void)nap;
    return true; /* nobody ever sleeps */
}

static int revive(struct pf_port *port, int lane, struct pinfold_error *err)
{
    (void)port, (void)lane;
    return pf_fail(err, PINFOLD_E_UNSUPPORTED, "not here");
}

static bool kill_worker(struct pf_port *port, int lane)
{
    (void)port, (void)lane;
    return true;
}

static void close_port(struct pf_port *port)
{
    (void)port;
}

static const struct pf_port_ops ops = {"fuzz", reserve, commit,      poll_all,
                                       arm,    revive,  kill_worker, close_port};

static int task(pinfold_task *task)
{
    (void)task;
    return 0;
}

static void add(void *into, const void *what, pinfold_bytes shared)
{
    (void)into, (void)what, (void)shared;
}

static void failed(void *data, const struct pinfold_error *error)
{
    (void)data;
    MUST(error->code != 0);
}

static void work(pinfold_pool *pool, uint64_t what)
{
    struct pinfold_call how = {.size = sizeof how};
    pinfold_future *future[3] = {0};
    pinfold_bytes bytes[ITEMS] = {0}, result;
    uint64_t in[ITEMS] = {0}, out[ITEMS] = {0};

    if (what & 1)
        how.combine = add;
    for (int i = 0; i < 3; i++)
        pinfold_submit(pool, task, (pinfold_bytes){in, (size_t)i}, &how, &future[i], NULL);
    if (what & 2)
        pinfold_map(pool, task, &(struct pinfold_call){.size = sizeof how, .failed = failed}, in,
                    sizeof *in, out, sizeof *out, ITEMS, NULL);
    if (what & 4 && pinfold_map_bytes(pool, task, NULL, bytes, bytes, ITEMS, NULL) == 0)
        MUST(bytes[0].size == 0 || bytes[0].data);
    for (int i = 0; i < ITEMS; i++)
        if (what & 4)
            free((void *)(uintptr_t)bytes[i].data);
    for (int i = 0; i < 3 && future[i]; i++) {
        pinfold_future_wait(future[i], 1, NULL);
        if (pinfold_future_state(future[i]) == PINFOLD_FINISHED &&
            pinfold_future_result(future[i], &result, NULL) == 0 && result.size)
            MUST(result.data);
        pinfold_future_free(future[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct worker_port port = {.port = {.ops = &ops, .lanes = LANES, .mortal = true},
                               .in = fuzz_input(data, size)};
    struct pf_opening open = {
        .options = {.size = sizeof open.options, .grace = 1}, .end = PF_NEVER, .stop = PF_NEVER};
    struct pf_seat seats[LANES] = {{.number = 0}, {.number = 1}};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    uint64_t what = fuzz_number(&port.in, 1);
    bool lost = false;

    pf_cpus_add(&seats[0].cpus, 0);
    pf_cpus_add(&seats[1].cpus, 1);
    MUST(pf_opening_pool(&open, LANES, false, &err) == 0);
    pf_opening_add(&open, &port.port, seats, "host");
    MUST(pf_engine_start(&open.pool->engine, PF_NEVER, &err) == 0);
    work(open.pool, what);
    pf_pool_end(open.pool, 0, "", &lost);
    return 0;
}
