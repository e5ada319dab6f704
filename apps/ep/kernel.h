/* kernel.h - one block of the EP benchmark: 2^16 pairs of random numbers, as a task. */
#ifndef EP_KERNEL_H
#define EP_KERNEL_H

#include <pinfold.h>

enum { KERNEL_LOG2_PAIRS = 16, KERNEL_PAIRS = 1 << KERNEL_LOG2_PAIRS, KERNEL_RINGS = 10 };

/* What a block, or several together, came to. */
struct tally {
    double sx, sy;                /* sums of the Gaussian deviates */
    uint64_t rings[KERNEL_RINGS]; /* pairs with l <= max(|X|, |Y|) < l + 1 */
};

/* Runs block first + index, where first (uint64_t) is the call's shared bytes. No input; the
 * output is a tally. */
int kernel_task(pinfold_task *task);

#endif
