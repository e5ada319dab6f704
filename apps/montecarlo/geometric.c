/* geometric.c - see geometric.h.
 *
 * The logarithm of the geometric average is a mean of normal deviates, and so is one. With n steps
 * over T years its mean is ln S + (r - v^2 / 2) T (n + 1) / 2n, its variance
 * v^2 T (n + 1) (2n + 1) / 6n^2; what a call on something lognormal pays is known since Black and
 * Scholes. A. Kemna and A. Vorst, "A pricing method for options based on average asset values",
 * Journal of Banking and Finance 14 (1990), 113-129, doi:10.1016/0378-4266(90)90039-5, who also
 * have it as a control.
 *
 * This runs on the driver alone, so libm is good enough.
 */
#include "geometric.h"

#include <math.h>

static double normal_below(double x)
{
    return erfc(-x / sqrt(2)) / 2;
}

double geometric_mean_payoff(const struct terms *terms)
{
    double n = (double)terms->steps, variance_a_year = terms->volatility * terms->volatility;
    double mean =
        log(terms->spot) + (terms->rate - variance_a_year / 2) * terms->years * (n + 1) / (2 * n);
    double variance = variance_a_year * terms->years * (n + 1) * (2 * n + 1) / (6 * n * n);
    double d = (mean - log(terms->strike)) / sqrt(variance);

    return exp(mean + variance / 2) * normal_below(d + sqrt(variance)) -
           terms->strike * normal_below(d);
}
