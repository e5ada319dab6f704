/* limit.h - how long the task that is being run may take (pinfold_call.limit).
 *
 *   begin ──────────── over ─────────── kill_at
 *     the task runs     │  it is cancelled,   │  its process is killed, where it is one of its own
 *                       │  whatever it returns│  (port/guard.h)
 *                       └──── the grace ──────┘
 *
 * A call of a range function has the time of all its items together. Where there is no limit, no
 * clock is read.
 */
#ifndef PF_WORK_LIMIT_H
#define PF_WORK_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pf_present;

struct pf_limit {
    int64_t each;               /* for one item, in ns; 0: none */
    int64_t over;               /* when the present task's time is over; PF_NEVER: it has none */
    struct pf_present *present; /* where that is said to who may kill; NULL: nobody may */
};

/* How long after its limit a task is killed: a quarter of it, at least 50 ms, at most 5 s. */
int64_t pf_limit_grace(int64_t limit);

/* A task of so many items begins. It ends: whether it has overrun its limit. */
void pf_limit_begin(struct pf_limit *limit, size_t items);
bool pf_limit_end(struct pf_limit *limit);

#endif
