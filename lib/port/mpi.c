/* mpi.c - see port/mpi.h.
 *
 * Waiting: peers on this node ring our bell when they want us awake, so the look every
 * LOOK_LAZY is only a safety net. A peer that cannot ring, an operation that MPI moves on only
 * while we look, and a ring whose message we have not seen yet (it may be a moment behind) make
 * us look again soon: after LOOK_SOON, then doubling up to LOOK_LAZY.
 *
 * Large frames: a count of MPI's is an int, and one message of gigabytes is where MPIs differ. So a
 * frame above PF_LARGE goes as its header, with TAG like any other, and its body behind it in pieces
 * of PIECE bytes with TAG_BODY. Whoever got the header knows how many there are, asks for memory
 * once, and has MPI write them to where they are read. The pieces of a rank follow each other in the
 * order of its headers, since the receiver begins no body before that of the one before is there.
 */
#include "port/mpi.h"

#include <errno.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/watchdog.h"
#include "port/bell.h"

#define TAG       1 /* what a frame is, its header says */
#define TAG_BODY  2
#define PIECE     ((size_t)16 << 20)
#define LOOK_SOON (50 * PF_US)
#define LOOK_LAZY (10 * PF_MS)
#define LOOK_RUNG (40 * PF_MS) /* where a bell tells us of each message */

struct outgoing {
    struct outgoing *next;
    struct pf_frame *frame;
    int pieces;
    MPI_Request requests[];
};

struct incoming {
    struct incoming *next;
    struct pf_frame *frame;
    MPI_Request request; /* for: */
    enum { HEAD, BODY, WHOLE } state;
    int from;
    size_t size, got, asked; /* of a body that comes apart: all, what is there, what is asked for */
    unsigned char *scratch;  /* where that goes when there is no memory for it */
};

struct pf_fabric {
    MPI_Comm comm;
    int rank, size;
    struct pf_bell bell;
    char (*bells)[PF_BELL_NAME]; /* of all ranks */
    bool *met;                   /* those that know our bell, and how we ring them: */
    int acquainted, silent;      /* how many, and how many of them cannot be rung, nor ring */
    struct outgoing *out;
    struct incoming *in, **in_last;
    struct incoming *kept; /* complete frames, put back by pf_fabric_keep */
    bool rung;             /* and no message seen since */
    int64_t look;          /* how long the next nap may be, when it must be short */
};

/* The process fact. */
static struct {
    struct pf_fabric *world;
    int fabrics; /* how many there are, the world's included */
    pid_t owner; /* of the first one: a fork of it must not touch MPI */
    bool ours;   /* we started MPI */
    bool ending; /* the user is in MPI_Finalize */
    void (*end)(void);
} here;

struct pf_fabric *pf_fabric_have(void)
{
    return here.owner == getpid() ? here.world : NULL;
}

bool pf_fabric_any(void)
{
    return here.owner == getpid() && here.fabrics > 0;
}

bool pf_fabric_built(void)
{
    return true;
}

bool pf_fabric_mpi_started(void)
{
    int up;

    MPI_Initialized(&up);
    return up;
}

static int start_mpi(int64_t deadline)
{
    struct pf_watchdog dog;
    int level, status;

    pf_watchdog_start(&dog, deadline,
                      "MPI_Init waits for a rank that does not come: it runs another program, "
                      "ended early, or needs longer (open-timeout sets the time)");
    status = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level);
    pf_watchdog_stop(&dog);
    return status;
}

/* ---- the end of MPI */
void pf_fabric_at_end(void (*end)(void))
{
    here.end = end;
}

/* MPI_Finalize begins by deleting the attributes of MPI_COMM_SELF: the last moment at which ranks
 * that serve, or wait for a driver, can be told. */
static int mpi_ends(MPI_Comm self, int key, void *value, void *state)
{
    (void)self, (void)key, (void)value, (void)state;
    if (here.owner == getpid() && here.end) {
        here.ending = true;
        here.end();
    }
    return MPI_SUCCESS;
}

static void watch_mpi(void)
{
    int key;

    if (here.owner == getpid())
        return;
    here.owner = getpid();
    MPI_Comm_create_keyval(MPI_COMM_NULL_COPY_FN, mpi_ends, &key, NULL);
    MPI_Comm_set_attr(MPI_COMM_SELF, key, NULL);
    MPI_Comm_free_keyval(&key); /* when the attribute is gone */
}

/* ---- a fabric's beginning */
/* A fork, or one who comes too late. */
static int usable(struct pinfold_error *err)
{
    int over;

    if (here.owner && here.owner != getpid())
        return pf_fail(err, PINFOLD_E_MPI,
                       "a fork of a rank cannot use MPI: open a pool with "
                       "backend = processes there");
    MPI_Finalized(&over);
    return over ? pf_fail(err, PINFOLD_E_OVER, "MPI has been finalized: no pool can be opened") : 0;
}

