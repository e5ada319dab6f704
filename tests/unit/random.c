/* Random streams. All seeds are fixed: what is measured here is the same in every run, and the
 * bounds, of five standard errors and more, only say that it is as it should be. */
#include "unit.h"

#include <math.h>

#include "pinfold_random.h"

/* ---- The generator */

/* From tests/kat_vectors of Random123: "philox4x64 10". */
static void philox__has_the_known_answers(void **state)
{
    static const struct {
        philox4x64_ctr_t counter;
        philox4x64_key_t key;
        philox4x64_ctr_t answer;
    } known[] = {
        {{{0}},
         {{0}},
         {{0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}}},
        {{{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}},
         {{UINT64_MAX, UINT64_MAX}},
         {{0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0}}},
        {{{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89}},
         {{0x452821e638d01377, 0xbe5466cf34e90c6c}},
         {{0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}}},
    };
    struct pinfold_random random;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        philox4x64_ctr_t answer = philox4x64(known[i].counter, known[i].key);
        assert_memory_equal(&answer, &known[i].answer, sizeof answer);
    }
    pinfold_random_start(&random, 0, 0); /* the first of them is a stream's */
    for (int i = 0; i < 4; i++)
        assert_true(pinfold_random_u64(&random) == known[0].answer.v[i]);
}

/* Who has results wants the same ones of the next release: so where seed, stream and block go is
 * pinned too, to what a Philox written apart, in Python's integers of any size, made of
 * philox(key = (seed, 0), counter = (block, 0, stream, 0)). */
static void stream__is_the_same_for_ever(void **state)
{
    static const uint64_t expected[] = {0xff7e98c944a9e21f, 0x37b5cfefc06d74ab, 0x574c849bdd6f4b18,
                                        0x5d82176c2839be50, 0x16166276c95aa5e1, 0xa058384e85771a89,
                                        0x0a9abba44f4cf184, 0xc96874e8f4b58b2e};
    struct pinfold_random random;

    (void)state;
    pinfold_random_start(&random, 20261125, UINT64_C(1) << 40);
    for (int i = 0; i < 6; i++)
        assert_true(pinfold_random_u64(&random) == expected[i]);
    pinfold_random_skip(&random, UINT64_C(4) << 60);
    for (int i = 6; i < 8; i++)
        assert_true(pinfold_random_u64(&random) == expected[i]);
}

/* ---- Where a stream is */
static void skip__is_as_many_draws(void **state)
{
    (void)state;
    for (unsigned before = 0; before < 9; before++)
        for (unsigned n = 0; n < 40; n++) {
            struct pinfold_random drawn, skipped;
            pinfold_random_start(&drawn, 7, 9);
            pinfold_random_start(&skipped, 7, 9);
            for (unsigned i = 0; i < before; i++)
                assert_true(pinfold_random_u64(&drawn) == pinfold_random_u64(&skipped));
            for (unsigned i = 0; i < n; i++)
                pinfold_random_u64(&drawn);
            pinfold_random_skip(&skipped, n);
            for (int i = 0; i < 9; i++)
                assert_true(pinfold_random_u64(&drawn) == pinfold_random_u64(&skipped));
        }
}

static void skip__goes_round_the_whole_stream(void **state)
{
    struct pinfold_random random;
    uint64_t first[3];

    (void)state;
    pinfold_random_start(&random, 7, 9);
    for (int i = 0; i < 3; i++)
        first[i] = pinfold_random_u64(&random);
    for (int i = 0; i < 4; i++) /* 2^66 in all */
        pinfold_random_skip(&random, UINT64_MAX);
    pinfold_random_skip(&random, 1);
    for (int i = 0; i < 3; i++)
        assert_true(pinfold_random_u64(&random) == first[i]);
}

static void every_call__takes_one_number(void **state)
{
    struct pinfold_random random;
    uint64_t numbers[8];

    (void)state;
    pinfold_random_start(&random, 11, 5);
    for (int i = 0; i < 8; i++)
        numbers[i] = pinfold_random_u64(&random);
    pinfold_random_start(&random, 11, 5);
    assert_int_equal(pinfold_random_u32(&random), numbers[0] >> 32);
    assert_true(pinfold_random_uniform(&random) == ldexp((double)(numbers[1] >> 11), -53));
    assert_true(pinfold_random_normal(&random) == pinfold_random_deviate_(numbers[2]));
    pinfold_random_skip(&random, 1);
    assert_true(pinfold_random_u64(&random) == numbers[4]);
    pinfold_random_normal(&random);
    pinfold_random_u32(&random);
    assert_true(pinfold_random_u64(&random) == numbers[7]);
}

