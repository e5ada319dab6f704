/* How much a worker gets next: what must hold for any facts, and a simulation of workers with work
 * of many shapes. No clock: time is a number here. */
#include "unit.h"

#include <math.h>

#include "plan/chunk.h"

/* ---- one decision */
static void chunk__obeys_its_limits_whatever_the_facts(void **state)
{
    static const double times[] = {0, 1e-3, 1, 100, 1e4, 1e6, 1e8, 1e10, 1e30, INFINITY, NAN};
    uint64_t seed = 19;

    (void)state;
    for (int round = 0; round < 100000; round++) {
        struct pf_chunk_facts facts = {
            .remaining =
                random_below(&seed, 2) ? random_below(&seed, 20) : random_below(&seed, 1ull << 50),
            .workers = 1 + (int)random_below(&seed, random_below(&seed, 2) ? 4 : 100000),
            .fixed = random_below(&seed, 3) ? 0 : 1 + random_below(&seed, 1000),
            .fit = 1 + random_below(&seed, 60000),
            .item_size = random_below(&seed, 60000),
            .item_ns = times[random_below(&seed, COUNT_OF(times))],
            .last = random_below(&seed, 60000),
            .batches_ahead = (int)random_below(&seed, PF_BATCHES_AHEAD + 1),
        };
        size_t n;
        facts.ahead = facts.batches_ahead ? 1 + random_below(&seed, 100000) : 0;
        n = pf_chunk(&facts);
        assert_true(n <= facts.remaining);
        assert_true(n <= facts.fit);
        if (facts.batches_ahead == 0)
            assert_int_equal(n == 0, facts.remaining == 0);
        if (facts.batches_ahead == PF_BATCHES_AHEAD)
            assert_int_equal(n, 0);
        if (n > 0 && facts.fixed) {
            size_t least = facts.fixed < facts.fit ? facts.fixed : facts.fit;
            assert_int_equal(n, least < facts.remaining ? least : facts.remaining);
        }
    }
}

static void chunk__gives_one_huge_item_at_a_time(void **state)
{
    struct pf_chunk_facts facts = {
        .remaining = 100, .workers = 2, .fit = 1, .item_size = PF_HUGE_BYTES, .last = 1};

    (void)state;
    for (int i = 0; i < 2; i++) {
        facts.item_ns = i ? 1e6 : 0;
        facts.ahead = 0;
        facts.batches_ahead = 0;
        assert_int_equal(pf_chunk(&facts), 1);
        facts.ahead = 1;
        facts.batches_ahead = 1;
        assert_int_equal(pf_chunk(&facts), 0);
        facts.item_size--;
        assert_int_equal(pf_chunk(&facts), 1);
        facts.item_size++;
    }
}

static void chunk__begins_with_a_single_item(void **state)
{
    struct pf_chunk_facts facts = {.remaining = 1000000, .workers = 2, .fit = 1000};

    (void)state;
    assert_int_equal(pf_chunk(&facts), 1);
}

static void chunk__grows_for_short_items_to_what_a_batch_is_worth(void **state)
{
    struct pf_chunk_facts facts = {
        .remaining = 100000000, .workers = 2, .fit = 60000, .item_ns = 1000, .last = 1};
    size_t n = 0;

    (void)state;
    for (int i = 0; i < 20; i++)
        facts.last = n = pf_chunk(&facts);
    assert_in_range(n, 1000, 10000); /* milliseconds of work */
}

static void chunk__gives_long_items_one_by_one(void **state)
{
    struct pf_chunk_facts facts = {
        .remaining = 1000000, .workers = 2, .fit = 60000, .item_ns = 1e9, .last = 1000};

    (void)state;
    assert_int_equal(pf_chunk(&facts), 1);
    facts.batches_ahead = facts.ahead = 1;
    assert_int_equal(pf_chunk(&facts), 0); /* another may run dry first */
}

static void chunk__keeps_a_share_for_the_others_at_the_end(void **state)
{
    struct pf_chunk_facts facts = {
        .remaining = 100, .workers = 10, .fit = 60000, .item_ns = 1, .last = 60000};

    (void)state;
    assert_in_range(pf_chunk(&facts), 1, 10);
}

/* ---- a simulation */
struct batch {
    size_t first, count;
};

struct simulated {
    struct batch ahead[PF_BATCHES_AHEAD];
    int nahead;
    size_t last;
    double done; /* when its first batch will be; INFINITY: it has none */
};

