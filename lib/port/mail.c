/* mail.c - see mail.h.
 *
 * Large frames: a count of MPI's is an int, and one message of gigabytes is where MPIs differ. So a
 * frame above PF_LARGE goes as its header, with TAG like any other, and its body behind it in pieces
 * of PIECE bytes with TAG_BODY. Whoever got the header knows how many there are, asks for memory
 * once, and has MPI write them to where they are read. The pieces of a rank follow each other in the
 * order of its headers, since the receiver begins no body before that of the one before is there.
 */
#include "port/mail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "port/port.h"

#define TAG      1 /* what a frame is, its header says */
#define TAG_BODY 2
#define PIECE    ((size_t)16 << 20)

struct outgoing {
    struct outgoing *next;
    struct pf_frame *frame;
    int pieces, sent;
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

void pf_mail_setup(struct pf_mail *mail)
{
    mail->in_last = &mail->in;
}

_Noreturn void pf_mail_abort(int code)
{
    struct pf_nap nap = {.until = pf_now() + 100 * PF_MS};

    pf_nap_take(&nap);
    MPI_Abort(MPI_COMM_WORLD, code);
    abort();
}

/* Without this much there is no way to go on, and a rank that only waits would hold up all. */
static _Noreturn void die(const struct pf_mail *mail, size_t size)
{
    int rank;

    MPI_Comm_rank(mail->comm, &rank);
    dprintf(STDERR_FILENO, "%s: rank %d is out of memory for a message of %zu bytes\n",
            program_invocation_short_name, rank, size);
    pf_mail_abort(1);
}

static struct outgoing *new_outgoing(struct pf_mail *mail, struct pf_frame *frame, size_t pieces)
{
    size_t size = sizeof(struct outgoing) + pieces * sizeof(MPI_Request);
    struct outgoing *out = calloc(1, size);

    if (!out)
        die(mail, size);
    out->frame = frame;
    out->pieces = (int)pieces;
    return out;
}

/* One after the other: MPI goes on with all of them whichever is asked for. */
static bool is_sent(struct outgoing *out)
{
    int done = 0;

    for (; out->sent < out->pieces; out->sent++) {
        MPI_Test(&out->requests[out->sent], &done, MPI_STATUS_IGNORE);
        if (!done)
            return false;
    }
    return true;
}

/* Small ones are sent at once. */
static void settle(struct pf_mail *mail, struct outgoing *out)
{
    if (is_sent(out)) {
        pf_frame_free(out->frame);
        free(out);
        return;
    }
    out->next = mail->out;
    mail->out = out;
    mail->stirred = true;
}

/* One message, of the frame's first `size` bytes. */
static void post_whole(struct pf_mail *mail, int to, struct pf_frame *frame, size_t size)
{
    struct outgoing *out = new_outgoing(mail, frame, 1);

    MPI_Isend(frame, (int)size, MPI_BYTE, to, TAG, mail->comm, out->requests);
    settle(mail, out);
}

static size_t piece_at(size_t at, size_t size)
{
    return size - at < PIECE ? size - at : PIECE;
}

/* The header is a copy: others may hold the frame, and MPI must have what it sends for itself. */
static void post_apart(struct pf_mail *mail, int to, struct pf_frame *frame)
{
    struct pf_frame *head = pf_frame_new(PF_KIND_NONE, 0);
    struct outgoing *out = new_outgoing(mail, frame, (frame->size + PIECE - 1) / PIECE);
    MPI_Request *request = out->requests;

    if (!head)
        die(mail, sizeof *head);
    *head = *frame;
    atomic_init(&head->others, 0);
    post_whole(mail, to, head, sizeof *head);
    for (size_t at = 0; at < frame->size; at += PIECE)
        MPI_Isend(frame->body + at, (int)piece_at(at, frame->size), MPI_BYTE, to, TAG_BODY,
                  mail->comm, request++);
    settle(mail, out);
}

void pf_mail_post(struct pf_mail *mail, int to, struct pf_frame *frame)
{
    if (frame->size > PF_LARGE)
        post_apart(mail, to, frame);
    else
        post_whole(mail, to, frame, sizeof *frame + frame->size);
}

static void move_out(struct pf_mail *mail)
{
    struct outgoing **at = &mail->out;

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
static void move_in(struct pf_mail *mail)
{
    for (;;) {
        struct incoming *in;
        MPI_Status status;
        int there = 0, size = 0;

        MPI_Iprobe(MPI_ANY_SOURCE, TAG, mail->comm, &there, &status);
        if (!there)
            return;
        MPI_Get_count(&status, MPI_BYTE, &size);
        if (size < (int)sizeof *in->frame)
            abort(); /* nobody of ours sends that */
        in = calloc(1, sizeof *in);
        if (!in || !(in->frame = pf_frame_new(PF_KIND_NONE, (size_t)size - sizeof *in->frame)))
            die(mail, (size_t)size);
        in->from = status.MPI_SOURCE;
        MPI_Irecv(in->frame, size, MPI_BYTE, in->from, TAG, mail->comm, &in->request);
        *mail->in_last = in;
        mail->in_last = &in->next;
    }
}

static void ask_for_piece(struct pf_mail *mail, struct incoming *in)
{
    unsigned char *to = in->scratch ? in->scratch : in->frame->body + in->got;

    in->asked = piece_at(in->got, in->size);
    MPI_Irecv(to, (int)in->asked, MPI_BYTE, in->from, TAG_BODY, mail->comm, &in->request);
    mail->stirred = true;
}

/* Where there is no memory for the body, it is received all the same, and whom the frame is for
 * learns that it is lost. */
static void begin_body(struct pf_mail *mail, struct incoming *in)
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
            die(mail, in->size);
    }
    pf_frame_came(in->frame, frame != NULL);
    ask_for_piece(mail, in);
}

