/* exponential.c - see exponential.h.
 *
 * libm's picks its code by processor, and workers may have several kinds. So this one has only
 * sums, products and quotients, for which IEEE 754 leaves one result: x = k ln 2 + r, with r
 * between -ln(2) / 2 and ln(2) / 2, and the series 1 + r (1 + r/2 (1 + r/3 (1 + ...))) of e^r. Its
 * 14th term is below 1e-17.
 */
#include "exponential.h"

#include <math.h>

double exponential(double x)
{
    static const double ln2 = 0.69314718055994531;
    static const double inverse[] = {1.0 / 13, 1.0 / 12, 1.0 / 11, 1.0 / 10, 1.0 / 9,
                                     1.0 / 8,  1.0 / 7,  1.0 / 6,  1.0 / 5,  1.0 / 4,
                                     1.0 / 3,  1.0 / 2,  1.0};
    int k = (int)(x / ln2 + (x < 0 ? -0.5 : 0.5));
    double r = x - k * ln2, series = 1;

    for (unsigned i = 0; i < sizeof inverse / sizeof inverse[0]; i++)
        series = 1 + r * inverse[i] * series;
    return ldexp(series, k);
}
