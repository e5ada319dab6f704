/* Monotonic time and deadlines. */
#include "unit.h"

#include <math.h>

static void now__never_goes_back(void **state)
{
    int64_t before = pf_now();

    (void)state;
    for (int i = 0; i < 10000; i++) {
        int64_t now = pf_now();
        assert_true(now >= before);
        before = now;
    }
}

static void deadline__is_that_many_seconds_from_now(void **state)
{
    int64_t before = pf_now(), deadline = pf_deadline(1.5), after = pf_now();

    (void)state;
    assert_true(deadline >= before + 1500 * PF_MS);
    assert_true(deadline <= after + 1500 * PF_MS);
}

static void deadline__is_never_for_what_cannot_be_counted(void **state)
{
    (void)state;
    assert_int_equal(pf_deadline(INFINITY), PF_NEVER);
    assert_int_equal(pf_deadline(NAN), PF_NEVER);
    assert_int_equal(pf_deadline(1e300), PF_NEVER);
}

static void deadline__of_a_negative_time_is_past(void **state)
{
    static const double times[] = {0, -0.0, -1, -1e10, -1e300, -INFINITY};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        int64_t deadline = pf_deadline(times[i]);
        assert_true(deadline > 0);
        assert_true(deadline <= pf_now());
    }
}

static void left__counts_down_to_a_deadline_and_never_is_never(void **state)
{
    int64_t deadline = pf_now() + PF_S, left = pf_left(deadline);

    (void)state;
    assert_true(left <= PF_S && left >= deadline - pf_now());
    assert_true(pf_left(pf_now() - 1) < 0);
    assert_true(pf_left(PF_NEVER) == PF_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(now__never_goes_back),
        cmocka_unit_test(deadline__is_that_many_seconds_from_now),
        cmocka_unit_test(deadline__is_never_for_what_cannot_be_counted),
        cmocka_unit_test(deadline__of_a_negative_time_is_past),
        cmocka_unit_test(left__counts_down_to_a_deadline_and_never_is_never),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
