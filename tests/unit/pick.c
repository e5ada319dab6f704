/* Which job goes first, and for whom: against the sentences of pick.h. */
#include "unit.h"

#include "plan/pick.h"

static const struct pf_wish anywhere = {PINFOLD_ANYWHERE, 0, false},
                            soft = {PINFOLD_ON_WORKER, 3, false},
                            hard = {PINFOLD_ON_WORKER, 3, true}, node = {PINFOLD_ON_NODE, 1, true};

static void no_wish__fits_everybody(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++)
        assert_int_equal(pf_wish_fit(&anywhere, i % 3, i, i & 1, i & 2), PF_FIT_WELL);
}

static void hard_wish__fits_those_that_it_is_for_and_nobody_else(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pf_wish_fit(&hard, 3, 0, i & 1, i & 2), PF_FIT_WELL);
        assert_int_equal(pf_wish_fit(&hard, 2, 3, i & 1, i & 2), PF_FIT_NOT);
        assert_int_equal(pf_wish_fit(&node, 7, 1, i & 1, i & 2), PF_FIT_WELL);
        assert_int_equal(pf_wish_fit(&node, 1, 0, i & 1, i & 2), PF_FIT_NOT);
    }
}

static void soft_wish__leaves_it_to_the_idle_when_all_wanted_are_busy(void **state)
{
    (void)state;
    assert_int_equal(pf_wish_fit(&soft, 3, 0, false, false), PF_FIT_WELL);
    assert_int_equal(pf_wish_fit(&soft, 2, 0, true, false), PF_FIT_ELSE);
    assert_int_equal(pf_wish_fit(&soft, 2, 0, true, true), PF_FIT_NOT);
    assert_int_equal(pf_wish_fit(&soft, 2, 0, false, false), PF_FIT_NOT);
}

static void order__is_by_fit_then_priority_then_age(void **state)
{
    static const struct pf_pick sorted[] = {
        {PF_FIT_WELL, 5, 9},  {PF_FIT_WELL, 1, 3}, {PF_FIT_WELL, 1, 4},
        {PF_FIT_WELL, -7, 0}, {PF_FIT_ELSE, 9, 0}, {PF_FIT_ELSE, 0, UINT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sorted); i++)
        for (size_t j = 0; j < COUNT_OF(sorted); j++)
            assert_int_equal(pf_pick_before(&sorted[i], &sorted[j]), i < j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_wish__fits_everybody),
        cmocka_unit_test(hard_wish__fits_those_that_it_is_for_and_nobody_else),
        cmocka_unit_test(soft_wish__leaves_it_to_the_idle_when_all_wanted_are_busy),
        cmocka_unit_test(order__is_by_fit_then_priority_then_age),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
