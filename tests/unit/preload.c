/* A preload and its argument, on the way to a zygote. */
#include "unit.h"

#include "work/preload.h"

static const char *kept;

static int keep(pinfold_bytes arg, char *text, size_t size)
{
    (void)text, (void)size;
    assert_int_equal(arg.size, 6);
    kept = arg.data;
    return 0;
}

static int take_nothing(pinfold_bytes arg, char *text, size_t size)
{
    (void)text, (void)size;
    return arg.size == 0 ? 0 : 1;
}

static int fail_silently(pinfold_bytes arg, char *text, size_t size)
{
    (void)arg, (void)text, (void)size;
    return 9;
}

static int run(pinfold_preload_fn *fn, pinfold_bytes arg, char *text, size_t size)
{
    int fd, code;

    assert_int_equal(pf_preload_write(&fd, fn, arg, NULL), 0);
    text[0] = '\0';
    code = pf_preload_run(fd, text, size);
    close(fd);
    return code;
}

static void run__hands_over_an_argument_that_stays(void **state)
{
    char text[64];

    (void)state;
    assert_int_equal(run(keep, (pinfold_bytes){"table", 6}, text, sizeof text), 0);
    assert_string_equal(kept, "table"); /* the descriptor is closed */
    assert_string_equal(text, "");
}

static void run__without_an_argument_works(void **state)
{
    char text[64];

    (void)state;
    assert_int_equal(run(take_nothing, (pinfold_bytes){0}, text, sizeof text), 0);
}

static void run__tells_a_code_that_came_without_a_reason(void **state)
{
    char text[64];

    (void)state;
    assert_int_equal(run(fail_silently, (pinfold_bytes){0}, text, sizeof text), 9);
    assert_string_equal(text, "preload returned 9");
}

static void run__can_be_done_many_times_from_one_descriptor(void **state)
{
    char text[64] = "";
    int fd;

    (void)state;
    assert_int_equal(pf_preload_write(&fd, take_nothing, (pinfold_bytes){0}, NULL), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(pf_preload_run(fd, text, sizeof text), 0);
    close(fd);
}

static void run__of_what_is_no_such_descriptor_fails(void **state)
{
    char text[256] = "";

    (void)state;
    assert_int_not_equal(pf_preload_run(-1, text, sizeof text), 0);
    assert_true(text[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run__hands_over_an_argument_that_stays),
        cmocka_unit_test(run__without_an_argument_works),
        cmocka_unit_test(run__tells_a_code_that_came_without_a_reason),
        cmocka_unit_test(run__can_be_done_many_times_from_one_descriptor),
        cmocka_unit_test(run__of_what_is_no_such_descriptor_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