/* MPI_Comm_dup waits for all ranks and cannot be left; this can, and sleeps meanwhile. One that was
 * left is never over: MPI may still write where it was told to. */
static int duplicate(struct pf_fabric *fabric, MPI_Comm comm, int64_t deadline,
                     struct pinfold_error *err)
{
    MPI_Request request;
    int done = 0, patience = 20;

    if (MPI_Comm_idup(comm, &fabric->comm, &request) != MPI_SUCCESS)
        return pf_fail(err, PINFOLD_E_MPI, "MPI cannot duplicate the communicator");
    for (;;) {
        struct pf_nap nap = {.until = deadline};
        if (MPI_Test(&request, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS)
            return pf_fail(err, PINFOLD_E_MPI, "MPI cannot duplicate the communicator");
        if (done)
            return 0;
        if (pf_now() >= deadline)
            return pf_fail(err, PINFOLD_E_TIMEOUT,
                           "not all %d ranks of the communicator came to the open in time "
                           "(open-timeout sets the time)",
                           fabric->size);
        pf_nap_until(&nap, pf_now() + patience * PF_US);
        pf_nap_take(&nap);
        patience = patience < 1000 ? 2 * patience : 2000;
    }
}

/* The duplicate is ours, whatever the user has told MPI of his own: errors that nobody looks at end
 * the job, any rank may send, and messages stay in order. */
static void make_ours(MPI_Comm comm)
{
    MPI_Info info;

    MPI_Comm_set_errhandler(comm, MPI_ERRORS_ARE_FATAL);
    MPI_Info_create(&info);
    MPI_Info_set(info, "mpi_assert_no_any_source", "false");
    MPI_Info_set(info, "mpi_assert_allow_overtaking", "false");
    MPI_Comm_set_info(comm, info);
    MPI_Info_free(&info);
}

/* `together`: all ranks are on their way here. */
static int make(struct pf_fabric **out, MPI_Comm comm, bool together, int64_t deadline,
                struct pinfold_error *err)
{
    struct pf_fabric *fabric = calloc(1, sizeof *fabric);
    int size, code = 0;

    MPI_Comm_size(comm, &size);
    if (fabric) {
        fabric->bells = calloc((size_t)size, sizeof *fabric->bells);
        fabric->met = calloc((size_t)size, sizeof *fabric->met);
    }
    if (!fabric || !fabric->bells || !fabric->met)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for %d ranks", size);
    fabric->size = size;
    fabric->in_last = &fabric->in;
    fabric->look = LOOK_SOON;
    watch_mpi();
    if (together)
        MPI_Comm_dup(comm, &fabric->comm);
    else
        code = duplicate(fabric, comm, deadline, err);
    if (code)
        return code; /* not freed: MPI may still know of it */
    make_ours(fabric->comm);
    MPI_Comm_rank(fabric->comm, &fabric->rank);
    pf_bell_make(&fabric->bell);
    here.fabrics++;
    *out = fabric;
    return 0;
}

int pf_fabric_get(struct pf_fabric **out, int64_t deadline, struct pinfold_error *err)
{
    bool up;
    int code = usable(err);

    if (!code && !here.world) {
        up = pf_fabric_mpi_started();
        if (!up && start_mpi(deadline) != MPI_SUCCESS)
            return pf_fail(err, PINFOLD_E_MPI, "MPI_Init_thread failed");
        here.ours |= !up;
        code = make(&here.world, MPI_COMM_WORLD, !up, deadline, err);
    }
    if (!code)
        *out = here.world;
    return code;
}

int pf_fabric_over(struct pf_fabric **out, const struct pf_comm *comm, int64_t deadline,
                   struct pinfold_error *err)
{
    int code = usable(err);

