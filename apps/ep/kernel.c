/* kernel.c - see kernel.h.
 *
 * The random numbers are those of NPB: x(0) = 271828183, x(k+1) = 5^13 x(k) mod 2^46, used as
 * x 2^-46. The reference computes them in halves of 23 bits with floating point; here a product
 * of 64-bit integers does it, exactly: what it loses is above bit 64, what we want below
 * bit 46.
 *
 * A pair (x, y) is stretched to (-1, 1)^2. If t = x^2 + y^2 <= 1, then x and y times
 * sqrt(-2 ln(t) / t) are two independent Gaussian deviates (Marsaglia's polar method).
 *
 * Speed: the generator is run in batches that stay in the first-level cache, on four
 * interleaved sequences, since one multiplication has to wait for the one before it. The pairs
 * inside the circle (pi/4 of them, in no order that a branch predictor could learn) are then
 * packed without a branch, and only these go through logarithm and root. All sums run in the
 * order of the pairs.
 */
#include "kernel.h"

#include <math.h>

static const uint64_t multiplier = 1220703125; /* 5^13 */
static const uint64_t seed = 271828183;
static const uint64_t mask = (UINT64_C(1) << 46) - 1;
static const double scale = 0x1p-45; /* 2 * 2^-46: onto (0, 2) */

enum { BATCH = 512, LANES = 4 }; /* pairs; numbers that are made side by side */

static uint64_t power(uint64_t base, uint64_t exponent)
{
    uint64_t result = 1;
    for (; exponent != 0; exponent >>= 1, base *= base)
        if (exponent & 1)
            result *= base;
    return result;
}

/* The next BATCH pairs, stretched to (-1, 1): x, y, x, y, ... */
static void generate(uint64_t lane[LANES], double numbers[2 * BATCH])
{
    const uint64_t stride = power(multiplier, LANES);

    for (int i = 0; i < 2 * BATCH; i += LANES)
        for (int k = 0; k < LANES; k++) {
            numbers[i + k] = (double)(int64_t)(lane[k] & mask) * scale - 1.0;
            lane[k] *= stride;
        }
}

/* Packs the pairs that lie in the circle to the front, and returns how many these are. */
static int pack(double numbers[2 * BATCH], double squares[BATCH])
{
    int kept = 0;

    for (int i = 0; i < BATCH; i++) {
        double x = numbers[2 * i], y = numbers[2 * i + 1], t = x * x + y * y;
        numbers[2 * kept] = x;
        numbers[2 * kept + 1] = y;
        squares[kept] = t;
        kept += t <= 1.0;
    }
    return kept;
}

static void gauss(struct tally *tally, const double *numbers, const double *squares, int count)
{
    for (int i = 0; i < count; i++) {
        double factor = sqrt(-2.0 * log(squares[i]) / squares[i]);
        double x = numbers[2 * i] * factor, y = numbers[2 * i + 1] * factor;
        double ring = fabs(x) > fabs(y) ? fabs(x) : fabs(y);
        tally->rings[(int)ring]++;
        tally->sx += x;
        tally->sy += y;
    }
}

int kernel_task(pinfold_task *task)
{
    const uint64_t *first = pinfold_task_shared(task).data;
    uint64_t block = *first + pinfold_task_index(task);
    struct tally *out = pinfold_task_out(task, sizeof *out), tally = {0};
    double numbers[2 * BATCH], squares[BATCH];
    uint64_t lane[LANES];

    /* The first number used is x(1) of the first pair of block 0. */
    lane[0] = seed * power(multiplier, 2 * KERNEL_PAIRS * block + 1);
    for (int k = 1; k < LANES; k++)
        lane[k] = lane[k - 1] * multiplier;
    for (int i = 0; i < KERNEL_PAIRS; i += BATCH) {
        generate(lane, numbers);
        gauss(&tally, numbers, squares, pack(numbers, squares));
    }
    *out = tally;
    return 0;
}
