/* chunk.c - see chunk.h.
 *
 * A batch costs both sides a wake-up (some 10 µs), so it should be worth BATCH_NS of work: then
 * that is a fraction of a percent. It may not be worth more, since a batch cannot be divided when
 * another worker runs dry. Towards the end it is at most 1/(2 W) of what remains, which is guided
 * self-scheduling (Polychronopoulos and Kuck, IEEE Trans. Computers C-36 (1987) 1425) with half of
 * its share, as factoring does (Hummel, Schonberg, Flynn, CACM 35 (1992) 90): uneven items then do
 * not leave one worker behind.
 *
 * As long as nothing was measured, and while the measure may be of an odd first item, a batch is
 * at most GROWTH times the last one that the worker is done with, beginning with a single item; and
 * what lies ahead of it is at most GROWTH such batches. The first items that are answered for are
 * the shortest, and would promise too much.
 *
 * A worker gets more before it runs dry: AHEAD_NS of work, which covers the driver's sleep. One
 * batch of longer items is given ahead too, so that no worker ever waits for the driver, but not
 * near the end, nor for items so long that the wait is nothing beside them: what lies ahead of a
 * busy worker cannot be given to an idle one. Beyond two batches, it gets no more than AHEAD_BYTES:
 * half of its ring, so that memory is bounded and nothing is copied twice. Of items of PF_HUGE_BYTES and
 * more it gets none ahead: to hold one more costs more than to wait for it.
 */
#include "plan/chunk.h"

#define BATCH_NS 5e6
#define AHEAD_NS 10e6
#define LONG_NS  100e6
#define GROWTH   4

#define AHEAD_BYTES 131072.0

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int enough(const struct pf_chunk_facts *facts)
{
    double ahead_ns = (double)facts->ahead * facts->item_ns;
    double ahead_bytes = (double)facts->ahead * (double)facts->item_size;

    if (facts->batches_ahead == 0)
        return 0;
    if (facts->batches_ahead >= PF_BATCHES_AHEAD || facts->item_size >= PF_HUGE_BYTES)
        return 1;
    if (facts->batches_ahead >= 2 && (facts->item_ns == 0 || ahead_bytes >= AHEAD_BYTES))
        return 1;
    if (!facts->fixed && facts->ahead >= GROWTH * GROWTH * (facts->last ? facts->last : 1))
        return 1;
    if (facts->item_ns == 0 || ahead_ns < AHEAD_NS)
        return 0;
    return facts->batches_ahead > 1 || facts->item_ns > LONG_NS ||
           facts->remaining < 2 * (size_t)facts->workers;
}

size_t pf_chunk(const struct pf_chunk_facts *facts)
{
    size_t share = facts->remaining / (2 * (size_t)facts->workers);
    size_t n;

    if (facts->remaining == 0 || enough(facts))
        return 0;
    if (facts->fixed)
        return least(least(facts->fixed, facts->fit), facts->remaining);
    n = facts->last ? facts->last * GROWTH : 1;
    if (facts->item_ns > 0 && (double)n * facts->item_ns > BATCH_NS)
        n = (size_t)(BATCH_NS / facts->item_ns);
    n = least(least(n, facts->fit), share);
    return n ? n : 1;
}
