/* Who is tried again, where, and who is put aside. */
#include "unit.h"

#include "plan/retry.h"

static void failures__of_the_task_are_tried_again(void **state)
{
    static const struct {
        int code;
        bool again, blames;
    } rows[] = {
        {7, true, false},
        {PINFOLD_E_TASK_SIGNAL, true, true},
        {PINFOLD_E_TASK_EXIT, true, true},
        {PINFOLD_E_TASK_CODE, true, false},
        {PINFOLD_E_TASK_TIME, true, true},
        {PINFOLD_E_TASK_MEMORY, true, true},
        {PINFOLD_E_MEMORY, true, false},
        {PINFOLD_E_WORKER_LOST, true, false},
        {PINFOLD_E_CANCELLED, false, false},
        {PINFOLD_E_FUNCTION, false, false},
        {PINFOLD_E_TOO_BIG, false, false},
        {PINFOLD_E_ENDING, false, false},
        {PINFOLD_E_BROKEN, false, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(pf_retry_again(rows[i].code, 1, 1), rows[i].again);
        assert_int_equal(pf_retry_blames(rows[i].code), rows[i].blames);
    }
}

static void attempts__are_one_more_than_retries(void **state)
{
    (void)state;
    for (int retries = 0; retries < 5; retries++) {
        int attempt = 1;
        while (pf_retry_again(7, attempt, retries))
            attempt++;
        assert_int_equal(attempt, retries + 1);
    }
}

static void same_worker__is_the_last_choice(void **state)
{
    (void)state;
    assert_true(pf_retry_by(1, 0, 5));
    assert_true(pf_retry_by(1, -1, 0));
    assert_false(pf_retry_by(1, 1, 1));
    assert_true(pf_retry_by(1, 1, 0));
}

static bool aside(int row, uint64_t well, uint64_t died, int serving, int workers)
{
    return pf_retry_aside(&(struct pf_aside_facts){row, well, died, serving, workers});
}

static void worker__is_put_aside_after_a_row_while_others_do_well(void **state)
{
    (void)state;
    assert_true(aside(PF_ASIDE_ROW, PF_ASIDE_WELL, 0, 8, 8));
    assert_false(aside(PF_ASIDE_ROW - 1, 1000, 0, 8, 8));
    assert_false(aside(PF_ASIDE_ROW, PF_ASIDE_WELL - 1, 0, 8, 8));
    assert_true(aside(PF_ASIDE_ROW, 900, 100, 8, 8)); /* one in ten */
    assert_false(aside(PF_ASIDE_ROW, 900, 101, 8, 8));
    assert_false(aside(1000, 0, 0, 8, 8));
}

static void half_of_the_workers__always_stay(void **state)
{
    (void)state;
    assert_true(aside(PF_ASIDE_ROW, 100, 0, 5, 8));
    assert_false(aside(1000, 1000000, 0, 4, 8));
    assert_true(aside(PF_ASIDE_ROW, 100, 0, 2, 2));
    assert_true(aside(PF_ASIDE_ROW, 100, 0, 3, 3));
    assert_false(aside(PF_ASIDE_ROW, 100, 0, 2, 3));
    assert_false(aside(1000, 100, 0, 1, 1)); /* never the last one */
    assert_false(aside(1000, 100, 0, 1, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures__of_the_task_are_tried_again),
        cmocka_unit_test(attempts__are_one_more_than_retries),
        cmocka_unit_test(same_worker__is_the_last_choice),
        cmocka_unit_test(worker__is_put_aside_after_a_row_while_others_do_well),
        cmocka_unit_test(half_of_the_workers__always_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
