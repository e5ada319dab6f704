/* Structs with a size, between callers and us. */
#include "unit.h"

#include "base/sized.h"

struct sized {
    size_t size;
    int first, second;
    long third;
};

static const struct sized full = {sizeof full, 1, 2, 3};

static void out__writes_what_the_caller_knows_and_leaves_its_size(void **state)
{
    (void)state;
    for (size_t size = 0; size <= 2 * sizeof full; size++) {
        struct sized caller = {size, -1, -1, -1};
        size_t room = size && size < sizeof full ? size : sizeof full;

        pf_sized_out(&caller, &full, sizeof full);
        assert_int_equal(caller.size, size);
        for (size_t i = sizeof size; i < sizeof full; i++)
            assert_int_equal(((unsigned char *)&caller)[i],
                             i < room ? ((const unsigned char *)&full)[i] : 0xff);
    }
}

static void in__reads_what_the_caller_has_and_keeps_the_rest(void **state)
{
    (void)state;
    for (size_t size = sizeof size; size <= 2 * sizeof full; size++) {
        struct sized caller = full, ours = {0, -1, -1, -1};
        size_t room = size < sizeof full ? size : sizeof full;

        caller.size = size;
        pf_sized_in(&ours, sizeof ours, &caller);
        for (size_t i = sizeof size; i < sizeof full; i++)
            assert_int_equal(((unsigned char *)&ours)[i],
                             i < room ? ((const unsigned char *)&full)[i] : 0xff);
    }
}

static void size_0__is_all_of_it(void **state)
{
    struct sized caller = full, ours = {0};

    (void)state;
    caller.size = 0;
    pf_sized_in(&ours, sizeof ours, &caller);
    assert_int_equal(ours.third, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(out__writes_what_the_caller_knows_and_leaves_its_size),
        cmocka_unit_test(in__reads_what_the_caller_has_and_keeps_the_rest),
        cmocka_unit_test(size_0__is_all_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
