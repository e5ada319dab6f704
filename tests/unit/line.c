/* The lines of a queue, one for each priority. */
#include "unit.h"

#include "task/future.h"

static void lines__are_sorted_and_shared(void **state)
{
    static const int priorities[] = {0, 5, -3, 5, INT32_MAX, 0, INT32_MIN, 7};
    struct pf_line *lines, usual, *line[COUNT_OF(priorities)];
    size_t n = 0;

    (void)state;
    pf_line_setup(&lines, &usual, 0);
    for (size_t i = 0; i < COUNT_OF(priorities); i++) {
        line[i] = pf_line_join(&lines, priorities[i]);
        assert_non_null(line[i]);
        assert_int_equal(line[i]->priority, priorities[i]);
    }
    assert_ptr_equal(line[0], &usual);
    assert_ptr_equal(line[1], line[3]);
    for (const struct pf_line *at = lines; at; at = at->next, n++)
        assert_true(!at->next || at->priority > at->next->priority);
    assert_int_equal(n, 6);
    for (size_t i = 0; i < COUNT_OF(priorities); i++)
        pf_line_leave(&lines, line[i]);
    assert_ptr_equal(lines, &usual); /* the others went with their last member */
    assert_null(usual.next);
}

static void first__is_the_highest_in_which_somebody_waits(void **state)
{
    struct pf_line *lines, usual, *high, *higher;
    struct pinfold_future a = {.size = 0}, b = {.size = 0};

    (void)state;
    pf_line_setup(&lines, &usual, 0);
    assert_null(pf_line_first(lines));
    high = pf_line_join(&lines, 1);
    higher = pf_line_join(&lines, 2);
    TAILQ_INSERT_TAIL(&usual.waiting, &a, link);
    assert_ptr_equal(pf_line_first(lines), &usual);
    TAILQ_INSERT_TAIL(&high->waiting, &b, link);
    assert_ptr_equal(pf_line_first(lines), high);
    TAILQ_REMOVE(&high->waiting, &b, link);
    assert_ptr_equal(pf_line_first(lines), &usual);
    pf_line_leave(&lines, higher);
    pf_line_leave(&lines, high);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines__are_sorted_and_shared),
        cmocka_unit_test(first__is_the_highest_in_which_somebody_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
