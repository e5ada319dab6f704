/* The pace: from samples to a rate, and to the time that is left. */
#include "unit.h"

#include <math.h>

#include "plan/pace.h"

static void pace__knows_nothing_at_first(void **state)
{
    struct pf_pace pace = {0};

    (void)state;
    assert_true(pf_pace_rate(&pace) == 0);
    assert_true(pf_pace_left(&pace, 10) < 0);
    assert_true(pf_pace_left(&pace, 0) == 0);
    pf_pace_add(&pace, 0, 0, 0); /* a clock that stood still */
    assert_true(pf_pace_rate(&pace) == 0);
    pf_pace_add(&pace, 0, 3, 3);
    assert_true(pf_pace_rate(&pace) == 0);
    assert_true(pf_pace_left(&pace, 10) < 0);
}

static void pace__is_right_from_the_first_sample(void **state)
{
    struct pf_pace pace = {0};

    (void)state;
    pf_pace_add(&pace, 50, 0.5, 0.5);
    assert_true(fabs(pf_pace_rate(&pace) - 100) < 1e-9);
    assert_true(fabs(pf_pace_left(&pace, 1000) - 10) < 1e-9);
}

static void pace__of_even_work_is_its_rate(void **state)
{
    struct pf_pace pace = {0};
    uint64_t seed = 7;
    double elapsed = 0;

    (void)state;
    for (int i = 0; i < 10000; i++) {
        double seconds = 0.001 * (double)random_below(&seed, 1000);
        elapsed += seconds;
        pf_pace_add(&pace, 40 * seconds, seconds, elapsed);
        if (elapsed > 0)
            assert_true(fabs(pf_pace_rate(&pace) - 40) < 1e-6);
    }
}

static void pace__counts_items_that_came_in_no_time(void **state)
{
    struct pf_pace pace = {0};

    (void)state;
    pf_pace_add(&pace, 10, 1, 1);
    pf_pace_add(&pace, 10, 0, 1);
    assert_true(fabs(pf_pace_rate(&pace) - 20) < 1e-9);
}

static void pace__follows_work_that_gets_slower(void **state)
{
    struct pf_pace pace = {0};

    (void)state;
    for (int i = 1; i <= 500; i++) /* 100 seconds at 1000 each */
        pf_pace_add(&pace, 200, 0.2, 0.2 * i);
    for (int i = 501; i <= 1000; i++) /* and 100 at 10 each */
        pf_pace_add(&pace, 2, 0.2, 0.2 * i);
    /* All of the time would say 505. */
    assert_true(pf_pace_rate(&pace) > 9.9 && pf_pace_rate(&pace) < 150);
}

/* Eight workers, tasks of ten seconds: nothing at all for ten seconds, then eight at once. */
static void pace__bears_tasks_that_end_by_the_dozen(void **state)
{
    struct pf_pace pace = {0};

    (void)state;
    for (int tenths = 1; tenths <= 10000; tenths++) {
        pf_pace_add(&pace, tenths % 100 == 0 ? 8 : 0, 0.1, 0.1 * tenths);
        if (tenths >= 1000)
            assert_true(pf_pace_rate(&pace) > 0.5 && pf_pace_rate(&pace) < 1.2);
        if (tenths >= 5000)
            assert_true(pf_pace_rate(&pace) > 0.7 && pf_pace_rate(&pace) < 0.9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pace__knows_nothing_at_first),
        cmocka_unit_test(pace__is_right_from_the_first_sample),
        cmocka_unit_test(pace__of_even_work_is_its_rate),
        cmocka_unit_test(pace__counts_items_that_came_in_no_time),
        cmocka_unit_test(pace__follows_work_that_gets_slower),
        cmocka_unit_test(pace__bears_tasks_that_end_by_the_dozen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
