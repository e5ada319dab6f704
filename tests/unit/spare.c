/* What is still begun before a job is over. */
#include "unit.h"

#include <math.h>
#include <stdint.h>

#include "plan/spare.h"

static const struct pf_spare_facts usual = {.left = 1000, .item_ns = 100, .longest_ns = 100};

static void fit__is_what_can_be_done_in_time(void **state)
{
    struct pf_spare_facts facts = usual;

    (void)state;
    assert_int_equal(pf_spare_fit(&facts), 10);
    facts.left = 1099;
    assert_int_equal(pf_spare_fit(&facts), 10);
    facts.left = 100;
    assert_int_equal(pf_spare_fit(&facts), 1);
    facts.left = 99;
    assert_int_equal(pf_spare_fit(&facts), 0);
}

static void fit__counts_what_is_ahead(void **state)
{
    struct pf_spare_facts facts = usual;

    (void)state;
    facts.ahead = 7;
    assert_int_equal(pf_spare_fit(&facts), 3);
    facts.ahead = 10;
    assert_int_equal(pf_spare_fit(&facts), 0);
    facts.ahead = SIZE_MAX;
    assert_int_equal(pf_spare_fit(&facts), 0);
}

/* The last to begin may be as long as the longest. */
static void fit__expects_the_longest_that_was_seen(void **state)
{
    struct pf_spare_facts facts = usual;

    (void)state;
    facts.longest_ns = 900;
    assert_int_equal(pf_spare_fit(&facts), 2);
    facts.longest_ns = 1000;
    assert_int_equal(pf_spare_fit(&facts), 1);
    facts.longest_ns = 1001;
    assert_int_equal(pf_spare_fit(&facts), 0);
}

static void fit__believes_an_estimate_unless_it_is_too_low(void **state)
{
    struct pf_spare_facts facts = {.left = 1000, .estimate = 300};

    (void)state;
    assert_int_equal(pf_spare_fit(&facts), 3);
    facts.longest_ns = 5000; /* he knows better */
    assert_int_equal(pf_spare_fit(&facts), 3);
    facts.item_ns = 500;
    assert_int_equal(pf_spare_fit(&facts), 2);
    facts.estimate = 1001;
    assert_int_equal(pf_spare_fit(&facts), 0);
}

static void fit__is_one_at_a_time_while_nothing_is_known(void **state)
{
    struct pf_spare_facts facts = {.left = 1};

    (void)state;
    assert_int_equal(pf_spare_fit(&facts), 1);
    facts.ahead = 1;
    assert_int_equal(pf_spare_fit(&facts), 0);
}

static void fit__is_nothing_when_time_is_over(void **state)
{
    struct pf_spare_facts facts = {.left = 0};

    (void)state;
    assert_int_equal(pf_spare_fit(&facts), 0);
    facts.left = -5;
    assert_int_equal(pf_spare_fit(&facts), 0);
    facts.left = (double)NAN;
    assert_int_equal(pf_spare_fit(&facts), 0);
}

static void fit__bears_large_numbers(void **state)
{
    struct pf_spare_facts facts = {.left = 1e300, .item_ns = 1e-3};

    (void)state;
    assert_true(pf_spare_fit(&facts) == (size_t)1e18);
    facts.left = HUGE_VAL;
    assert_true(pf_spare_fit(&facts) == (size_t)1e18);
}

static void margin__is_a_tenth_or_what_is_wished(void **state)
{
    (void)state;
    assert_true(pf_spare_margin(0, 100) == 10);
    assert_true(pf_spare_margin(0, 86400) == PF_SPARE_MARGIN);
    assert_true(pf_spare_margin(0, HUGE_VAL) == PF_SPARE_MARGIN);
    assert_true(pf_spare_margin(120, 100) == 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fit__is_what_can_be_done_in_time),
        cmocka_unit_test(fit__counts_what_is_ahead),
        cmocka_unit_test(fit__expects_the_longest_that_was_seen),
        cmocka_unit_test(fit__believes_an_estimate_unless_it_is_too_low),
        cmocka_unit_test(fit__is_one_at_a_time_while_nothing_is_known),
        cmocka_unit_test(fit__is_nothing_when_time_is_over),
        cmocka_unit_test(fit__bears_large_numbers),
        cmocka_unit_test(margin__is_a_tenth_or_what_is_wished),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
