/* How long a task may take: when that is over, and when it is to be killed. */
#include "unit.h"

#include "wire/duct.h"
#include "work/limit.h"

static void grace__is_a_quarter_within_bounds(void **state)
{
    static const struct {
        int64_t limit, grace;
    } rows[] = {{1, 50 * PF_MS},
                {200 * PF_MS, 50 * PF_MS},
                {400 * PF_MS, 100 * PF_MS},
                {20 * PF_S, 5 * PF_S},
                {3600 * PF_S, 5 * PF_S}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(pf_limit_grace(rows[i].limit), rows[i].grace);
}

static void without_a_limit__nothing_is_ever_over(void **state)
{
    struct pf_present present = {0};
    struct pf_limit limit = {0, PF_NEVER, &present};

    (void)state;
    pf_limit_begin(&limit, 1);
    assert_true(limit.over == PF_NEVER && present.kill_at == 0);
    assert_false(pf_limit_end(&limit));
}

static void task__in_time_leaves_nothing_behind(void **state)
{
    struct pf_present present = {0};
    struct pf_limit limit = {1000 * PF_S, PF_NEVER, &present};
    int64_t before = pf_now();

    (void)state;
    pf_limit_begin(&limit, 1);
    assert_in_range(limit.over, before + 1000 * PF_S, pf_now() + 1000 * PF_S);
    assert_int_equal(present.kill_at, limit.over + 5 * PF_S);
    assert_false(pf_limit_end(&limit));
    assert_true(limit.over == PF_NEVER && present.kill_at == 0);
}

static void task__that_overruns_is_told_once(void **state)
{
    struct pf_limit limit = {1, PF_NEVER, NULL}; /* a nanosecond */

    (void)state;
    pf_limit_begin(&limit, 1);
    eventually(pf_now() >= limit.over);
    assert_true(pf_limit_end(&limit));
    assert_true(limit.over == PF_NEVER);
}

static void items__have_their_time_together(void **state)
{
    struct pf_present present = {0};
    struct pf_limit limit = {PF_S, PF_NEVER, &present};
    int64_t before = pf_now();

    (void)state;
    pf_limit_begin(&limit, 1000);
    assert_in_range(limit.over, before + 1000 * PF_S, pf_now() + 1000 * PF_S);
    pf_limit_begin(&limit, SIZE_MAX / 2); /* is no overflow */
    assert_true(limit.over > before + 1000000 * PF_S && present.kill_at > limit.over);
    assert_false(pf_limit_end(&limit));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grace__is_a_quarter_within_bounds),
        cmocka_unit_test(without_a_limit__nothing_is_ever_over),
        cmocka_unit_test(task__in_time_leaves_nothing_behind),
        cmocka_unit_test(task__that_overruns_is_told_once),
        cmocka_unit_test(items__have_their_time_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