/* ---- What they have to do with each other: nothing */
static int ascending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void streams__share_no_number(void **state)
{
    enum { SIDE = 32 };
    static uint64_t drawn[SIDE * SIDE * SIDE]; /* of 2^64: by chance, none is twice */
    size_t n = 0;

    (void)state;
    for (uint64_t seed = 0; seed < SIDE; seed++)
        for (uint64_t stream = 0; stream < SIDE; stream++) {
            struct pinfold_random random;
            pinfold_random_start(&random, seed, stream);
            for (int i = 0; i < SIDE; i++)
                drawn[n++] = pinfold_random_u64(&random);
        }
    qsort(drawn, n, sizeof drawn[0], ascending);
    for (size_t i = 1; i < n; i++)
        assert_true(drawn[i] != drawn[i - 1]);
}

/* Of independent numbers it has mean 0 and standard error 1 / sqrt(n). */
static double correlation(struct pinfold_random a, struct pinfold_random b, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += (pinfold_random_uniform(&a) - 0.5) * (pinfold_random_uniform(&b) - 0.5);
    return 12 * sum / n;
}

static void neighbours__are_uncorrelated(void **state)
{
    enum { N = 10000 };
    double squares = 0;

    (void)state;
    for (uint64_t i = 0; i < 200; i++) {
        struct pinfold_random here, next, other;
        pinfold_random_start(&here, 3, i);
        pinfold_random_start(&next, 3, i + 1);
        pinfold_random_start(&other, 4, i);
        double streams = correlation(here, next, N), seeds = correlation(here, other, N);
        pinfold_random_skip(&next, 1);
        double shifted = correlation(here, next, N);
        assert_true(fabs(streams) < 5 / sqrt(N));
        assert_true(fabs(shifted) < 5 / sqrt(N));
        assert_true(fabs(seeds) < 5 / sqrt(N));
        squares += (streams * streams + shifted * shifted + seeds * seeds) * N;
    }
    /* They are too small together no more than too large: 600 squares of about 1 each. */
    assert_true(fabs(squares - 600) < 5 * sqrt(2 * 600));
}

/* Item by item, as a map of one number each would draw them: across the streams, not along. */
static void first_numbers__are_a_stream_too(void **state)
{
    enum { N = 1000000, CELLS = 64 };
    static unsigned cells[CELLS * CELLS];
    struct pinfold_random random;
    double sum = 0, squares = 0, chi = 0, expected = (double)N / (CELLS * CELLS), last, u;

    (void)state;
    pinfold_random_start(&random, 5, UINT64_MAX);
    last = pinfold_random_uniform(&random);
    for (uint64_t i = 0; i < N; i++, last = u) {
        pinfold_random_start(&random, 5, i);
        u = pinfold_random_uniform(&random);
        assert_true(u >= 0 && u < 1);
        sum += u;
        squares += u * u;
        cells[(int)(CELLS * last) * CELLS + (int)(CELLS * u)]++; /* of pairs */
    }
    assert_true(fabs(sum / N - 1.0 / 2) < 5 * sqrt(1.0 / 12 / N));
    assert_true(fabs(squares / N - 1.0 / 3) < 5 * sqrt(4.0 / 45 / N));
    for (int i = 0; i < CELLS * CELLS; i++) {
        double off = cells[i] - expected;
        chi += off * off / expected;
    }
    /* Chi squared, of mean k and variance 2 k. */
    assert_true(fabs(chi - (CELLS * CELLS - 1)) < 5 * sqrt(2 * (CELLS * CELLS - 1)));
}

/* ---- What is made of them */
static void uniform__is_from_0_to_below_1(void **state)
{
    struct pinfold_random random = {.used = 0};

    (void)state;
    random.numbers[0] = 0;
    random.numbers[1] = UINT64_MAX;
    random.numbers[2] = UINT64_C(1) << 11;
    random.numbers[3] = UINT64_C(1) << 63;
    assert_true(pinfold_random_uniform(&random) == 0);
    assert_true(pinfold_random_uniform(&random) == 1 - ldexp(1, -53));
    assert_true(pinfold_random_uniform(&random) == ldexp(1, -53));
    assert_true(pinfold_random_uniform(&random) == 0.5);
}

