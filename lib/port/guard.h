/* guard.h - ends a worker process that does not end its task: one that overruns its limit, or that
 * nobody waits for any more.
 *
 * Frames say what may happen: a BATCH how long its items may take, a CANCEL how long its call, or
 * its item, is borne. The worker says what it is at (struct pf_present of wire/duct.h), and nobody
 * need be told of either. A task that begins right now is not overdue before its limit is over: so while a
 * worker is between two tasks, one look for each limit is enough, and none where it has nothing.
 *
 * Between the look and the death the worker may have gone on to another task. Then what it says
 * after its death is not what it was killed for, and nobody is blamed.
 */
#ifndef PF_PORT_GUARD_H
#define PF_PORT_GUARD_H

#include "port/port.h"
#include "wire/duct.h"

/* What nobody waits for any more. */
struct pf_sentence {
    uint64_t call, item;
    bool alone; /* the item, and no other of the call */
};
struct pf_condemned; /* one whose time comes */

struct pf_guard {
    uint64_t owed; /* items that the worker has not answered for */
    int64_t limit; /* the shortest of theirs; 0: none has any */
    struct pf_condemned *condemned;
    bool killed; /* for this task, or call, or item of it: */
    int64_t killed_at;
    struct pf_sentence killed_for; /* call 0: none */
};

/* What goes to the worker, and what comes from it. */
void pf_guard_sent(struct pf_guard *guard, const struct pf_frame *frame);
void pf_guard_came(struct pf_guard *guard, const struct pf_frame *frame);

/* Whether the worker is to be killed now. It says so once. */
bool pf_guard_look(struct pf_guard *guard, struct pf_duct *duct, int64_t now);

/* When to look again. */
void pf_guard_arm(const struct pf_guard *guard, struct pf_duct *duct, struct pf_nap *nap);

/* What a death by a signal of ours was for: changes `busy` and `code` of the loss. */
void pf_guard_explain(const struct pf_guard *guard, struct pf_duct *duct, struct pf_event *loss);

/* There is a new worker, or there will be none. */
void pf_guard_clear(struct pf_guard *guard);

#endif
