/* estimate.c - see estimate.h.
 *
 * The control is the regression of the one payoff on the other: P. Glasserman, "Monte Carlo
 * Methods in Financial Engineering", 2003, section 4.1. Its slope comes from the same paths, which
 * biases the value by far less than its error.
 */
#include "estimate.h"

#include <math.h>

/* The covariance of two payoffs, from the sums of each and of their product. */
static double covariance(double x, double y, double xy, uint64_t n)
{
    return (xy - x * y / (double)n) / (double)(n - 1);
}

/* Where all paths paid the same, rounding may leave a variance below 0. */
static struct estimate estimate(double value, double variance, uint64_t n)
{
    return (struct estimate){value, variance > 0 ? sqrt(variance / (double)n) : 0};
}

struct estimate estimate_arithmetic(const struct tally *sum, uint64_t n)
{
    return estimate(sum->a / (double)n, covariance(sum->a, sum->a, sum->aa, n), n);
}

struct estimate estimate_geometric(const struct tally *sum, uint64_t n)
{
    return estimate(sum->g / (double)n, covariance(sum->g, sum->g, sum->gg, n), n);
}

struct estimate estimate_controlled(const struct tally *sum, uint64_t n, double known)
{
    double aa = covariance(sum->a, sum->a, sum->aa, n);
    double ag = covariance(sum->a, sum->g, sum->ag, n);
    double gg = covariance(sum->g, sum->g, sum->gg, n);
    double slope = gg > 0 ? ag / gg : 0;

    return estimate((sum->a - slope * (sum->g - (double)n * known)) / (double)n, aa - slope * ag,
                    n);
}
