/* ranks.c - see ranks.h. */
#include "port/ranks.h"

#include <stdlib.h>
#include <string.h>

#include "port/relay.h"

struct ranks {
    struct pf_port port;
    struct pf_fabric *fabric;
    int *rank_of; /* by lane */
    int *lane_of; /* by rank; -1: none */
    bool *dirty;  /* by lane: was sent something, and not rung yet */
    int ndirty;
    int *bench, benched;
};

struct pf_frame *pf_stop_frame(int code, const char *text)
{
    struct pf_buf body = {0};
    struct pf_frame *frame;

    pf_pack_u64(&body, (uint64_t)(int64_t)code);
    pf_pack_text(&body, text);
    frame = body.failed ? NULL : pf_frame_new(PF_STOP, body.size);
    if (!frame)
        abort();
    memcpy(frame->body, body.data, body.size);
    pf_buf_free(&body);
    return frame;
}

static struct pf_frame *reserve(struct pf_port *port, int lane, size_t body)
{
    (void)port, (void)lane;
    return pf_frame_new(PF_KIND_NONE, body);
}

static void commit(struct pf_port *port, int lane, struct pf_frame *frame)
{
    struct ranks *ranks = (struct ranks *)port;

    pf_fabric_post(ranks->fabric, ranks->rank_of[lane], frame);
    ranks->ndirty += !ranks->dirty[lane];
    ranks->dirty[lane] = true;
}

/* One ring for all that a rank was sent in one turn of the engine. */
static void ring_dirty(struct ranks *ranks)
{
    for (int lane = 0; ranks->ndirty > 0 && lane < ranks->port.lanes; lane++) {
        if (!ranks->dirty[lane])
            continue;
        ranks->dirty[lane] = false;
        ranks->ndirty--;
        pf_fabric_ring(ranks->fabric, ranks->rank_of[lane]);
    }
}

static int hear(struct ranks *ranks, int from, struct pf_frame *frame, pf_sink *sink, void *context)
{
    struct pf_event event = {.lane = ranks->lane_of[from], .frame = frame};

    if (frame->kind == PF_LOST)
        pf_relay_loss(frame, &event);
    if (event.lane >= 0)
        sink(context, &event);
    pf_frame_free(frame);
    return 1;
}

/* A rank that opens the next pool, or none, has left this one. */
static int tell_left(struct ranks *ranks, int rank, pf_sink *sink, void *context)
{
    struct pf_event event = {.lane = ranks->lane_of[rank],
                             .final = true,
                             .code = PINFOLD_E_WORKER_LOST,
                             .text = "its rank has left the pool"};

    if (event.lane < 0)
        return 0;
    sink(context, &event);
    return 1;
}

static int poll_ranks(struct pf_port *port, pf_sink *sink, void *context)
{
    struct ranks *ranks = (struct ranks *)port;
    struct pf_frame *frame;
    int n = 0, from;

    ring_dirty(ranks);
    while ((frame = pf_fabric_next(ranks->fabric, &from))) {
        if (frame->kind == PF_HELLO || frame->kind == PF_OVER) {
            pf_fabric_keep(ranks->fabric, from, frame);
            n += tell_left(ranks, from, sink, context);
            continue;
        }
        n += hear(ranks, from, frame, sink, context);
    }
    return n;
}

static bool arm(struct pf_port *port, struct pf_nap *nap)
{
    struct ranks *ranks = (struct ranks *)port;

    ring_dirty(ranks);
    return pf_fabric_arm(ranks->fabric, nap);
}

/* To the rank itself, not to its worker. */
static void say(struct ranks *ranks, int rank, int kind)
{
    struct pf_frame *frame = pf_frame_new(kind, 0);

    if (!frame)
        abort(); /* a rank that is not told waits for ever */
    pf_fabric_post(ranks->fabric, rank, frame);
    pf_fabric_ring(ranks->fabric, rank);
}

static int revive(struct pf_port *port, int lane, struct pinfold_error *err)
{
    struct ranks *ranks = (struct ranks *)port;

    if (!port->mortal)
        return pf_fail(err, PINFOLD_E_UNSUPPORTED, "a rank cannot be replaced");
    say(ranks, ranks->rank_of[lane], PF_REVIVE);
    return 0;
}

static bool kill_rank(struct pf_port *port, int lane)
{
    struct ranks *ranks = (struct ranks *)port;

    if (port->mortal)
        say(ranks, ranks->rank_of[lane], PF_KILL);
    return port->mortal;
}

static void close_ranks(struct pf_port *port)
{
    struct ranks *ranks = (struct ranks *)port;

    ring_dirty(ranks);
    for (int lane = 0; port->mortal && lane < port->lanes; lane++)
        say(ranks, ranks->rank_of[lane], PF_LEAVE);
    for (int i = 0; i < ranks->benched; i++) {
        pf_fabric_post(ranks->fabric, ranks->bench[i], pf_stop_frame(0, ""));
        pf_fabric_ring(ranks->fabric, ranks->bench[i]);
    }
    free(ranks->rank_of);
    free(ranks->lane_of);
    free(ranks->dirty);
    free(ranks->bench);
    free(ranks);
}

static const struct pf_port_ops ops = {"mpi", reserve, commit,    poll_ranks,
                                       arm,   revive,  kill_rank, close_ranks};

int pf_ranks_open(struct pf_port **port, struct pf_fabric *fabric, const int *rank_of, int lanes,
                  const int *bench, int benched, bool isolated, struct pinfold_error *err)
{
    struct ranks *ranks = calloc(1, sizeof *ranks);
    int size = pf_fabric_size(fabric);

    if (ranks) {
        ranks->rank_of = calloc((size_t)lanes + 1, sizeof(int));
        ranks->lane_of = calloc((size_t)size, sizeof(int));
        ranks->dirty = calloc((size_t)lanes + 1, sizeof(bool));
        ranks->bench = calloc((size_t)benched + 1, sizeof(int));
    }
    if (!ranks || !ranks->rank_of || !ranks->dirty || !ranks->lane_of || !ranks->bench) {
        if (ranks)
            close_ranks(&ranks->port); /* benched is still 0: nobody is told */
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for %d ranks", size);
    }
    ranks->port = (struct pf_port){.ops = &ops, .lanes = lanes, .mortal = isolated};
    ranks->fabric = fabric;
    for (int rank = 0; rank < size; rank++)
        ranks->lane_of[rank] = -1;
    for (int lane = 0; lane < lanes; lane++) {
        ranks->rank_of[lane] = rank_of[lane];
        ranks->lane_of[rank_of[lane]] = lane;
    }
    memcpy(ranks->bench, bench, (size_t)benched * sizeof(int));
    ranks->benched = benched;
    *port = &ranks->port;
    return 0;
}
