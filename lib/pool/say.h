/* say.h - what the driver says to a worker (wire/kind.h). */
#ifndef PF_POOL_SAY_H
#define PF_POOL_SAY_H

#include "pool/engine.h"

/* Numbers a frame of the member's port, and sends it: all that the driver says goes this way, but for
 * frames that several get. */
void pf_say_commit(struct pf_member *member, struct pf_frame *frame);

/* A frame of this kind, with `head` and behind it the body of `tail` (NULL: none) as its own. */
void pf_say(struct pf_member *member, int kind, uint64_t call, const void *head, size_t head_size,
            const struct pf_frame *tail);

/* CANCEL: nobody waits for this call. A worker that can be ended alone, and is in a task of it still
 * when the grace (in ns) is over, is ended. */
void pf_say_cancel(struct pf_member *member, uint64_t call, int64_t grace);

/* The same for one item of it. */
void pf_say_cancel_item(struct pf_member *member, uint64_t call, uint64_t item, int64_t grace);

/* A frame that was made for several, who all get the same one. It stays the caller's. */
void pf_say_shared(struct pf_member *member, const struct pf_frame *frame);

/* STOP: what a rank is to return from its open. */
void pf_say_stop(struct pf_member *member, int code, const char *text);

/* INIT: who it is, and what the pool wants of it. It is starting then, and knows of no job. */
void pf_say_init(struct pf_engine *engine, struct pf_member *member);

#endif