static void normal__has_the_moments_of_one(void **state)
{
    enum { N = 2000000 };
    /* The mean of the k-th power, and of its square: 1 3 5 ... (k - 1) and 1 3 ... (2 k - 1). */
    static const double mean[] = {1, 0, 1, 0, 3, 0, 15}, square[] = {1, 1, 3, 15, 105, 945, 10395};
    struct pinfold_random random;
    double sum[7] = {0};
    unsigned beyond[5] = {0}; /* of k standard deviations, either way */

    (void)state;
    pinfold_random_start(&random, 6, 1);
    for (int i = 0; i < N; i++) {
        double x = pinfold_random_normal(&random), power = 1;
        for (int k = 1; k < 7; k++)
            sum[k] += power *= x;
        for (int k = 1; k < 5; k++)
            beyond[k] += fabs(x) > k;
    }
    for (int k = 1; k < 7; k++)
        assert_true(fabs(sum[k] / N - mean[k]) < 5 * sqrt((square[k] - mean[k] * mean[k]) / N));
    for (int k = 1; k < 5; k++) {
        double p = erfc(k / sqrt(2));
        assert_true(fabs(beyond[k] - p * N) < 5 * sqrt(p * (1 - p) * N));
    }
}

/* That it is the inverse, by libm's integral of the distribution. An error of the deviate x is x
 * times as large in the probability, so the bound allows for some units in the last place. */
static void normal__inverts_the_distribution(void **state)
{
    uint64_t seed = 23;

    (void)state;
    for (int i = 0; i < 1000000; i++) {
        /* Shifted, so that tails are met as often as the middle. */
        uint64_t other = random_below(&seed, UINT64_C(1) << 53) << 10;
        other >>= random_below(&seed, 63);
        double p = ((double)(int64_t)other + 0.5) / 18446744073709551616.0;
        double x = pinfold_random_deviate_(other);
        assert_true(x >= 0 && x < 9.2);
        assert_true(fabs(erfc(x / sqrt(2)) / 2 / p - 1) < 1e-15 * (4 + x * x * 4));
        assert_true(pinfold_random_deviate_(other | UINT64_C(1) << 63) == -x);
    }
}

/* Fowler, Noll and Vo's FNV-1a, of 64 bits. */
static inline uint64_t digest(uint64_t so_far, double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof bits);
    for (int i = 0; i < 64; i += 8)
        so_far = (so_far ^ (bits >> i & 0xff)) * 0x100000001b3;
    return so_far;
}

/* Those of a stream, and tails that no stream of this length has. */
static inline uint64_t digest_of_normals(void)
{
    struct pinfold_random random;
    uint64_t all = 0xcbf29ce484222325;

    pinfold_random_start(&random, 1, 1);
    for (int i = 0; i < 200000; i++)
        all = digest(all, pinfold_random_normal(&random));
    for (int i = 0; i < 200000; i++)
        all = digest(all, pinfold_random_deviate_(pinfold_random_u64(&random) >> (i & 63)));
    return all;
}

#define DIGEST 0xb757bcd37ddd558c

/* Pinned, whatever the compiler, its options, the processor and libm: to what the same steps came to
 * in Python. */
static void normal__has_the_same_bits_everywhere(void **state)
{
    (void)state;
    assert_true(digest_of_normals() == DIGEST);
}

#if defined(__x86_64__)
/* Compiled for a processor that fuses multiplication and addition, where the compiler would. */
__attribute__((target("fma"), flatten)) static uint64_t digest_with_fma(void)
{
    return digest_of_normals();
}
#endif

static void normal__has_the_same_bits_where_multiplications_could_be_fused(void **state)
{
    (void)state;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("fma")) {
        assert_true(digest_with_fma() == DIGEST);
        return;
    }
#endif
    skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(philox__has_the_known_answers),
        cmocka_unit_test(stream__is_the_same_for_ever),
        cmocka_unit_test(skip__is_as_many_draws),
        cmocka_unit_test(skip__goes_round_the_whole_stream),
        cmocka_unit_test(every_call__takes_one_number),
        cmocka_unit_test(streams__share_no_number),
        cmocka_unit_test(neighbours__are_uncorrelated),
        cmocka_unit_test(first_numbers__are_a_stream_too),
        cmocka_unit_test(uniform__is_from_0_to_below_1),
        cmocka_unit_test(normal__has_the_moments_of_one),
        cmocka_unit_test(normal__inverts_the_distribution),
        cmocka_unit_test(normal__has_the_same_bits_everywhere),
        cmocka_unit_test(normal__has_the_same_bits_where_multiplications_could_be_fused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
