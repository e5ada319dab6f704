/* geometric.h - the option on the geometric average, which has a formula. */
#ifndef MONTECARLO_GEOMETRIC_H
#define MONTECARLO_GEOMETRIC_H

#include "terms.h"

/* What it will pay in the mean, not discounted. */
double geometric_mean_payoff(const struct terms *terms);

#endif
