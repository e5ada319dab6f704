/* line.h - the futures of one queue that have the same priority, in the order of their turn.
 *
 * A queue has a line for each priority that unfinished futures have, the highest first, and one
 * that is always there. A line is kept as long as one of its futures is waiting or running, so that
 * one that comes back finds its place without asking for memory.
 */
#ifndef PF_TASK_LINE_H
#define PF_TASK_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

struct pinfold_future;
TAILQ_HEAD(pf_futures, pinfold_future);

struct pf_line {
    struct pf_line *next;
    int priority;
    size_t members; /* unfinished futures, waiting or running; the one that stays counts as one */
    struct pf_futures waiting;
};

/* The list of a queue, with the line that stays. */
void pf_line_setup(struct pf_line **lines, struct pf_line *usual, int priority);

/* The line of this priority, made when there is none, with one member more. NULL: out of memory. */
struct pf_line *pf_line_join(struct pf_line **lines, int priority);

/* A member is finished; the last one takes the line with it. */
void pf_line_leave(struct pf_line **lines, struct pf_line *line);

/* The one in which somebody waits, of the highest priority; NULL: nobody does. */
struct pf_line *pf_line_first(struct pf_line *lines);

#endif
