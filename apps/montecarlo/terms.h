/* terms.h - what is priced, and how: as people ask for it, in the words of the command line. */
#ifndef MONTECARLO_TERMS_H
#define MONTECARLO_TERMS_H

#include <stdbool.h>
#include <stdint.h>

/* The right to the average of the prices at the ends of `steps` equal spans, for the strike. */
struct terms {
    double spot, strike;     /* the price today, and what the average is bought for */
    double rate, volatility; /* a year, both 0.05 for 5 % */
    double years;
    uint64_t steps, paths, seed;
};

extern const struct terms terms_default;

/* Reads the word behind the option --NAME. NULL: it is in the terms. Else what is wanted there,
 * and the terms are as they were: "a number from 100 to 1000000000". */
const char *terms_read(struct terms *terms, const char *name, const char *word);

#endif
