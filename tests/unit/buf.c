/* Growing bytes: what was appended is there, in order, and a failure is remembered. */
#include "unit.h"

#include "base/buf.h"

static void add__keeps_everything_in_order(void **state)
{
    enum { SIZE = 100000 };
    unsigned char *model = malloc(SIZE);
    struct pf_buf buf = {0};
    uint64_t seed = 1;
    size_t size = 0;

    (void)state;
    while (size < SIZE) {
        size_t n = random_below(&seed, 700);
        if (n > SIZE - size)
            n = SIZE - size;
        for (size_t i = 0; i < n; i++)
            model[size + i] = (unsigned char)random_below(&seed, 256);
        pf_buf_add(&buf, model + size, n);
        size += n;
        assert_int_equal(buf.size, size);
    }
    assert_false(buf.failed);
    assert_memory_equal(buf.data, model, SIZE);
    pf_buf_free(&buf);
    free(model);
}

static void add__of_nothing_reads_nothing(void **state)
{
    struct pf_buf buf = {0};

    (void)state;
    pf_buf_add(&buf, NULL, 0);
    assert_null(buf.data);
    assert_int_equal(buf.size, 0);
}

static void add__remembers_that_it_failed(void **state)
{
    struct pf_buf buf = {0};

    (void)state;
    pf_buf_add(&buf, "abc", 3);
    pf_buf_add(&buf, "never read", SIZE_MAX / 2 + 2); /* more than any room can be doubled to */
    assert_true(buf.failed);
    pf_buf_add(&buf, "d", 1);
    assert_int_equal(buf.size, 3);
    assert_memory_equal(buf.data, "abc", 3);
    pf_buf_free(&buf);
}

static void free__leaves_an_empty_one_that_can_be_used_again(void **state)
{
    struct pf_buf buf = {0};

    (void)state;
    pf_buf_free(&buf);
    pf_buf_add(&buf, "abc", 3);
    pf_buf_free(&buf);
    assert_int_equal(buf.size, 0);
    assert_int_equal(buf.room, 0);
    pf_buf_add(&buf, "de", 2);
    assert_memory_equal(buf.data, "de", 2);
    pf_buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add__keeps_everything_in_order),
        cmocka_unit_test(add__of_nothing_reads_nothing),
        cmocka_unit_test(add__remembers_that_it_failed),
        cmocka_unit_test(free__leaves_an_empty_one_that_can_be_used_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
