/* match.c - see match.h.
 *
 * Augmenting paths: a matching is as large as possible exactly when no path leads from an asker
 * without a seat, along a seat that he may have to its holder, along another seat that the
 * holder may have to *its* holder, ..., to a free seat (C. Berge, Two theorems in graph theory,
 * PNAS 43, 1957; H. W. Kuhn, The Hungarian method for the assignment problem, Naval Research
 * Logistics Quarterly 2, 1955). Along such a path everybody moves on by one, and one more has a
 * seat:
 *
 *     asker 2 ── seat 0 ══ asker 0 ── seat 1 (free)      2 takes 0, and 0 moves to 1
 *
 * Breadth first, so that the shortest path is taken: nobody moves as long as a seat that the
 * new asker may have is free. An asker that wants several seats is several askers.
 */
#include "host/match.h"

#include <stdlib.h>

struct search {
    const bool *may;
    int nseats, each;
    int *holder; /* of a seat, or -1 */
    int *from;   /* of a seat that was reached: by which asker; else -1 */
    int *queue;  /* askers */
};

/* Finds a free seat for `asker`, moving others; false: there is none. */
static bool seat_one(struct search *search, int *seat_of, int asker)
{
    int head = 0, tail = 0, free_seat = -1;

    for (int seat = 0; seat < search->nseats; seat++)
        search->from[seat] = -1;
    search->queue[tail++] = asker;
    while (head < tail && free_seat < 0) {
        int now = search->queue[head++];
        const bool *may = search->may + (size_t)(now / search->each) * (size_t)search->nseats;

        for (int seat = 0; seat < search->nseats; seat++) {
            if (!may[seat] || search->from[seat] >= 0)
                continue;
            search->from[seat] = now;
            if (search->holder[seat] < 0) {
                free_seat = seat;
                break;
            }
            search->queue[tail++] = search->holder[seat];
        }
    }
    for (int seat = free_seat; seat >= 0;) {
        int mover = search->from[seat], left = seat_of[mover];

        search->holder[seat] = mover;
        seat_of[mover] = seat;
        seat = mover == asker ? -1 : left;
    }
    return free_seat >= 0;
}

int pf_match(int *seat_of, const bool *may, int naskers, int nseats, int each)
{
    struct search search = {.may = may, .nseats = nseats, .each = each};
    int total = naskers * each, given = 0;

    search.holder = malloc(sizeof(int) * (size_t)(nseats + 1));
    search.from = malloc(sizeof(int) * (size_t)(nseats + 1));
    search.queue = malloc(sizeof(int) * (size_t)(nseats + 2));
    if (!search.holder || !search.from || !search.queue)
        given = -1;
    for (int seat = 0; given >= 0 && seat < nseats; seat++)
        search.holder[seat] = -1;
    for (int i = 0; i < total; i++)
        seat_of[i] = -1;
    for (int i = 0; given >= 0 && i < total; i++)
        given += seat_one(&search, seat_of, i);
    free(search.holder);
    free(search.from);
    free(search.queue);
    return given;
}
