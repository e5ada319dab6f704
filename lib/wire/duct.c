/* duct.c - see duct.h.
 *
 * Sleeping without losing a wake-up: the worker sets `asleep`, then looks into its ring again,
 * then sleeps; the driver publishes, then looks at `asleep`. A sequentially consistent fence
 * between the two steps on both sides makes sure that at least one of them sees the other
 * (Dekker's argument), and an eventfd keeps a ring that came before the sleep. In the other
 * direction it is the same: the driver with a backlog says that it is `starved`, then looks for
 * room again; the worker gives room back, then looks at `starved`.
 */
#include "wire/duct.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"

#define CONTROL_SIZE 65536 /* keeps the rings at multiples of every page size */

struct control {
    struct pf_ring_shared ring[2];        /* 0: driver to worker, 1: worker to driver */
    _Alignas(64) _Atomic uint32_t asleep; /* the worker sleeps, or is about to */
    _Atomic uint32_t starved;             /* the driver waits for room, as `roomy` means it */
    _Alignas(64) _Atomic uint32_t busy;
    struct pf_present present;
    struct pf_words words;
};
_Static_assert(sizeof(struct control) <= CONTROL_SIZE, "the rings begin behind it");

struct waiting { /* a frame of the backlog */
    struct waiting *next;
    struct pf_frame *frame;
    size_t sent; /* bytes of it that went in pieces so far */
};

struct pf_duct {
    bool worker; /* which end this is */
    struct control *control;
    struct pf_ring out, in;
    int fds[PF_DUCT_FDS]; /* memory, worker's bell, driver's bell */
    struct waiting *first, **last;
    struct pf_frame *whole; /* being put together from pieces */
    size_t whole_size, whole_got, whole_room;
    bool broken;
};

static int map(struct pf_duct *duct)
{
    struct pf_ring *down = duct->worker ? &duct->in : &duct->out;
    struct pf_ring *up = duct->worker ? &duct->out : &duct->in;
    int status;

    duct->control = mmap(NULL, CONTROL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, duct->fds[0], 0);
    if (duct->control == MAP_FAILED) {
        duct->control = NULL;
        return -errno;
    }
    status = pf_ring_map(down, &duct->control->ring[0], duct->fds[0], CONTROL_SIZE);
    if (status == 0)
        status =
            pf_ring_map(up, &duct->control->ring[1], duct->fds[0], CONTROL_SIZE + PF_RING_SIZE);
    return status;
}

int pf_duct_create(struct pf_duct **out, int bell, struct pinfold_error *err)
{
    struct pf_duct *duct = calloc(1, sizeof *duct);
    int status;

    if (!duct)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a worker's rings");
    duct->last = &duct->first;
    duct->fds[0] = memfd_create("pinfold", MFD_CLOEXEC);
    duct->fds[1] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    duct->fds[2] = bell;
    if (duct->fds[0] < 0 || duct->fds[1] < 0 ||
        ftruncate(duct->fds[0], CONTROL_SIZE + 2 * PF_RING_SIZE) != 0)
        status = -errno;
    else
        status = map(duct);
    if (status != 0) {
        duct->fds[2] = -1;
        pf_duct_close(duct);
        return pf_fail(err, PINFOLD_E_SYSTEM, "cannot make shared memory for a worker: %s",
                       strerror(-status));
    }
    *out = duct;
    return 0;
}

void pf_duct_fds(const struct pf_duct *duct, int fds[PF_DUCT_FDS])
{
    memcpy(fds, duct->fds, sizeof duct->fds);
}

int pf_duct_attach(struct pf_duct **out, const int fds[PF_DUCT_FDS])
{
    struct pf_duct *duct = calloc(1, sizeof *duct);
    int status;

    if (!duct) {
        for (int i = 0; i < PF_DUCT_FDS; i++)
            close(fds[i]);
        return -ENOMEM;
    }
    duct->worker = true;
    duct->last = &duct->first;
    memcpy(duct->fds, fds, sizeof duct->fds);
    status = map(duct);
    if (status != 0) {
        pf_duct_close(duct);
        return status;
    }
    *out = duct;
    return 0;
}

void pf_duct_close(struct pf_duct *duct)
{
    if (!duct)
        return;
    while (duct->first) {
        struct waiting *w = duct->first;
        duct->first = w->next;
        pf_frame_free(w->frame);
        free(w);
    }
    free(duct->whole);
    pf_ring_unmap(&duct->in);
    pf_ring_unmap(&duct->out);
    if (duct->control)
        munmap(duct->control, CONTROL_SIZE);
    for (int i = 0; i < PF_DUCT_FDS; i++)
        if (duct->fds[i] >= 0 && (i < 2 || duct->worker)) /* the driver's bell is not ours */
            close(duct->fds[i]);
    free(duct);
}