struct simulation {
    int workers;
    size_t n, fixed, fit;
    const double *ns; /* what each item takes */
    unsigned char *given;
    size_t next;
    double item_ns; /* measured, as the engine does */
    struct simulated *all;
};

static double batch_ns(const struct simulation *s, const struct batch *batch)
{
    double sum = 0;

    for (size_t i = batch->first; i < batch->first + batch->count; i++)
        sum += s->ns[i];
    return sum;
}

static bool feed_one(struct simulation *s, struct simulated *w, double now)
{
    struct pf_chunk_facts facts = {.remaining = s->n - s->next,
                                   .workers = s->workers,
                                   .fixed = s->fixed,
                                   .fit = s->fit,
                                   .item_size = 8,
                                   .item_ns = s->item_ns,
                                   .last = w->last,
                                   .batches_ahead = w->nahead};
    size_t n;

    for (int i = 0; i < w->nahead; i++)
        facts.ahead += w->ahead[i].count;
    n = pf_chunk(&facts);
    if (n == 0) {
        assert_true(w->nahead > 0 || s->next == s->n); /* nobody idles beside work */
        return false;
    }
    assert_true(n <= s->n - s->next && n <= s->fit);
    for (size_t i = s->next; i < s->next + n; i++)
        assert_int_equal(s->given[i]++, 0); /* every item once */
    w->ahead[w->nahead++] = (struct batch){s->next, n};
    w->last = n;
    s->next += n;
    if (w->nahead == 1)
        w->done = now + batch_ns(s, &w->ahead[0]);
    return true;
}

/* As the engine does: one batch for each in turn, until nobody wants more. */
static void feed(struct simulation *s, double now)
{
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < s->workers && s->next < s->n; i++)
            more |= feed_one(s, &s->all[i], now);
    }
}

/* When the last item is done. */
static double simulate(struct simulation *s)
{
    double now = 0;

    s->given = calloc(s->n, 1);
    s->all = calloc((size_t)s->workers, sizeof *s->all);
    for (int i = 0; i < s->workers; i++)
        s->all[i].done = INFINITY;
    feed(s, 0);
    for (;;) {
        struct simulated *first = &s->all[0];
        double took;
        for (int i = 1; i < s->workers; i++)
            if (s->all[i].done < first->done)
                first = &s->all[i];
        if (first->done == INFINITY)
            break;
        now = first->done;
        took = batch_ns(s, &first->ahead[0]) / (double)first->ahead[0].count;
        s->item_ns = s->item_ns > 0 ? 0.75 * s->item_ns + 0.25 * took : took;
        first->nahead--;
        memmove(first->ahead, first->ahead + 1, (size_t)first->nahead * sizeof *first->ahead);
        first->done = first->nahead ? now + batch_ns(s, &first->ahead[0]) : INFINITY;
        feed(s, now);
    }
    for (size_t i = 0; i < s->n; i++)
        assert_int_equal(s->given[i], 1);
    free(s->given);
    free(s->all);
    return now;
}

/* ---- shapes of work, in units of a mean item */
static double uniform(uint64_t *seed)
{
    return ((double)random_below(seed, 1ull << 40) + 1) / (double)((1ull << 40) + 1);
}

static double even(size_t i, size_t n, uint64_t *seed)
{
    (void)i, (void)n, (void)seed;
    return 1;
}

static double rising(size_t i, size_t n, uint64_t *seed)
{
    (void)seed;
    return 2.0 * (double)(i + 1) / (double)n;
}

static double falling(size_t i, size_t n, uint64_t *seed)
{
    (void)seed;
    return 2.0 * (double)(n - i) / (double)n;
}

static double lognormal(size_t i, size_t n, uint64_t *seed) /* Box and Muller; sigma is 1 */
{
    (void)i, (void)n;
    return exp(sqrt(-2 * log(uniform(seed))) * cos(6.283185307 * uniform(seed)) - 0.5);
}

static double bimodal(size_t i, size_t n, uint64_t *seed)
{
    (void)i, (void)n;
    return random_below(seed, 20) ? 0.1 : 18.1;
}

static double pareto(size_t i, size_t n, uint64_t *seed) /* alpha is 1.5 */
{
    (void)i, (void)n;
    return pow(uniform(seed), -1 / 1.5) / 3;
}

static double any(size_t i, size_t n, uint64_t *seed)
{
    (void)i, (void)n;
    return 2 * uniform(seed);
}

