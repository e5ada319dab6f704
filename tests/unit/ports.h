/* ports.h - a driver in a few lines, for tests of ports: says calls and batches, and writes down
 * what comes up. */
#ifndef TESTS_UNIT_PORTS_H
#define TESTS_UNIT_PORTS_H

#include "unit.h"

#include "port/port.h"
#include "work/call.h"

struct heard {
    int lane, kind; /* PF_KIND_NONE: the worker was lost */
    uint64_t call, first, count;
    int value; /* the first int of the body */
    bool busy, final;
    int code;
    char text[256];
};

struct ear {
    struct pf_port *port;
    struct heard heard[256];
    int n;
};

static void ear_sink(void *context, const struct pf_event *event)
{
    struct ear *ear = context;
    struct heard *heard;

    assert_true(ear->n < 256);
    heard = &ear->heard[ear->n++];
    *heard = (struct heard){.lane = event->lane};
    if (event->frame) {
        heard->kind = event->frame->kind;
        heard->call = event->frame->call;
        heard->first = event->frame->first;
        heard->count = event->frame->count;
        if (event->frame->size >= sizeof(int))
            memcpy(&heard->value, event->frame->body, sizeof(int));
        return;
    }
    heard->busy = event->busy;
    heard->final = event->final;
    heard->code = event->code;
    snprintf(heard->text, sizeof heard->text, "%s", event->text);
}

/* One turn of an engine: looks, and sleeps when there was nothing. A sleep that nothing ends is a
 * wake-up that was lost. */
static inline void turn(struct ear *ear)
{
    struct pf_nap nap = {.until = pf_now() + 30 * PF_S};

    if (ear->port->ops->poll(ear->port, ear_sink, ear) > 0)
        return;
    if (!ear->port->ops->arm(ear->port, &nap)) {
        pf_nap_take(&nap);
        assert_true(pf_now() < nap.until);
    }
}

static inline struct heard *hear_next(struct ear *ear, int *at)
{
    while (*at == ear->n)
        turn(ear);
    return &ear->heard[(*at)++];
}

static inline void say(struct ear *ear, int lane, int kind, uint64_t call)
{
    struct pf_frame *frame = ear->port->ops->reserve(ear->port, lane, 0);

    frame->kind = (uint16_t)kind;
    frame->call = call;
    ear->port->ops->commit(ear->port, lane, frame);
}

static inline void say_call(struct ear *ear, int lane, uint64_t call, pinfold_fn *fn,
                            size_t in_size, size_t out_size)
{
    struct pf_call_facts facts = {
        .fn = fn, .in_size = in_size, .out_size = out_size, .time = PF_NEVER};
    struct pf_frame *frame;

    assert_int_equal(pf_call_pack(&frame, &facts, NULL), 0);
    frame->call = call;
    ear->port->ops->commit(ear->port, lane, frame);
}

/* The first int of each item is its index. */
static inline void say_batch(struct ear *ear, int lane, uint64_t call, uint64_t first,
                             uint64_t count, size_t in_size)
{
    struct pf_frame *frame = ear->port->ops->reserve(ear->port, lane, count * in_size);

    frame->kind = PF_BATCH;
    frame->call = call;
    frame->first = first;
    frame->count = count;
    for (uint64_t i = 0; i < count; i++) {
        int index = (int)(first + i);
        memset(frame->body + i * in_size, index, in_size);
        memcpy(frame->body + i * in_size, &index, sizeof index);
    }
    ear->port->ops->commit(ear->port, lane, frame);
}

static inline void say_stop(struct ear *ear, int lane)
{
    struct pf_buf body = {0};
    struct pf_frame *frame;

    pf_pack_u64(&body, 0);
    pf_pack_text(&body, "");
    frame = ear->port->ops->reserve(ear->port, lane, body.size);
    frame->kind = PF_STOP;
    memcpy(frame->body, body.data, body.size);
    ear->port->ops->commit(ear->port, lane, frame);
    pf_buf_free(&body);
}

static inline void expect(struct ear *ear, int *at, int lane, int kind, uint64_t call,
                          uint64_t first, uint64_t count)
{
    struct heard *heard = hear_next(ear, at);

    assert_string_equal(pf_kind_name(heard->kind), pf_kind_name(kind));
    assert_int_equal(heard->lane, lane);
    assert_int_equal(heard->call, call);
    assert_int_equal(heard->first, first);
    assert_int_equal(heard->count, count);
}

#endif