static void ring_bell(int fd)
{
    uint64_t one = 1;
    ssize_t ignored = write(fd, &one, sizeof one); /* EAGAIN: it rings already */
    (void)ignored;
}

/* The driver's way to the worker's ear. */
static void rouse(struct pf_duct *duct)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (!duct->worker && atomic_load_explicit(&duct->control->asleep, memory_order_relaxed))
        ring_bell(duct->fds[1]);
}

struct pf_frame *pf_duct_reserve(struct pf_duct *duct, size_t body)
{
    struct pf_frame *frame = NULL;

    if (body <= PF_BODY_MAX && !duct->first)
        frame = pf_ring_reserve(&duct->out, body);
    return frame ? frame : pf_frame_new(PF_KIND_NONE, body);
}

bool pf_duct_has_room(struct pf_duct *duct, size_t body)
{
    return !duct->first && body <= PF_BODY_MAX && pf_ring_reserve(&duct->out, body);
}

/* One frame of the backlog, or the next piece of it, into the ring. False: no room. */
static bool pump_one(struct pf_duct *duct, struct waiting *w)
{
    size_t total = sizeof *w->frame + w->frame->size;
    struct pf_frame *slot;

    if (w->frame->size <= PF_BODY_MAX) {
        slot = pf_ring_reserve(&duct->out, w->frame->size);
        if (!slot)
            return false;
        /* The header last: should we die in between, what lies there is no frame (ring.h, draft). */
        memcpy(slot->body, w->frame->body, w->frame->size);
        atomic_signal_fence(memory_order_release);
        *slot = *w->frame;
        w->sent = total;
    } else {
        size_t left = total - w->sent;
        size_t part = left < PF_BODY_MAX ? left : PF_BODY_MAX;
        slot = pf_ring_reserve(&duct->out, part);
        if (!slot)
            return false;
        slot->kind = PF_PIECE;
        slot->count = total;
        memcpy(slot->body, (unsigned char *)w->frame + w->sent, part);
        w->sent += part;
    }
    pf_ring_commit(&duct->out, slot);
    return true;
}

/* Half of the ring is free: more than any frame takes. */
static bool roomy(const struct pf_ring *out)
{
    return out->mine - atomic_load_explicit(&out->shared->tail, memory_order_acquire) <=
           PF_RING_SIZE / 2;
}

