/* duct.h - frames of any size between a driver and one worker process, through shared memory.
 *
 * A duct is two rings (ring.h) in one memfd, and two doorbells (eventfds). What does not fit into
 * its ring right now waits in a backlog of the sender's; what is larger than PF_BODY_MAX goes in
 * pieces and is put together by the receiver. No call blocks: a sender with a backlog calls pump
 * again when its bell has rung. No name in any file system, so nothing can be left behind.
 *
 * The worker's bell is rung only when the worker said that it sleeps; the driver's (one for all
 * its ducts) whenever the worker asks for it, which it does once a batch, and when there is room
 * for a backlog of the driver's.
 */
#ifndef PF_WIRE_DUCT_H
#define PF_WIRE_DUCT_H

#include "base/error.h"
#include "wire/ring.h"
#include "wire/words.h"

struct pf_duct;

/* Driver: makes the memory. `bell` is the driver's own; the worker's is made here. */
int pf_duct_create(struct pf_duct **duct, int bell, struct pinfold_error *err);

/* What a worker process needs to attach: memory, its own bell, the driver's. Owned by the duct. */
#define PF_DUCT_FDS 3
void pf_duct_fds(const struct pf_duct *duct, int fds[PF_DUCT_FDS]);

/* Worker: takes the descriptors over, also when it fails. 0 or -errno. */
int pf_duct_attach(struct pf_duct **duct, const int fds[PF_DUCT_FDS]);

void pf_duct_close(struct pf_duct *duct);

/* Sending. reserve returns NULL only when memory is out. A frame from reserve must be committed;
 * its size may be made smaller first. On the worker's side `ring` asks for the driver's bell. */
struct pf_frame *pf_duct_reserve(struct pf_duct *duct, size_t body);
void pf_duct_commit(struct pf_duct *duct, struct pf_frame *frame, bool ring);

/* Whether reserve would find this much in the ring. */
bool pf_duct_has_room(struct pf_duct *duct, size_t body);

/* Takes a reservation back instead. */
void pf_duct_abandon(struct pf_duct *duct, struct pf_frame *frame);

/* Moves the backlog on; true when it is empty. */
bool pf_duct_pump(struct pf_duct *duct);

/* Receiving: the next frame or NULL; it stays valid until it is released, in any order. */
struct pf_frame *pf_duct_next(struct pf_duct *duct);
void pf_duct_release(struct pf_duct *duct, struct pf_frame *frame);
bool pf_duct_broken(const struct pf_duct *duct); /* the other side wrote nonsense */

/* Driver, after the worker's death: the frame that it was filling (its `count` items are good),
 * or NULL; and what it last wrote into its word. */
struct pf_frame *pf_duct_draft(struct pf_duct *duct);
uint32_t pf_duct_was_busy(const struct pf_duct *duct);

/* Worker: the word that is not 0 while it is inside user code (work/link.h). */
_Atomic uint32_t *pf_duct_busy(struct pf_duct *duct);

/* What the worker says of what it is at. It writes this, its owner reads it, also after its death. */
struct pf_present {
    _Atomic uint64_t call;   /* whose batch it is running; 0: none */
    _Atomic uint64_t item;   /* which of its items it began last */
    _Atomic int64_t kill_at; /* when its task is to be killed, by pf_now here and there; 0: never */
};
struct pf_present *pf_duct_present(struct pf_duct *duct);

/* Worker: sleeps until the bell rings or `until` (pf_now's time). Returns at once when there is
 * something. */
void pf_duct_wait(struct pf_duct *duct, int64_t until);

/* Worker: wakes the driver, and sleeps until it has made room in the ring, or until then. */
void pf_duct_wait_for_room(struct pf_duct *duct, int64_t until);

/* What the worker says of its own death. */
struct pf_words *pf_duct_words(struct pf_duct *duct);

#endif
