/* pinfold_random.h - a stream of random numbers for every item.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The numbers of an item depend on the seed and on its index, on nothing else: a Monte Carlo so
 * has the same answer with any number of workers, any chunks, on every backend.
 *
 *     static int walk(pinfold_task *task)
 *     {
 *         struct pinfold_random random;
 *         pinfold_random_start(&random, seed, pinfold_task_index(task));
 *         ... pinfold_random_normal(&random) ...
 *     }
 *
 * A seed has 2^64 streams of 2^66 numbers each, after which a stream begins anew. To start one
 * costs nothing. An item that wants several takes index * several + 0, 1, ...
 *
 * Every call takes one number of 64 bits from its stream, whatever is made of it: so
 * pinfold_random_skip knows where it is.
 *
 * The same seed gives the same bits with every compiler, option, processor and C library, where
 * doubles are those of IEEE 754 and rounded to the nearest, as is the default on x86-64 (the old
 * x87 has others, and -ffast-math makes others). None of this is for secrets.
 *
 * This header needs those of Random123 to compile (Debian, Ubuntu: librandom123-dev; Fedora:
 * Random123-devel), on a machine that multiplies 64 bits by 64; and programs that use it need -lm.
 * Pinfold itself does not: all of it is compiled into the program, its struct too, which therefore
 * has no `size`. What ends in an underscore is not for others. Collective: no, none of it. Any
 * thread, each with streams of its own.
 */
#ifndef PINFOLD_RANDOM_H
#define PINFOLD_RANDOM_H

#include <Random123/philox.h>
#include <math.h>
#include <stdint.h>

#if !R123_USE_PHILOX_64BIT
#error "pinfold_random.h needs a compiler that multiplies 64 bits by 64"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The generator is Philox4x64-10: J. Salmon, M. Moraes, R. Dror and D. Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3", SC11, doi:10.1145/2063384.2063405. It turns a counter of 256 bits
 * into four numbers under a key. The key is the seed, the counter (block, 0, stream, 0). For one
 * key it is a bijection: no two streams of a seed share a block of four, at any place. Another
 * seed is another bijection.
 *
 * Of its family the one with words of 64 bits was chosen over Philox4x32-10, whose counter would
 * hold both numbers too: a block gives four doubles and not two, for as many multiplications. */
struct pinfold_random {
    uint64_t seed, stream;
    uint64_t block; /* the one that `numbers` are of, once it was made */
    uint64_t numbers[4];
    unsigned used; /* of them; 4: the next block is to be made */
};

static inline void pinfold_random_block_(uint64_t seed, uint64_t stream, uint64_t block,
                                         uint64_t numbers[4])
{
    philox4x64_key_t key;
    philox4x64_ctr_t counter;
    int i;

    key.v[0] = seed;
    key.v[1] = 0;
    counter.v[0] = block;
    counter.v[1] = 0;
    counter.v[2] = stream;
    counter.v[3] = 0;
    counter = philox4x64(counter, key);
    for (i = 0; i < 4; i++)
        numbers[i] = counter.v[i];
}

/* Begins a stream, at its beginning. `stream` is the item's index. */
static inline void pinfold_random_start(struct pinfold_random *random, uint64_t seed,
                                        uint64_t stream)
{
    random->seed = seed;
    random->stream = stream;
    random->block = UINT64_MAX; /* before block 0 */
    random->used = 4;
}

/* All 64 bits. */
static inline uint64_t pinfold_random_u64(struct pinfold_random *random)
{
    if (random->used == 4) {
        pinfold_random_block_(random->seed, random->stream, ++random->block, random->numbers);
        random->used = 0;
    }
    return random->numbers[random->used++];
}

/* The upper 32 of them. */
static inline uint32_t pinfold_random_u32(struct pinfold_random *random)
{
    return (uint32_t)(pinfold_random_u64(random) >> 32);
}

/* As n calls of any of the others, in no time. */
static inline void pinfold_random_skip(struct pinfold_random *random, uint64_t n)
{
    if (n <= 4 - random->used) {
        random->used += (unsigned)n;
        return;
    }
    n -= 4 - random->used;
    random->block += 1 + n / 4;
    random->used = (unsigned)(n % 4);
    pinfold_random_block_(random->seed, random->stream, random->block, random->numbers);
}

/* From 0 to below 1: the upper 53 bits, so all multiples of 2^-53 alike. */
static inline double pinfold_random_uniform(struct pinfold_random *random)
{
    return (double)(pinfold_random_u64(random) >> 11) * (1.0 / 9007199254740992.0);
}

