/* mail.h - frames on a communicator: what is on its way, to and from its ranks.
 *
 * Nothing blocks: sends and receives are kept until MPI is done with them, and moved on whenever
 * somebody looks. Frames from one rank come in order. When to look is not decided here: port/mpi.c
 * does, which this is a part of.
 */
#ifndef PF_PORT_MAIL_H
#define PF_PORT_MAIL_H

#include <mpi.h>

#include "wire/frame.h"

struct outgoing;
struct incoming;

struct pf_mail {
    MPI_Comm comm;
    struct outgoing *out;
    struct incoming *in, **in_last;
    bool stirred; /* something was begun that MPI moves on only while we look */
};

/* The communicator is set, all else is zero. */
void pf_mail_setup(struct pf_mail *mail);

/* Sends a frame of pf_frame_new, and takes it. */
void pf_mail_post(struct pf_mail *mail, int to, struct pf_frame *frame);

/* The next frame that is complete, and who sent it; NULL: none. The caller frees it. */
struct pf_frame *pf_mail_next(struct pf_mail *mail, int *from);

/* Whether one that was announced is complete; whether anything is under way, to or from us; whether
 * something was begun since this was asked last; whether all that was posted is sent. */
bool pf_mail_there(struct pf_mail *mail);
bool pf_mail_under_way(const struct pf_mail *mail);
bool pf_mail_stirred(struct pf_mail *mail);
bool pf_mail_gone(struct pf_mail *mail);

/* Kills the whole job, once what this rank has said last had time to be read: a launcher may forget
 * what it finds unread at an abort (MPICH 4.0's did once in 400 times). */
_Noreturn void pf_mail_abort(int code);

#endif
