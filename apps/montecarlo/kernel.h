/* kernel.h - a block of paths, as a task. */
#ifndef MONTECARLO_KERNEL_H
#define MONTECARLO_KERNEL_H

#include <pinfold.h>

enum { KERNEL_PATHS = 1024 };

/* What every path needs to know: the call's shared bytes. */
struct model {
    uint64_t seed, steps;
    double spot, strike;
    double drift, spread; /* of the logarithm of the price, in a step: its mean and deviation */
};

struct block {
    uint64_t first, count; /* of its paths */
};

/* What the paths of a block, or of several, paid: the sums of the payoffs on the arithmetic and on
 * the geometric average, and of their products. */
struct tally {
    double a, g, aa, ag, gg;
};

/* Input: a block. Output: a tally. */
int kernel_task(pinfold_task *task);

#endif
