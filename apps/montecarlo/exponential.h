/* exponential.h - e^x, the same bits wherever the program runs. */
#ifndef MONTECARLO_EXPONENTIAL_H
#define MONTECARLO_EXPONENTIAL_H

/* Good to some 1e-15 of the result, for x as small as those here: at 1000 it is 1e-13. What is too
 * small for a double is 0, what is too large infinite. */
double exponential(double x);

#endif