/* ---- Normal ---------------------------------------------------------------------------------
 * By inversion: the number is taken for a probability p, and where the normal distribution reaches
 * it is the result. So one number makes one deviate, with no rejection and nothing kept. The
 * inverse is algorithm AS 241, PPND16, good to about 16 digits: M. Wichura, "The percentage points
 * of the normal distribution", Applied Statistics 37 (1988), 477-484, doi:10.2307/2347330. The
 * coefficients are from there.
 *
 * The bits: libm's log, sin and cos choose their code by processor, with fused multiplication or
 * without, and are not the same in all releases. Only sums, products, quotients and roots are
 * used here, for which IEEE 754 leaves one result, and a logarithm made of them. Compilers too fuse
 * a * b + c where the target can (-march=native): pinfold_random_product_ keeps them from it. */
static inline double pinfold_random_product_(double a, double b)
{
    double product = a * b;
#if defined(__x86_64__) && defined(__GNUC__)
    __asm__("" : "+x"(product)); /* nothing: but the compiler cannot see that */
#elif defined(__aarch64__) && defined(__GNUC__)
    __asm__("" : "+w"(product));
#else
    volatile double kept = product;
    product = kept;
#endif
    return product;
}

/* Two polynomials of the seventh degree, the highest coefficient first: upper(x) / lower(x). */
static inline double pinfold_random_ratio_(const double upper[8], const double lower[8], double x)
{
    double above = upper[0], below = lower[0];
    int i;

    for (i = 1; i < 8; i++) {
        above = pinfold_random_product_(above, x) + upper[i];
        below = pinfold_random_product_(below, x) + lower[i];
    }
    return above / below;
}

/* The natural logarithm: of x = m 2^e, m near 1, it is e ln 2 + 2 artanh((m - 1) / (m + 1)). The
 * series of artanh z is z + z^3 / 3 + z^5 / 5 + ...; z is below 0.172, and z^23 / 23 nothing. */
static inline double pinfold_random_log_(double x)
{
    static const double odd[] = {1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11,
                                 1.0 / 9,  1.0 / 7,  1.0 / 5,  1.0 / 3,  1.0};
    int exponent, i;
    double m = frexp(x, &exponent), z, square, sum = odd[0];

    if (m < 0.70710678118654752) {
        m *= 2;
        exponent--;
    }
    z = (m - 1) / (m + 1);
    square = pinfold_random_product_(z, z);
    for (i = 1; i < 11; i++)
        sum = pinfold_random_product_(sum, square) + odd[i];
    return pinfold_random_product_(exponent, 0.69314718055994531) +
           pinfold_random_product_(2 * z, sum);
}

/* The deviate that a number stands for. Its highest bit is the sign. The others, and a half
 * behind them, are the probability p of one that lies farther out: from 2^-65, so that deviates
 * reach 9.1, to 1/2. */
static inline double pinfold_random_deviate_(uint64_t number)
{
    static const double middle[2][8] = {
        {2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
         13731.693765509461125, 1971.5909503065514427, 133.14166789178437745,
         3.3871328727963666080},
        {5226.4952788528545610, 28729.085735721942674, 39307.895800092710610, 21213.794301586595867,
         5394.1960214247511077, 687.18700749205790830, 42.313330701600911252, 1.0}};
    static const double far[2][8] = {
        {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
         1.27045825245236838258, 3.64784832476320460504, 5.76949722146069140550,
         4.63033784615654529590, 1.42343711074968357734},
        {1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
         1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940,
         2.05319162663775882187, 1.0}};
    static const double farther[2][8] = {
        {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
         2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580,
         5.46378491116411436990, 6.65790464350110377720},
        {2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
         7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
         5.99832206555887937690e-1, 1.0}};
    int64_t others = (int64_t)(number & (UINT64_MAX >> 1));
    double p = ((double)others + 0.5) * (1.0 / 18446744073709551616.0);
    double deviate = 0.5 - p, r;

    if (deviate <= 0.425) {
        r = 0.180625 - pinfold_random_product_(deviate, deviate);
        deviate *= pinfold_random_ratio_(middle[0], middle[1], r);
    } else {
        r = sqrt(-pinfold_random_log_(p));
        deviate = r <= 5 ? pinfold_random_ratio_(far[0], far[1], r - 1.6)
                         : pinfold_random_ratio_(farther[0], farther[1], r - 5);
    }
    return number >> 63 ? -deviate : deviate;
}

/* Of mean 0 and variance 1. */
static inline double pinfold_random_normal(struct pinfold_random *random)
{
    return pinfold_random_deviate_(pinfold_random_u64(random));
}

#ifdef __cplusplus
}
#endif
#endif