/* Moves on the first frame of its rank; whether it is there. */
static bool advance(struct pf_mail *mail, struct incoming *in)
{
    int done = 1;

    while (in->state != WHOLE) {
        MPI_Test(&in->request, &done, MPI_STATUS_IGNORE);
        if (!done)
            return false;
        in->got += in->asked;
        if (in->state == HEAD && in->frame->size > PF_LARGE) {
            begin_body(mail, in);
        } else if (in->got < in->size) {
            ask_for_piece(mail, in);
        } else {
            free(in->scratch);
            in->state = WHOLE;
        }
    }
    return true;
}

/* The first complete frame with no incomplete one of the same rank before it. */
static struct incoming **deliverable(struct pf_mail *mail)
{
    for (struct incoming **at = &mail->in; *at; at = &(*at)->next) {
        struct incoming *in = *at;
        bool blocked = false;
        for (struct incoming *before = mail->in; before != in && !blocked; before = before->next)
            blocked = before->from == in->from;
        if (!blocked && advance(mail, in))
            return at;
    }
    return NULL;
}

struct pf_frame *pf_mail_next(struct pf_mail *mail, int *from)
{
    struct incoming **at, *in;
    struct pf_frame *frame;

    if (mail->out)
        move_out(mail);
    move_in(mail);
    at = deliverable(mail);
    if (!at)
        return NULL;
    in = *at;
    frame = in->frame;
    *from = in->from;
    *at = in->next;
    if (!*at)
        mail->in_last = at;
    free(in);
    return frame;
}

bool pf_mail_there(struct pf_mail *mail)
{
    return mail->in && deliverable(mail);
}

bool pf_mail_under_way(const struct pf_mail *mail)
{
    return mail->out || mail->in;
}

bool pf_mail_stirred(struct pf_mail *mail)
{
    bool stirred = mail->stirred;

    mail->stirred = false;
    return stirred;
}

bool pf_mail_gone(struct pf_mail *mail)
{
    move_out(mail);
    return !mail->out;
}