/* Before the driver leaves a backlog behind: the worker shall ring when there is room. */
static bool starve(struct pf_duct *duct)
{
    if (duct->worker)
        return false;
    atomic_store_explicit(&duct->control->starved, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    return roomy(&duct->out);
}

bool pf_duct_pump(struct pf_duct *duct)
{
    bool moved = false;

    while (duct->first) {
        struct waiting *w = duct->first;
        if (!pump_one(duct, w)) {
            if (starve(duct))
                continue; /* there is room since we looked */
            break;
        }
        moved = true;
        if (w->sent == sizeof *w->frame + w->frame->size) {
            duct->first = w->next;
            if (!duct->first)
                duct->last = &duct->first;
            pf_frame_free(w->frame);
            free(w);
        }
    }
    if (moved)
        rouse(duct);
    if (duct->worker && (moved || duct->first))
        ring_bell(duct->fds[2]); /* to read what came, or to make room */
    return !duct->first;
}

void pf_duct_commit(struct pf_duct *duct, struct pf_frame *frame, bool ring)
{
    if (pf_ring_holds(&duct->out, frame)) {
        pf_ring_commit(&duct->out, frame);
        rouse(duct);
    } else {
        struct waiting *w = calloc(1, sizeof *w);
        if (!w)
            abort(); /* 24 bytes: there is no way to go on, and none to say so */
        w->frame = frame;
        *duct->last = w;
        duct->last = &w->next;
        pf_duct_pump(duct);
    }
    if (duct->worker && ring)
        ring_bell(duct->fds[2]);
}

void pf_duct_abandon(struct pf_duct *duct, struct pf_frame *frame)
{
    if (pf_ring_holds(&duct->out, frame))
        atomic_store_explicit(&duct->out.shared->draft, 0, memory_order_relaxed);
    else
        free(frame);
}

/* The first piece has the header at least. Where there is no memory for the rest, that goes by. */
static void begin_whole(struct pf_duct *duct, const struct pf_frame *piece)
{
    size_t head = sizeof *duct->whole;

    if (piece->size < head || piece->count < head || piece->count - head > PF_FRAME_MAX)
        return;
    duct->whole_size = duct->whole_room = piece->count;
    duct->whole_got = 0;
    duct->whole = pf_frame_new(PF_KIND_NONE, piece->count - head);
    if (duct->whole)
        return;
    duct->whole_room = head;
    duct->whole = pf_frame_new(PF_KIND_NONE, 0);
}

static void add_piece(struct pf_duct *duct, const struct pf_frame *piece)
{
    size_t room = duct->whole_got < duct->whole_room ? duct->whole_room - duct->whole_got : 0;

    memcpy((unsigned char *)duct->whole + duct->whole_got, piece->body,
           piece->size < room ? piece->size : room);
    duct->whole_got += piece->size;
}

/* Adds a piece; the whole frame when it was the last one. */
static struct pf_frame *assemble(struct pf_duct *duct, struct pf_frame *piece)
{
    struct pf_frame *done;

    if (!duct->whole)
        begin_whole(duct, piece);
    if (!duct->whole || piece->size > duct->whole_size - duct->whole_got) {
        duct->broken = true;
        return NULL;
    }
    add_piece(duct, piece);
    if (duct->whole_got < duct->whole_size)
        return NULL;
    done = duct->whole;
    if (done->size != duct->whole_size - sizeof *done) {
        duct->broken = true;
        return NULL;
    }
    duct->whole = NULL;
    pf_frame_came(done, duct->whole_room == duct->whole_size);
    return done;
}

static void give_back(struct pf_duct *duct, struct pf_frame *frame)
{
    const struct pf_ring *in = &duct->in;

    pf_ring_release(&duct->in, frame);
    rouse(duct); /* a worker may wait for the room */
    if (duct->worker && atomic_load_explicit(&duct->control->starved, memory_order_relaxed) &&
        atomic_load_explicit(&in->shared->head, memory_order_acquire) -
                atomic_load_explicit(&in->shared->tail, memory_order_relaxed) <=
            PF_RING_SIZE / 2) {
        atomic_store_explicit(&duct->control->starved, 0, memory_order_relaxed);
        ring_bell(duct->fds[2]);
    }
}

struct pf_frame *pf_duct_next(struct pf_duct *duct)
{
    for (;;) {
        struct pf_frame *frame = duct->broken ? NULL : pf_ring_next(&duct->in, &duct->broken);
        if (!frame || frame->kind != PF_PIECE)
            return frame;
        struct pf_frame *whole = assemble(duct, frame);
        give_back(duct, frame);
        if (whole)
            return whole;
    }
}

void pf_duct_release(struct pf_duct *duct, struct pf_frame *frame)
{
    if (pf_ring_holds(&duct->in, frame))
        give_back(duct, frame);
    else
        pf_frame_free(frame);
}

bool pf_duct_broken(const struct pf_duct *duct)
{
    return duct->broken;
}

struct pf_frame *pf_duct_draft(struct pf_duct *duct)
{
    struct pf_frame *draft = pf_ring_draft(&duct->in);

    return draft && draft->size <= PF_BODY_MAX ? draft : NULL;
}

uint32_t pf_duct_was_busy(const struct pf_duct *duct)
{
    return atomic_load_explicit(&duct->control->busy, memory_order_acquire);
}

_Atomic uint32_t *pf_duct_busy(struct pf_duct *duct)
{
    return &duct->control->busy;
}

struct pf_present *pf_duct_present(struct pf_duct *duct)
{
    return &duct->control->present;
}

struct pf_words *pf_duct_words(struct pf_duct *duct)
{
    return &duct->control->words;
}

/* Something arrived, or there is room again for who waits for it. */
static bool due(const struct pf_duct *duct, bool room_alone)
{
    const struct pf_ring *in = &duct->in, *out = &duct->out;

    if (!room_alone && atomic_load_explicit(&in->shared->head, memory_order_acquire) != in->mine)
        return true;
    return (room_alone || duct->first) && roomy(out);
}

static void doze(struct pf_duct *duct, bool room_alone, int64_t until)
{
    struct pollfd bell = {.fd = duct->fds[1], .events = POLLIN};
    uint64_t count;

    atomic_store_explicit(&duct->control->asleep, 1, memory_order_relaxed);
    atomic_thread_fence(memory_order_seq_cst);
    if (!due(duct, room_alone)) {
        int64_t left = until == PF_NEVER ? 3600 * PF_S : until - pf_now();
        if (left > 0) {
            struct timespec t = {.tv_sec = left / PF_S, .tv_nsec = left % PF_S};
            ppoll(&bell, 1, &t, NULL);
        }
    }
    atomic_store_explicit(&duct->control->asleep, 0, memory_order_relaxed);
    ssize_t ignored = read(duct->fds[1], &count, sizeof count); /* EAGAIN: it did not ring */
    (void)ignored;
}

void pf_duct_wait(struct pf_duct *duct, int64_t until)
{
    doze(duct, false, until);
}

void pf_duct_wait_for_room(struct pf_duct *duct, int64_t until)
{
    ring_bell(duct->fds[2]); /* the driver may sleep over all that fills the ring */
    doze(duct, true, until);
}
