/* relay.c - see relay.h.
 *
 *   driver ══ MPI ══ relay ══ duct ══ cell        what the cell is told and says passes through;
 *      LOST ◄────────── ╳                          its death is told in its place;
 *      REVIVE ────────► fork                       and who comes next is told INIT, as ever.
 *
 * Between LOST and REVIVE there is nobody: what the driver had sent before it learned of the loss
 * is dropped here, as it would be with a duct that is closed.
 */
#include "port/relay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "port/process.h"
#include "work/nursery.h"
#include "work/preload.h"

struct relay {
    struct pf_fabric *fabric;
    struct pf_port *cell; /* a port with one lane; NULL: it could not be made, and is lost */
    int preload;          /* for it (work/preload.h), or -1, */
    struct pf_cpus place; /* and where that is to run, */
    bool bound;           /* if anywhere */
    bool lost;            /* there is no worker until the driver wants one */
    bool leave;
    bool said;                /* something was said to the driver, and it was not rung */
    struct pinfold_error why; /* what open returns */
};

static void post(struct relay *relay, struct pf_frame *frame)
{
    pf_fabric_post(relay->fabric, 0, frame);
    relay->said = true;
}

/* ---- up */
/* A frame in the ring is the cell's to write to, also while we copy it. */
static struct pf_frame *copy_of(const struct pf_frame *frame)
{
    const uint64_t size = *(const volatile uint64_t *)&frame->size;
    struct pf_frame *copy;

    if (size > PF_LARGE)
        return pf_frame_hold(frame);
    copy = pf_frame_new(frame->kind, size);
    if (!copy)
        abort(); /* dying is an answer; silence is none */
    memcpy(copy, frame, sizeof *frame + size);
    copy->size = size;
    copy->others = 0;
    return copy;
}

/* What a worker says. The rest is the rank's own to say. */
static bool is_answer(int kind)
{
    return kind == PF_READY || kind == PF_RESULT || kind == PF_FAILURE || kind == PF_DROPPED ||
           kind == PF_ECHO || kind == PF_BYE;
}

static void tell_loss(struct relay *relay, const struct pf_event *loss)
{
    struct pf_buf body = {0};
    struct pf_frame *frame;

    pf_pack_u64(&body, loss->busy);
    pf_pack_u64(&body, loss->final);
    pf_pack_u64(&body, (uint64_t)(int64_t)loss->code);
    pf_pack_text(&body, loss->text);
    pf_pack_u64(&body, (uint64_t)loss->pid);
    pf_pack_u64(&body, (uint64_t)(int64_t)loss->status);
    pf_pack_u64(&body, loss->next);
    frame = body.failed ? NULL : pf_frame_new(PF_LOST, body.size);
    if (!frame)
        abort(); /* see copy_of */
    memcpy(frame->body, body.data, body.size);
    pf_buf_free(&body);
    post(relay, frame);
}

void pf_relay_loss(const struct pf_frame *frame, struct pf_event *loss)
{
    struct pf_reader in = pf_reader_of(frame);

    loss->frame = NULL;
    loss->busy = pf_unpack_u64(&in);
    loss->final = pf_unpack_u64(&in);
    loss->code = (int)(int64_t)pf_unpack_u64(&in);
    loss->text = pf_unpack_text(&in);
    loss->pid = (int64_t)pf_unpack_u64(&in);
    loss->status = (int)(int64_t)pf_unpack_u64(&in);
    loss->next = (uint32_t)pf_unpack_u64(&in);
    if (in.failed || loss->code >= 0)
        *loss = (struct pf_event){.lane = loss->lane,
                                  .final = true,
                                  .code = PINFOLD_E_WORKER_LOST,
                                  .text = "its rank told so in a frame that cannot be read"};
}

static void lose(struct relay *relay, const struct pf_event *loss)
{
    relay->lost = true;
    if (loss->final)
        pf_fail(&relay->why, PINFOLD_E_BROKEN, "this rank has no worker any more: %.400s",
                loss->text);
    tell_loss(relay, loss);
}

static void hear_cell(void *context, const struct pf_event *event)
{
    struct relay *relay = context;
    struct pf_frame *copy;

    if (!event->frame) {
        lose(relay, event);
        return;
    }
    copy = copy_of(event->frame);
    if (is_answer(copy->kind))
        post(relay, copy);
    else
        pf_frame_free(copy);
}

