/* The inline port: tasks run inside poll, and poll is never asleep beside work. */
#include "ports.h"

#include "port/inline.h"

static int negate(pinfold_task *task)
{
    *(int *)pinfold_task_out(task, sizeof(int)) = -*(const int *)pinfold_task_arg(task).data;
    return 0;
}

static struct ear ear;

static int open_port(void **state)
{
    (void)state;
    memset(&ear, 0, sizeof ear);
    return pf_inline_open(&ear.port, NULL);
}

static int close_port(void **state)
{
    (void)state;
    ear.port->ops->close(ear.port);
    return 0;
}

static void port__has_one_lane_that_cannot_be_replaced(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    (void)state;
    assert_int_equal(ear.port->lanes, 1);
    assert_int_equal(ear.port->ops->revive(ear.port, 0, &err), PINFOLD_E_UNSUPPORTED);
    assert_false(ear.port->ops->kill(ear.port, 0));
}

static void poll__without_work_finds_nothing_and_lets_sleep(void **state)
{
    struct pf_nap nap = {.until = PF_NEVER};

    (void)state;
    assert_int_equal(ear.port->ops->poll(ear.port, ear_sink, &ear), 0);
    assert_false(ear.port->ops->arm(ear.port, &nap));
}

static void poll__runs_one_batch(void **state)
{
    struct pf_nap nap = {.until = PF_NEVER};

    (void)state;
    say_call(&ear, 0, 1, negate, sizeof(int), sizeof(int));
    say_batch(&ear, 0, 1, 5, 1, sizeof(int));
    say_batch(&ear, 0, 1, 7, 1, sizeof(int));
    assert_int_equal(ear.port->ops->poll(ear.port, ear_sink, &ear), 1);
    assert_int_equal(ear.heard[0].first, 5);
    assert_int_equal(ear.heard[0].value, -5);
    assert_true(ear.port->ops->arm(ear.port, &nap)); /* there is more: do not sleep */
    assert_int_equal(ear.port->ops->poll(ear.port, ear_sink, &ear), 1);
    assert_int_equal(ear.heard[1].first, 7);
    assert_int_equal(ear.heard[1].count, 1);
    assert_false(ear.port->ops->arm(ear.port, &nap));
}

/* What has no answer must not leave the engine asleep beside a STOP. */
static void stop__behind_a_forgotten_call_is_obeyed_at_once(void **state)
{
    int at = 0;

    (void)state;
    say_call(&ear, 0, 1, negate, sizeof(int), sizeof(int));
    say_batch(&ear, 0, 1, 0, 1, sizeof(int));
    expect(&ear, &at, 0, PF_RESULT, 1, 0, 1);
    say(&ear, 0, PF_FORGET, 1);
    say_stop(&ear, 0);
    assert_int_equal(ear.port->ops->poll(ear.port, ear_sink, &ear), 2);
    assert_int_equal(ear.heard[1].kind, PF_BYE);
    assert_int_equal(ear.heard[2].kind, PF_KIND_NONE); /* the worker is gone, should BYE be lost */
    assert_true(ear.heard[2].final);
    assert_int_equal(ear.port->ops->poll(ear.port, ear_sink, &ear), 0); /* once */
}

static void close__frees_what_was_never_run(void **state)
{
    (void)state;
    say_call(&ear, 0, 1, negate, sizeof(int), sizeof(int));
    say_batch(&ear, 0, 1, 0, 1, sizeof(int));
    say_batch(&ear, 0, 1, 1, 1, sizeof(int));
    assert_int_equal(ear.port->ops->poll(ear.port, ear_sink, &ear), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_port, close_port)
    const struct CMUnitTest tests[] = {
        TEST(port__has_one_lane_that_cannot_be_replaced),
        TEST(poll__without_work_finds_nothing_and_lets_sleep),
        TEST(poll__runs_one_batch),
        TEST(stop__behind_a_forgotten_call_is_obeyed_at_once),
        TEST(close__frees_what_was_never_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