    return code ? code : make(out, MPI_Comm_f2c(comm->handle), false, deadline, err);
}

int pf_fabric_rank(const struct pf_fabric *fabric)
{
    return fabric->rank;
}

int pf_fabric_size(const struct pf_fabric *fabric)
{
    return fabric->size;
}

/* Without this much there is no way to go on, and a rank that only waits would hold up all. */
static _Noreturn void die(const struct pf_fabric *fabric, size_t size)
{
    dprintf(STDERR_FILENO, "%s: rank %d is out of memory for a message of %zu bytes\n",
            program_invocation_short_name, fabric->rank, size);
    pf_fabric_abort(1);
}

static struct outgoing *new_outgoing(struct pf_fabric *fabric, struct pf_frame *frame,
                                     size_t pieces)
{
    size_t size = sizeof(struct outgoing) + pieces * sizeof(MPI_Request);
    struct outgoing *out = calloc(1, size);

    if (!out)
        die(fabric, size);
    out->frame = frame;
    out->pieces = (int)pieces;
    return out;
}

static bool is_sent(struct outgoing *out)
{
    int done = 0;

    MPI_Testall(out->pieces, out->requests, &done, MPI_STATUSES_IGNORE);
    return done;
}

/* Small ones are sent at once. */
static void settle(struct pf_fabric *fabric, struct outgoing *out)
{
    if (is_sent(out)) {
        pf_frame_free(out->frame);
        free(out);
        return;
    }
    out->next = fabric->out;
    fabric->out = out;
    fabric->look = LOOK_SOON;
}

/* One message, of the frame's first `size` bytes. */
static void post_whole(struct pf_fabric *fabric, int to, struct pf_frame *frame, size_t size)
{
    struct outgoing *out = new_outgoing(fabric, frame, 1);

    MPI_Isend(frame, (int)size, MPI_BYTE, to, TAG, fabric->comm, out->requests);
    settle(fabric, out);
}

static size_t piece_at(size_t at, size_t size)
{
    return size - at < PIECE ? size - at : PIECE;
}

/* The header is a copy: others may hold the frame, and MPI must have what it sends for itself. */
static void post_apart(struct pf_fabric *fabric, int to, struct pf_frame *frame)
{
    struct pf_frame *head = pf_frame_new(PF_KIND_NONE, 0);
    struct outgoing *out = new_outgoing(fabric, frame, (frame->size + PIECE - 1) / PIECE);
    MPI_Request *request = out->requests;

    if (!head)
        die(fabric, sizeof *head);
    *head = *frame;
    atomic_init(&head->others, 0);
    post_whole(fabric, to, head, sizeof *head);
    for (size_t at = 0; at < frame->size; at += PIECE)
        MPI_Isend(frame->body + at, (int)piece_at(at, frame->size), MPI_BYTE, to, TAG_BODY,
                  fabric->comm, request++);
    settle(fabric, out);
}

void pf_fabric_post(struct pf_fabric *fabric, int to, struct pf_frame *frame)
{
    if (frame->size > PF_LARGE)
        post_apart(fabric, to, frame);
    else
        post_whole(fabric, to, frame, sizeof *frame + frame->size);
}

static void move_out(struct pf_fabric *fabric)
{
    struct outgoing **at = &fabric->out;

    while (*at) {
        struct outgoing *out = *at;
        if (!is_sent(out)) {
            at = &out->next;
            continue;
        }
        *at = out->next;
        pf_frame_free(out->frame);
        free(out);
    }
}

/* Receives all that is announced. One may take its sender's help, hence no MPI_Recv, which would
 * wait for that. */
static void move_in(struct pf_fabric *fabric)
{
    for (;;) {
        struct incoming *in;
        MPI_Status status;
        int there = 0, size = 0;

        MPI_Iprobe(MPI_ANY_SOURCE, TAG, fabric->comm, &there, &status);
        if (!there)
            return;
        MPI_Get_count(&status, MPI_BYTE, &size);
        if (size < (int)sizeof *in->frame)
            abort(); /* nobody of ours sends that */
        in = calloc(1, sizeof *in);
        if (!in || !(in->frame = pf_frame_new(PF_KIND_NONE, (size_t)size - sizeof *in->frame)))
            die(fabric, (size_t)size);
        in->from = status.MPI_SOURCE;
        MPI_Irecv(in->frame, size, MPI_BYTE, in->from, TAG, fabric->comm, &in->request);
        *fabric->in_last = in;
        fabric->in_last = &in->next;
    }
}

static void ask_for_piece(struct pf_fabric *fabric, struct incoming *in)
{
    unsigned char *to = in->scratch ? in->scratch : in->frame->body + in->got;

    in->asked = piece_at(in->got, in->size);
    MPI_Irecv(to, (int)in->asked, MPI_BYTE, in->from, TAG_BODY, fabric->comm, &in->request);
    fabric->look = LOOK_SOON;
}

/* Where there is no memory for the body, it is received all the same, and whom the frame is for
 * learns that it is lost. */
static void begin_body(struct pf_fabric *fabric, struct incoming *in)
{
    struct pf_frame *head = in->frame, *frame = pf_frame_new(PF_KIND_NONE, head->size);

    in->state = BODY;
    in->size = head->size;
    if (frame) {
        *frame = *head;
        free(head);
        in->frame = frame;
    } else {
        in->scratch = malloc(PIECE);
        if (!in->scratch)
            die(fabric, in->size);
    }
    pf_frame_came(in->frame, frame != NULL);
    ask_for_piece(fabric, in);
}

/* Moves on the first frame of its rank; whether it is there. */
static bool advance(struct pf_fabric *fabric, struct incoming *in)
{
    int done = 1;

    while (in->state != WHOLE) {
        MPI_Test(&in->request, &done, MPI_STATUS_IGNORE);
        if (!done)
            return false;
        in->got += in->asked;
        if (in->state == HEAD && in->frame->size > PF_LARGE) {
            begin_body(fabric, in);
        } else if (in->got < in->size) {
            ask_for_piece(fabric, in);
        } else {
            free(in->scratch);
            in->state = WHOLE;
        }
    }
    return true;
}

/* The first complete frame with no incomplete one of the same rank before it. */
static struct incoming **deliverable(struct pf_fabric *fabric)
{
    for (struct incoming **at = &fabric->in; *at; at = &(*at)->next) {
        struct incoming *in = *at;
        bool blocked = false;
        for (struct incoming *before = fabric->in; before != in && !blocked; before = before->next)
            blocked = before->from == in->from;
        if (!blocked && advance(fabric, in))
            return at;
    }
    return NULL;
}

struct pf_frame *pf_fabric_next(struct pf_fabric *fabric, int *from)
{
    struct incoming **at, *in;
    struct pf_frame *frame;

