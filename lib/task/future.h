/* future.h - one submitted task, as its driver sees it.
 *
 *              taken by a worker        answered
 *   PENDING ───────────────────► RUNNING ───────► FINISHED     (a value, or an error)
 *      │  ◄──────────────────────   │
 *      │        its worker died, and it had not begun
 *      └── cancelled ─► CANCELLED
 *
 * A future has up to two holders: its owner, until pinfold_future_free, and its queue, until it is
 * complete and its callbacks have run. The last one frees it.
 */
#ifndef PF_TASK_FUTURE_H
#define PF_TASK_FUTURE_H

#include "task/queue.h"

struct pf_callback {
    struct pf_callback *next;
    pinfold_done_fn *fn;
    void *data;
};

struct pf_failure;
struct pf_family;

struct pinfold_future {
    TAILQ_ENTRY(pinfold_future) link; /* in its queue: waiting, or due; in a lot: the next */
    struct pf_queue *queue;           /* NULL when it is complete */
    struct pf_line *line;             /* its priority's, until it is complete */
    struct pf_family *family; /* it has made tasks, or is one of those; until it is complete */
    struct pinfold_group *group;
    TAILQ_ENTRY(pinfold_future) mates; /* in its group */
    struct pf_callback *callbacks;
    struct pf_failure *failure; /* FINISHED with an error */
    uint64_t age;               /* its number among all that the pool was asked for */
    size_t arg_size;            /* of the argument, also when the result took its place */
    uint64_t index;             /* its number in its queue: what the task sees */
    unsigned char *data;        /* the argument, then the result: `room`, or memory of its own */
    size_t size;
    uint16_t room_size; /* of `room` */
    uint8_t state;      /* enum pinfold_state */
    bool owned;         /* the user has it */
    bool calling;       /* its callbacks are run */
    bool framed;        /* data lies in a large frame, alone, and the future holds that */
    bool stopped;       /* nobody wants it run any more, nor the family that it is the root of */
    _Alignas(16) unsigned char room[];
};
_Static_assert(sizeof(struct pinfold_future) <= 128, "a million of them cost 128 MB");

/* A pending one that belongs to its queue alone; NULL: out of memory. */
struct pinfold_future *pf_future_new(struct pf_queue *queue, int priority, pinfold_bytes arg);

/* The frame that its argument lies in, ready to be sent, held for who asks; NULL: in none. */
struct pf_frame *pf_future_frame(const struct pinfold_future *future);

/* Gives the result away, as memory for free() (NULL: of 0 bytes). False: out of memory. */
bool pf_future_give(struct pinfold_future *future, pinfold_bytes *result);

/* ---- what the queue tells it. The future may be gone afterwards. */

/* `frame` is the one that the result lies in: it is held, rather than copied, when that is large. */
void pf_future_result(struct pinfold_future *future, pinfold_bytes result,
                      const struct pf_frame *frame);
void pf_future_fail(struct pinfold_future *future, const struct pinfold_error *error);
void pf_future_cancelled(struct pinfold_future *future);
void pf_future_complete_as(struct pinfold_future *future, enum pinfold_state state,
                           struct pf_failure *failure); /* takes the failure; NULL: none */
void pf_future_call(struct pinfold_future *future);     /* its callbacks are due now */
void pf_future_release(struct pinfold_future *future);  /* it is complete, and nobody is called */

/* The result takes the place of the argument. False: out of memory, as err says. */
bool pf_future_keep(struct pinfold_future *future, pinfold_bytes result,
                    const struct pf_frame *frame, struct pinfold_error *err);

/* Cancels it if it is pending and this process may. Calls nobody: pf_engine_settle does, later. */
bool pf_future_cancel(struct pinfold_future *future);

/* Whether its user stopped it, or the family that it is of; and then: it will never be done. */
bool pf_future_stopped(const struct pinfold_future *future);
void pf_future_fail_stopped(struct pinfold_future *future);

/* Whether a worker dropped it, since the time of its call was over. */
bool pf_future_dropped(const struct pinfold_future *future);

/* Whether it is not run, since the job ends early. */
bool pf_future_left_out(const struct pinfold_future *future);

/* Whether it is FINISHED or CANCELLED. */
bool pf_future_complete(const struct pinfold_future *future);

#endif
