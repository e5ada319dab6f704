/* hook.c - see hook.h.
 *
 * It sits between the engine and a port, on the driver's side, and so its faults are those of both
 * ways. Frames for workers are made here, and copied into the port's own when it is their time: one
 * that was handed to a port cannot be taken back.
 *
 *   engine ── commit ──► fate ──► [late] ──► port ──► workers
 *   engine ◄──────────── [late] ◄── fate ◄── port ◄── workers
 *
 * A lane keeps its order: what comes behind a late frame is late with it. A frame without a number
 * (wire/seq.h) is not on its way between driver and worker, and is left alone. When a worker is
 * lost, what it said before comes before the loss, and what was for it goes nowhere.
 */
#include "port/hook.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "wire/seq.h"

struct late {
    struct late *next;
    struct pf_frame *frame; /* ours */
    int64_t due;
};

struct way { /* one direction of a lane */
    uint64_t count;
    struct late *first, **last;
};

struct hook {
    struct pf_port port;
    struct pf_port *inner;
    struct pf_faults faults;
    struct way *down, *up; /* by lane */
};

struct hearing {
    struct hook *hook;
    pf_sink *sink;
    void *context;
};

/* ---- frames */
static struct pf_frame *copy(const struct pf_frame *frame, uint64_t size)
{
    struct pf_frame *made = pf_frame_new(frame->kind, size);

    if (!made)
        abort();
    *made = *frame;
    atomic_init(&made->others, 0);
    made->released = 0;
    made->size = size;
    memcpy(made->body, frame->body, size);
    return made;
}

/* One that stays as it is when its giver has let go of it. */
static struct pf_frame *keep(const struct pf_frame *frame)
{
    return frame->size > PF_LARGE ? pf_frame_hold(frame) : copy(frame, frame->size);
}

static bool has_memory_to_lack(const struct pf_frame *frame)
{
    return frame->size > 0 && (frame->kind == PF_BATCH || frame->kind == PF_RESULT);
}

/* What arrives of a frame by its fate: the caller's own, or NULL (as it is). */
static struct pf_frame *spoil(const struct pf_frame *frame, const struct pf_fate *fate)
{
    struct pf_frame *spoilt;

    if (fate->cut)
        return copy(frame, fate->size);
    if (!fate->memory || !has_memory_to_lack(frame))
        return NULL;
    spoilt = copy(frame, 0);
    spoilt->lost = frame->size;
    return spoilt;
}

static struct pf_fate fate_of(const struct hook *hook, struct way *way, int lane, bool up,
                              const struct pf_frame *frame)
{
    struct pf_passing passing = {lane, up, way->count, frame->size};

    if (!frame->seq)
        return (struct pf_fate){0};
    way->count++;
    return pf_fault_fate(&hook->faults, &passing);
}

/* ---- late ones */
static void put_late(struct way *way, struct pf_frame *frame, int64_t delay)
{
    struct late *late = calloc(1, sizeof *late);

    if (!late)
        abort();
    late->frame = frame;
    late->due = delay ? pf_now() + delay : 0;
    *way->last = late;
    way->last = &late->next;
}

static struct pf_frame *take_late(struct way *way)
{
    struct late *late = way->first;
    struct pf_frame *frame = late->frame;

    way->first = late->next;
    if (!way->first)
        way->last = &way->first;
    free(late);
    return frame;
}

static void clear(struct way *way)
{
    while (way->first)
        pf_frame_free(take_late(way));
}

static bool is_due(const struct way *way, int64_t now)
{
    return way->first && way->first->due <= now;
}

/* ---- down */
static void pass_down(struct hook *hook, int lane, struct pf_frame *frame)
{
    const struct pf_port_ops *ops = hook->inner->ops;
    struct pf_frame *theirs;

    if (frame->size > PF_LARGE) {
        ops->commit(hook->inner, lane, frame);
        return;
    }
    theirs = ops->reserve(hook->inner, lane, frame->size);
    if (!theirs)
        abort();
    theirs->kind = frame->kind;
    theirs->flags = frame->flags;
    theirs->call = frame->call;
    theirs->first = frame->first;
    theirs->count = frame->count;
    theirs->ns = frame->ns;
    theirs->lost = frame->lost;
    theirs->seq = frame->seq;
    memcpy(theirs->body, frame->body, frame->size);
    ops->commit(hook->inner, lane, theirs);
    pf_frame_free(frame);
}

static void send(struct hook *hook, int lane, struct pf_frame *frame, int64_t delay)
{
    struct way *way = &hook->down[lane];

    if (delay || way->first)
        put_late(way, frame, delay);
    else
        pass_down(hook, lane, frame);
}

/* Only a process that can be replaced is told so; others would end more than a task. */
static void doom(struct hook *hook, int lane)
{
    struct pf_frame *frame;

    if (!hook->faults.crash || !hook->port.mortal)
        return;
    frame = pf_frame_new(PF_CRASH, 0);
    if (!frame)
        abort();
    frame->first = hook->faults.crash;
    send(hook, lane, frame, 0);
}

static struct pf_frame *reserve(struct pf_port *port, int lane, size_t body)
{
    (void)port, (void)lane;
    return pf_frame_new(PF_KIND_NONE, body);
}

