/* mpi.c - see port/mpi.h.
 *
 * Waiting: peers on this node ring our bell when they want us awake, so the look every
 * LOOK_LAZY is only a safety net. A peer that cannot ring, an operation that MPI moves on only
 * while we look, and a ring whose message we have not seen yet (it may be a moment behind) make
 * us look again soon: after LOOK_SOON, then doubling up to LOOK_LAZY.
 */
#include "port/mpi.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/watchdog.h"
#include "port/bell.h"
#include "port/mail.h"

#define LOOK_SOON (50 * PF_US)
#define LOOK_LAZY (10 * PF_MS)
#define LOOK_RUNG (40 * PF_MS) /* where a bell tells us of each message */

struct kept {
    struct kept *next;
    struct pf_frame *frame;
    int from;
};

struct pf_fabric {
    struct pf_mail mail;
    int rank, size;
    struct pf_bell bell;
    char (*bells)[PF_BELL_NAME]; /* of all ranks */
    bool *met;                   /* those that know our bell, and how we ring them: */
    int acquainted, silent;      /* how many, and how many of them cannot be rung, nor ring */
    struct kept *kept;           /* frames that were put aside */
    bool rung;                   /* and no message seen since */
    int64_t look;                /* how long the next nap may be, when it must be short */
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

bool pf_fabric_mpi_ours(void)
{
    return here.owner == getpid() && here.ours;
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

    if (MPI_Comm_idup(comm, &fabric->mail.comm, &request) != MPI_SUCCESS)
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
    fabric->look = LOOK_SOON;
    watch_mpi();
    if (together)
        MPI_Comm_dup(comm, &fabric->mail.comm);
    else
        code = duplicate(fabric, comm, deadline, err);
    if (code)
        return code; /* not freed: MPI may still know of it */
    make_ours(fabric->mail.comm);
    MPI_Comm_rank(fabric->mail.comm, &fabric->rank);
    pf_mail_setup(&fabric->mail);
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

void pf_fabric_post(struct pf_fabric *fabric, int to, struct pf_frame *frame)
{
    pf_mail_post(&fabric->mail, to, frame);
}

struct pf_frame *pf_fabric_next(struct pf_fabric *fabric, int *from)
{
    struct pf_frame *frame = pf_mail_next(&fabric->mail, from);

    if (frame) {
        fabric->rung = false;
        fabric->look = LOOK_SOON;
    }
    return frame;
}

void pf_fabric_keep(struct pf_fabric *fabric, int from, struct pf_frame *frame)
{
    struct kept *kept = malloc(sizeof *kept), **at = &fabric->kept;

    if (!kept)
        abort();
    *kept = (struct kept){NULL, frame, from};
    while (*at)
        at = &(*at)->next;
    *at = kept;
}

struct pf_frame *pf_fabric_kept(struct pf_fabric *fabric, int *from)
{
    struct kept *kept = fabric->kept;
    struct pf_frame *frame;

    if (!kept)
        return NULL;
    fabric->kept = kept->next;
    frame = kept->frame;
    *from = kept->from;
    free(kept);
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
    if (pf_mail_there(&fabric->mail))
        return true;
    pf_nap_add(nap, fabric->bell.fd);
    if (fabric->acquainted && !fabric->silent && !pf_mail_under_way(&fabric->mail) &&
        !fabric->rung) {
        pf_nap_until(nap, pf_now() + LOOK_RUNG);
        return false;
    }
    if (pf_mail_stirred(&fabric->mail))
        fabric->look = LOOK_SOON;
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
    while (!over && !pf_mail_gone(&fabric->mail))
        pf_fabric_nap(fabric, pf_now() + LOOK_LAZY);
    pf_bell_free(&fabric->bell);
    if (!over) {
        MPI_Comm_free(&fabric->mail.comm);
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
    pf_mail_abort(code);
}
