/* A try in a process of its own: what happens there happens to nobody else. */
#include "unit.h"

#include "host/trial.h"

static void change(void *data)
{
    *(int *)data = 2;
    fprintf(stderr, "this is not seen\n");
}

static void fall(void *data)
{
    raise(*(int *)data);
}

static void leave(void *data)
{
    _exit(*(int *)data);
}

static void stay(void *data)
{
    for (volatile bool more = true; more;)
        (void)data;
}

static void trial__leaves_nothing_behind(void **state)
{
    int number = 1;

    (void)state;
    assert_true(pf_trial_survives(change, &number, 10));
    assert_int_equal(number, 1);
}

static void trial__sees_who_does_not_come_back(void **state)
{
    int segv = SIGSEGV, abrt = SIGABRT, three = 3;

    (void)state;
    assert_false(pf_trial_survives(fall, &segv, 10));
    assert_false(pf_trial_survives(fall, &abrt, 10));
    assert_false(pf_trial_survives(leave, &three, 10));
}

static void trial__has_an_end(void **state)
{
    (void)state;
    assert_false(pf_trial_survives(stay, NULL, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trial__leaves_nothing_behind),
        cmocka_unit_test(trial__sees_who_does_not_come_back),
        cmocka_unit_test(trial__has_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