static void commit(struct pf_port *port, int lane, struct pf_frame *frame)
{
    struct hook *hook = (struct hook *)port;
    struct pf_fate fate = fate_of(hook, &hook->down[lane], lane, false, frame);
    struct pf_frame *spoilt = spoil(frame, &fate);
    bool init = frame->kind == PF_INIT;

    if (spoilt) {
        pf_frame_free(frame);
        frame = spoilt;
    }
    if (fate.drop) {
        pf_frame_free(frame);
        return;
    }
    if (fate.duplicate)
        send(hook, lane, keep(frame), fate.delay);
    send(hook, lane, frame, fate.delay);
    if (init)
        doom(hook, lane);
}

static void pass_late_down(struct hook *hook)
{
    int64_t now = pf_now();

    for (int lane = 0; lane < hook->port.lanes; lane++)
        while (is_due(&hook->down[lane], now))
            pass_down(hook, lane, take_late(&hook->down[lane]));
}

/* ---- up */
static void pass_up(const struct hearing *hearing, int lane, struct pf_frame *frame)
{
    struct pf_event event = {.lane = lane, .frame = frame};

    hearing->sink(hearing->context, &event);
}

/* The frames of this lane that are due by then. */
static int pass_late_up(const struct hearing *hearing, int lane, int64_t now)
{
    struct way *way = &hearing->hook->up[lane];
    int n = 0;

    while (is_due(way, now)) {
        struct pf_frame *frame = take_late(way);
        pass_up(hearing, lane, frame);
        pf_frame_free(frame);
        n++;
    }
    return n;
}

static void receive(const struct hearing *hearing, int lane, struct pf_frame *frame, int64_t delay)
{
    struct way *way = &hearing->hook->up[lane];

    if (delay || way->first)
        put_late(way, keep(frame), delay);
    else
        pass_up(hearing, lane, frame);
}

static void hear(void *context, const struct pf_event *event)
{
    const struct hearing *hearing = context;
    struct hook *hook = hearing->hook;
    struct pf_frame *spoilt, *frame;
    struct pf_fate fate;

    if (!event->frame) {
        pass_late_up(hearing, event->lane, PF_NEVER);
        clear(&hook->down[event->lane]);
        hearing->sink(hearing->context, event);
        return;
    }
    fate = fate_of(hook, &hook->up[event->lane], event->lane, true, event->frame);
    if (fate.drop)
        return;
    spoilt = spoil(event->frame, &fate);
    frame = spoilt ? spoilt : event->frame;
    if (fate.duplicate)
        receive(hearing, event->lane, frame, fate.delay);
    receive(hearing, event->lane, frame, fate.delay);
    pf_frame_free(spoilt);
}

static int poll_hooked(struct pf_port *port, pf_sink *sink, void *context)
{
    struct hook *hook = (struct hook *)port;
    struct hearing hearing = {hook, sink, context};
    int64_t now;
    int n;

    pass_late_down(hook);
    n = hook->inner->ops->poll(hook->inner, hear, &hearing);
    now = pf_now();
    for (int lane = 0; lane < port->lanes; lane++)
        n += pass_late_up(&hearing, lane, now);
    return n;
}

/* ---- the rest */
static bool arm(struct pf_port *port, struct pf_nap *nap)
{
    struct hook *hook = (struct hook *)port;
    int64_t now = pf_now();
    bool due = hook->inner->ops->arm(hook->inner, nap);

    for (int lane = 0; lane < port->lanes; lane++) {
        const struct way *ways[] = {&hook->down[lane], &hook->up[lane]};
        for (int i = 0; i < 2; i++) {
            due |= is_due(ways[i], now);
            if (ways[i]->first)
                pf_nap_until(nap, ways[i]->first->due);
        }
    }
    return due;
}

static int revive(struct pf_port *port, int lane, struct pinfold_error *err)
{
    struct hook *hook = (struct hook *)port;

    return hook->inner->ops->revive(hook->inner, lane, err);
}

static bool kill_hooked(struct pf_port *port, int lane)
{
    struct hook *hook = (struct hook *)port;

    clear(&hook->down[lane]);
    return hook->inner->ops->kill(hook->inner, lane);
}

static void close_hooked(struct pf_port *port)
{
    struct hook *hook = (struct hook *)port;

    for (int lane = 0; lane < port->lanes; lane++) {
        clear(&hook->down[lane]);
        clear(&hook->up[lane]);
    }
    hook->inner->ops->close(hook->inner);
    free(hook->down);
    free(hook->up);
    free(hook);
}

static const struct pf_port_ops ops = {"hook", reserve, commit,      poll_hooked,
                                       arm,    revive,  kill_hooked, close_hooked};

static struct way *make_ways(int lanes)
{
    struct way *ways = calloc((size_t)lanes + 1, sizeof *ways);

    for (int lane = 0; ways && lane < lanes; lane++)
        ways[lane].last = &ways[lane].first;
    return ways;
}

struct pf_port *pf_hook_open(struct pf_port *inner, const struct pf_faults *faults)
{
    struct hook *hook = calloc(1, sizeof *hook);

    if (!hook)
        abort();
    hook->port = *inner;
    hook->port.ops = &ops;
    hook->inner = inner;
    hook->faults = *faults;
    hook->down = make_ways(inner->lanes);
    hook->up = make_ways(inner->lanes);
    if (!hook->down || !hook->up)
        abort();
    return &hook->port;
}
