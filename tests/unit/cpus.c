/* Sets of CPUs: the set operations against a plain array of booleans, and the two texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpus.h"

static struct pf_cpus set_of(const char *text)
{
    struct pf_cpus set;

    pf_cpus_zero(&set);
    if (*text)
        assert_int_equal(pf_cpus_parse(&set, text), 0);
    return set;
}

static void assert_prints(const struct pf_cpus *set, const char *list, const char *ranges)
{
    char text[256];

    assert_int_equal(pf_cpus_print(set, text, sizeof text), strlen(list));
    assert_string_equal(text, list);
    assert_int_equal(pf_cpus_print_ranges(set, text, sizeof text), strlen(ranges));
    assert_string_equal(text, ranges);
}

static void parse__reads_lists_and_ranges(void **state)
{
    struct pf_cpus set;

    (void)state;
    set = set_of("0-3,8,16");
    assert_prints(&set, "0,1,2,3,8,16", "0-3,8,16");
    set = set_of("8191,5,5-5,63-64");
    assert_prints(&set, "5,63,64,8191", "5,63-64,8191");
    set = set_of("0-8191");
    assert_int_equal(pf_cpus_count(&set), PF_CPUS_MAX);
}

static void parse__refuses_what_is_no_list(void **state)
{
    static const char *const bad[] = {
        "",     ",",      "1,", ",1", "1,,2", "a",  "1a",  "-1",  "1-",    "3-1",
        "8192", "0-8192", " 1", "1 ", "1\n",  "+1", "0x1", "1;2", "1-2-3", "99999999999999999999",
        "1.5"};
    struct pf_cpus set = set_of("7"), before = set;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(pf_cpus_parse(&set, bad[i]), -1);
        assert_true(pf_cpus_equal(&set, &before));
    }
}

static void print__says_how_long_it_would_be(void **state)
{
    struct pf_cpus set = set_of("0,10,100");
    char text[8] = "xxxxxxx";

    (void)state;
    assert_int_equal(pf_cpus_print(&set, NULL, 0), 8);
    assert_int_equal(pf_cpus_print(&set, text, sizeof text), 8);
    assert_string_equal(text, "0,10,10");
    memset(text, 'x', sizeof text);
    assert_int_equal(pf_cpus_print(&set, text, 2), 8);
    assert_string_equal(text, "0");
    assert_int_equal(text[2], 'x');
    set = set_of("");
    assert_prints(&set, "", "");
}

static void next__visits_each_cpu_once_in_order(void **state)
{
    struct pf_cpus set = set_of("0,63,64,127,4096,8191");
    int expected[] = {0, 63, 64, 127, 4096, 8191}, n = 0;

    (void)state;
    pf_cpus_foreach (cpu, &set)
        assert_int_equal(cpu, expected[n++]);
    assert_int_equal(n, 6);
    assert_int_equal(pf_cpus_next(&set, PF_CPUS_MAX - 1), -1);
    set = set_of("");
    assert_int_equal(pf_cpus_next(&set, -1), -1);
}

static void has__is_false_outside_of_the_range(void **state)
{
    struct pf_cpus set = set_of("0-8191");

    (void)state;
    assert_false(pf_cpus_has(&set, -1));
    assert_false(pf_cpus_has(&set, PF_CPUS_MAX));
    assert_true(pf_cpus_has(&set, PF_CPUS_MAX - 1));
}

/* The trivial model: one bool for each CPU. A few words of the set are enough for it. */
#define MODEL 200

static void fill(struct pf_cpus *set, bool *model, unsigned *seed)
{
    int density = rand_r(seed) % 5;

    pf_cpus_zero(set);
    for (int i = 0; i < MODEL; i++) {
        model[i] = density && rand_r(seed) % density == 0;
        if (model[i])
            pf_cpus_add(set, i);
    }
}

static void assert_model(const struct pf_cpus *set, const bool *model)
{
    int n = 0;

    for (int i = 0; i < MODEL; i++) {
        assert_int_equal(pf_cpus_has(set, i), model[i]);
        n += model[i];
    }
    assert_int_equal(pf_cpus_count(set), n);
    assert_int_equal(pf_cpus_empty(set), n == 0);
}

static void sets__behave_as_arrays_of_booleans(void **state)
{
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 500; round++) {
        struct pf_cpus a, b, result;
        bool in_a[MODEL], in_b[MODEL], model[MODEL], subset = true, meet = false;

        fill(&a, in_a, &seed);
        fill(&b, in_b, &seed);
        result = a;
        pf_cpus_and(&result, &b);
        for (int i = 0; i < MODEL; i++) {
            model[i] = in_a[i] && in_b[i];
            meet |= model[i];
            subset &= !in_a[i] || in_b[i];
        }
        assert_model(&result, model);
        assert_int_equal(pf_cpus_meet(&a, &b), meet);
        assert_int_equal(pf_cpus_subset(&a, &b), subset);
        assert_true(pf_cpus_subset(&result, &a) && pf_cpus_subset(&result, &b));
        result = a;
        pf_cpus_or(&result, &b);
        for (int i = 0; i < MODEL; i++)
            model[i] = in_a[i] || in_b[i];
        assert_model(&result, model);
        result = a;
        pf_cpus_minus(&result, &b);
        for (int i = 0; i < MODEL; i++)
            model[i] = in_a[i] && !in_b[i];
        assert_model(&result, model);
        assert_int_equal(pf_cpus_equal(&a, &b), memcmp(in_a, in_b, sizeof in_a) == 0);
    }
}

static void print__is_read_back_by_parse(void **state)
{
    unsigned seed = 2;

    (void)state;
    for (int round = 0; round < 500; round++) {
        struct pf_cpus set, again;
        bool model[MODEL];
        char text[MODEL * 5];

        fill(&set, model, &seed);
        if (pf_cpus_empty(&set))
            continue;
        pf_cpus_print(&set, text, sizeof text);
        assert_int_equal(pf_cpus_parse(&again, text), 0);
        assert_true(pf_cpus_equal(&set, &again));
        pf_cpus_print_ranges(&set, text, sizeof text);
        assert_int_equal(pf_cpus_parse(&again, text), 0);
        assert_true(pf_cpus_equal(&set, &again));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__reads_lists_and_ranges),
        cmocka_unit_test(parse__refuses_what_is_no_list),
        cmocka_unit_test(print__says_how_long_it_would_be),
        cmocka_unit_test(next__visits_each_cpu_once_in_order),
        cmocka_unit_test(has__is_false_outside_of_the_range),
        cmocka_unit_test(sets__behave_as_arrays_of_booleans),
        cmocka_unit_test(print__is_read_back_by_parse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