static double one_giant_first(size_t i, size_t n, uint64_t *seed)
{
    (void)seed;
    return i == 0 ? (double)n / 10 : 0.9;
}

static double one_giant_last(size_t i, size_t n, uint64_t *seed)
{
    (void)seed;
    return i == n - 1 ? (double)n / 10 : 0.9;
}

static const struct shape {
    const char *name;
    double (*item)(size_t i, size_t n, uint64_t *seed);
} shapes[] = {{"even", even},
              {"rising", rising},
              {"falling", falling},
              {"lognormal", lognormal},
              {"bimodal", bimodal},
              {"pareto", pareto},
              {"any", any},
              {"one giant first", one_giant_first},
              {"one giant last", one_giant_last}};

/* Runs a shape; *bound is what no order of the items can be faster than. */
static double run(const struct shape *shape, int workers, size_t n, double mean_ns, size_t fixed,
                  size_t fit, double *bound, double *largest)
{
    struct simulation s = {.workers = workers, .n = n, .fixed = fixed, .fit = fit};
    double *ns = malloc((n + 1) * sizeof *ns), sum = 0, end;
    uint64_t seed = 23;

    *largest = 0;
    for (size_t i = 0; i < n; i++) {
        ns[i] = mean_ns * shape->item(i, n, &seed);
        sum += ns[i];
        if (ns[i] > *largest)
            *largest = ns[i];
    }
    *bound = sum / workers > *largest ? sum / workers : *largest;
    s.ns = ns;
    end = simulate(&s);
    free(ns);
    return end;
}

/* Whoever hands single items to idle workers ends within sum / W + largest. What is allowed on top
 * of it is what is given ahead, before much was measured: some milliseconds of work, or some of the
 * largest items (six were seen). */
static void simulation__ends_in_time_for_every_shape(void **state)
{
    static const int workers[] = {1, 2, 3, 7, 16, 64, 256, 1000};
    static const double means[] = {10e3, 1e6, 1e9};

    (void)state;
    for (size_t shape = 0; shape < COUNT_OF(shapes); shape++)
        for (size_t w = 0; w < COUNT_OF(workers); w++)
            for (size_t m = 0; m < COUNT_OF(means); m++) {
                size_t n = 5 * (size_t)workers[w] + 2000;
                double bound, largest;
                double end =
                    run(&shapes[shape], workers[w], n, means[m], 0, 7680, &bound, &largest);
                if (end > 1.25 * bound + 7 * largest + 30e6)
                    fail_msg("%s, %d workers, %g ns: %g of %g", shapes[shape].name, workers[w],
                             means[m], end, bound);
            }
}

static void simulation__of_even_work_wastes_little(void **state)
{
    static const int workers[] = {1, 2, 7, 64};

    (void)state;
    for (size_t w = 0; w < COUNT_OF(workers); w++) {
        double bound, largest;
        double end = run(&shapes[0], workers[w], 20000, 1e6, 0, 7680, &bound, &largest);
        assert_true(end < 1.02 * bound + 10e6);
    }
}

static void simulation__hands_every_item_out_once(void **state)
{
    uint64_t seed = 29;

    (void)state;
    for (int round = 0; round < 300; round++) {
        const struct shape *shape = &shapes[random_below(&seed, COUNT_OF(shapes))];
        int workers = 1 + (int)random_below(&seed, random_below(&seed, 2) ? 8 : 200);
        size_t n = random_below(&seed, 3000),
               fixed = random_below(&seed, 2) * random_below(&seed, 50);
        size_t fit = 1 + random_below(&seed, 500);
        double bound, largest;
        run(shape, workers, n, pow(10, (double)random_below(&seed, 10)), fixed, fit, &bound,
            &largest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunk__obeys_its_limits_whatever_the_facts),
        cmocka_unit_test(chunk__gives_one_huge_item_at_a_time),
        cmocka_unit_test(chunk__begins_with_a_single_item),
        cmocka_unit_test(chunk__grows_for_short_items_to_what_a_batch_is_worth),
        cmocka_unit_test(chunk__gives_long_items_one_by_one),
        cmocka_unit_test(chunk__keeps_a_share_for_the_others_at_the_end),
        cmocka_unit_test(simulation__ends_in_time_for_every_shape),
        cmocka_unit_test(simulation__of_even_work_wastes_little),
        cmocka_unit_test(simulation__hands_every_item_out_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
