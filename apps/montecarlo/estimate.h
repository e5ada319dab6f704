/* estimate.h - from what the paths paid, to prices and how sure they are. */
#ifndef MONTECARLO_ESTIMATE_H
#define MONTECARLO_ESTIMATE_H

#include "kernel.h"

struct estimate {
    double value, error; /* and its standard error */
};

/* Of the mean payoffs over n paths, not discounted. */
struct estimate estimate_arithmetic(const struct tally *sum, uint64_t n);
struct estimate estimate_geometric(const struct tally *sum, uint64_t n);

/* The arithmetic one, better: the two averages are nearly alike, so where the geometric one is off
 * its known mean, the other is too, by about as much. */
struct estimate estimate_controlled(const struct tally *sum, uint64_t n, double known);

#endif