    if (fabric->out)
        move_out(fabric);
    move_in(fabric);
    at = deliverable(fabric);
    if (!at)
        return NULL;
    in = *at;
    frame = in->frame;
    *from = in->from;
    *at = in->next;
    if (!*at)
        fabric->in_last = at;
    free(in);
    fabric->rung = false;
    fabric->look = LOOK_SOON;
    return frame;
}

void pf_fabric_keep(struct pf_fabric *fabric, int from, struct pf_frame *frame)
{
    struct incoming *in = calloc(1, sizeof *in), **at = &fabric->kept;

    if (!in)
        abort();
    in->frame = frame;
    in->from = from;
    while (*at)
        at = &(*at)->next;
    *at = in;
}

struct pf_frame *pf_fabric_kept(struct pf_fabric *fabric, int *from)
{
    struct incoming *in = fabric->kept;
    struct pf_frame *frame;

    if (!in)
        return NULL;
    fabric->kept = in->next;
    frame = in->frame;
    *from = in->from;
    free(in);
    return frame;
}

const char *pf_fabric_bell(const struct pf_fabric *fabric)
{
    return fabric->bell.name;
}

void pf_fabric_meet(struct pf_fabric *fabric, int rank, const char *bell)
{
    if (fabric->met[rank])
        fabric->silent -= !fabric->bells[rank][0];
    else
        fabric->acquainted++;
    fabric->met[rank] = true;
    strncpy(fabric->bells[rank], bell, PF_BELL_NAME - 1);
    if (!fabric->bells[rank][0])
        fabric->silent++;
}

void pf_fabric_ring(struct pf_fabric *fabric, int rank)
{
    if (fabric->bells[rank][0] && !pf_bell_ring(&fabric->bell, fabric->bells[rank]))
        pf_fabric_meet(fabric, rank, ""); /* not of this node after all */
}

bool pf_fabric_arm(struct pf_fabric *fabric, struct pf_nap *nap)
{
    if (pf_bell_rung(&fabric->bell)) {
        fabric->rung = true;
        return true;
    }
    if (fabric->in && deliverable(fabric))
        return true;
    pf_nap_add(nap, fabric->bell.fd);
    if (fabric->acquainted && !fabric->silent && !fabric->out && !fabric->in && !fabric->rung) {
        pf_nap_until(nap, pf_now() + LOOK_RUNG);
        return false;
    }
    pf_nap_until(nap, pf_now() + fabric->look);
    fabric->look *= 2;
    if (fabric->look >= LOOK_LAZY) {
        fabric->look = LOOK_LAZY;
        fabric->rung = false;
    }
    return false;
}

void pf_fabric_nap(struct pf_fabric *fabric, int64_t until)
{
    struct pf_nap nap = {.until = until};

    if (!pf_fabric_arm(fabric, &nap))
        pf_nap_take(&nap);
}

void pf_fabric_end(struct pf_fabric *fabric)
{
    int over;

    MPI_Finalized(&over);
    while (fabric->out && !over) {
        move_out(fabric);
        if (fabric->out)
            pf_fabric_nap(fabric, pf_now() + LOOK_LAZY);
    }
    pf_bell_free(&fabric->bell);
    if (!over) {
        MPI_Comm_free(&fabric->comm);
        if (fabric == here.world && here.ours && !here.ending)
            MPI_Finalize();
    }
    if (fabric == here.world)
        here.world = NULL;
    here.fabrics--;
    free(fabric->bells);
    free(fabric->met);
    free(fabric);
}

_Noreturn void pf_fabric_abort(int code)
{
    MPI_Abort(MPI_COMM_WORLD, code);
    abort();
}
