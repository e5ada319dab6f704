/* spare.c - see spare.h.
 *
 * A worker runs what it has one by one, so an item begins when those ahead of it are done, and these
 * take what items take on the whole. It must then be done in time itself, and may be as long as the
 * longest so far: one that is begun in vain is work that the next job does again. A caller who says
 * what an item takes means the longest. He may be wrong: where items were seen to take more on the
 * whole, that counts. As long as nothing is known, a worker begins one item and gets none ahead, which
 * it would begin before we knew better.
 */
#include "plan/spare.h"

static double most(double a, double b)
{
    return a > b ? a : b;
}

size_t pf_spare_fit(const struct pf_spare_facts *facts)
{
    double each = most(facts->estimate, facts->item_ns);
    double longest = facts->estimate > 0 ? each : most(facts->longest_ns, each);
    double fit;

    if (!(facts->left > 0))
        return 0;
    if (!(each > 0))
        return facts->ahead == 0;
    if (longest > facts->left)
        return 0;
    fit = (facts->left - longest) / each + 1 - (double)facts->ahead;
    return fit < 1 ? 0 : fit < 1e18 ? (size_t)fit : (size_t)1e18;
}

double pf_spare_margin(double wish, double left)
{
    if (wish > 0)
        return wish;
    return left / 10 < PF_SPARE_MARGIN ? left / 10 : PF_SPARE_MARGIN;
}