/* ---- down */
/* No worker can be had, or none again. */
static void give_up(struct relay *relay, const struct pinfold_error *why)
{
    lose(relay,
         &(struct pf_event){.final = true, .code = PINFOLD_E_WORKER_INIT, .text = why->text});
}

static void make_cell(struct relay *relay, struct pinfold_error *why)
{
    const struct pf_cpus *place = relay->bound ? &relay->place : NULL;
    struct pf_nursery *nursery;

    if (pf_nursery_get(&nursery, why) == 0)
        pf_process_open(&relay->cell, nursery, 1, &place, relay->preload, why);
    relay->preload = -1; /* taken */
}

static void remake_cell(struct relay *relay)
{
    struct pinfold_error why = PINFOLD_ERROR_INIT;

    relay->lost = false;
    if (relay->cell->ops->revive(relay->cell, 0, &why) != 0)
        give_up(relay, &why);
}

/* Who the worker will be made by, where, and what that runs first. */
static void take_host(struct relay *relay, const struct pf_frame *frame)
{
    struct pinfold_error why = PINFOLD_ERROR_INIT;
    struct pf_reader in = pf_reader_of(frame);
    const char *cpus = pf_unpack_text(&in);
    size_t size;
    const void *preload = pf_unpack_bytes(&in, &size);

    relay->bound = cpus[0] && pf_cpus_parse(&relay->place, cpus) == 0;
    if (frame->lost || in.failed)
        pf_fail(&why, PINFOLD_E_MEMORY, "out of memory for preload's argument");
    else if (size)
        pf_preload_hold(&relay->preload, preload, size, &why);
    if (!why.code)
        make_cell(relay, &why);
    if (why.code)
        give_up(relay, &why);
}

/* What STOP and REFUSE say alike. */
static void note_verdict(struct relay *relay, const struct pf_frame *frame)
{
    struct pf_reader in = pf_reader_of(frame);
    int code = (int)(int64_t)pf_unpack_u64(&in);

    if (code)
        pf_fail(&relay->why, code, "%.511s", pf_unpack_text(&in));
}

static void pass_on(struct relay *relay, struct pf_frame *frame)
{
    if (relay->lost)
        pf_frame_free(frame);
    else
        relay->cell->ops->commit(relay->cell, 0, frame);
}

static void hear_driver(struct relay *relay, struct pf_frame *frame)
{
    switch (frame->kind) {
    case PF_HOST:
        take_host(relay, frame);
        break;
    case PF_REVIVE:
        if (relay->cell)
            remake_cell(relay);
        break;
    case PF_KILL:
        if (relay->cell && !relay->lost)
            relay->cell->ops->kill(relay->cell, 0);
        break;
    case PF_REFUSE: /* the driver could not open after all */
        note_verdict(relay, frame);
        relay->leave = true;
        break;
    case PF_LEAVE:
        relay->leave = true;
        break;
    case PF_STOP:
        note_verdict(relay, frame);
        pass_on(relay, frame);
        return;
    default:
        pass_on(relay, frame);
        return;
    }
    pf_frame_free(frame);
}

/* ---- both */
static bool turn(struct relay *relay)
{
    struct pf_frame *frame;
    bool moved = false;
    int from;

    while (!relay->leave && (frame = pf_fabric_next(relay->fabric, &from))) {
        hear_driver(relay, frame);
        moved = true;
    }
    if (relay->cell && relay->cell->ops->poll(relay->cell, hear_cell, relay) > 0)
        moved = true;
    if (relay->said)
        pf_fabric_ring(relay->fabric, 0);
    relay->said = false;
    return moved;
}

static void nap(struct relay *relay)
{
    struct pf_nap nap = {.until = PF_NEVER}; /* without its driver the launcher ends the job */
    bool due = pf_fabric_arm(relay->fabric, &nap);

    if (relay->cell)
        due |= relay->cell->ops->arm(relay->cell, &nap);
    if (!due)
        pf_nap_take(&nap);
}

int pf_relay_serve(struct pf_fabric *fabric, struct pf_frame *host, struct pinfold_error *err)
{
    struct relay relay = {.fabric = fabric, .preload = -1, .why = PINFOLD_ERROR_INIT};

    hear_driver(&relay, host);
    pf_nursery_epitaph(pf_fabric_rank(fabric), pf_fabric_size(fabric));
    while (!relay.leave)
        if (!turn(&relay))
            nap(&relay);
    pf_nursery_epitaph(-1, 0);
    if (relay.cell)
        relay.cell->ops->close(relay.cell);
    return relay.why.code ? pf_error_give(err, &relay.why) : 0;
}
