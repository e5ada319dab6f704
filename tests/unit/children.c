/* The tasks that a task makes, as a worker keeps them and as bytes. */
#include "unit.h"

#include "work/children.h"

static int one(pinfold_task *task)
{
    (void)task;
    return 1;
}

static int two(pinfold_task *task)
{
    (void)task;
    return 2;
}

static void push(struct pf_children *children, pinfold_fn *fn, const char *arg)
{
    assert_int_equal(pf_children_push(children, one, fn, (pinfold_bytes){arg, strlen(arg)}, NULL),
                     0);
}

static void stack__gives_the_youngest_first(void **state)
{
    struct pf_children children = {0};
    struct pf_child *child;

    (void)state;
    assert_false(pf_children_any(&children));
    push(&children, one, "a");
    push(&children, two, "bc");
    assert_true(pf_children_any(&children));
    child = pf_children_pop(&children);
    assert_ptr_equal(child->fn, two);
    assert_int_equal(child->size, 2);
    assert_memory_equal(child->arg, "bc", 2);
    assert_int_equal((uintptr_t)child->arg % 16, 0);
    free(child);
    free(pf_children_pop(&children));
    assert_null(pf_children_pop(&children));
    assert_int_equal(children.bytes, 0);
    pf_children_clear(&children, true);
}

static void failure__drops_what_is_above_the_mark_and_the_first_is_kept(void **state)
{
    struct pf_children children = {0};
    struct pinfold_error why = PINFOLD_ERROR_INIT;
    const struct pf_child *mark;

    (void)state;
    push(&children, one, "stays");
    mark = children.top;
    push(&children, one, "goes");
    push(&children, one, "goes too");
    why.code = 7;
    pf_children_fail(&children, mark, &why);
    assert_ptr_equal(children.top, mark);
    why.code = 8;
    pf_children_fail(&children, mark, &why);
    assert_int_equal(children.failed.code, 7);
    pf_children_clear(&children, false);
    assert_false(pf_children_any(&children));
    pf_children_clear(&children, true);
}

static void bytes__are_read_as_they_were_written_the_oldest_first(void **state)
{
    static const struct {
        pinfold_fn *fn;
        const char *arg;
    } made[] = {{one, "first"}, {two, ""}, {two, "third, rather long"}, {one, "4"}};
    struct pf_children children = {0};
    struct pinfold_error failed = PINFOLD_ERROR_INIT, err = PINFOLD_ERROR_INIT;
    struct pf_buf body = {0};
    struct pf_reader in;
    pinfold_bytes arg;
    pinfold_fn *fn;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(made); i++)
        push(&children, made[i].fn, made[i].arg);
    failed.code = 12;
    failed.worker = 3;
    failed.rank = 4;
    snprintf(failed.host, sizeof failed.host, "there");
    snprintf(failed.text, sizeof failed.text, "because");
    pf_children_fail(&children, children.top, &failed);
    pf_children_pack(&children, one, &body);
    assert_false(pf_children_any(&children));
    assert_false(body.failed);

    in = (struct pf_reader){.at = body.data, .end = body.data + body.size};
    failed = (struct pinfold_error)PINFOLD_ERROR_INIT;
    pf_children_unpack_failure(&in, &failed);
    assert_int_equal(failed.code, 12);
    assert_int_equal(failed.worker, 3);
    assert_int_equal(failed.rank, 4);
    assert_string_equal(failed.host, "there");
    assert_string_equal(failed.text, "because");
    for (size_t i = 0; i < COUNT_OF(made); i++) {
        assert_true(pf_children_unpack(&in, one, &fn, &arg, &err));
        assert_int_equal(err.code, 0);
        assert_ptr_equal(fn, made[i].fn);
        assert_int_equal(arg.size, strlen(made[i].arg));
        assert_memory_equal(arg.data, made[i].arg, arg.size);
    }
    assert_false(pf_children_unpack(&in, one, &fn, &arg, &err));

    for (size_t size = 0; size < body.size; size += 8) { /* cut short anywhere: it ends */
        int n = 0;
        in = (struct pf_reader){.at = body.data, .end = body.data + size};
        pf_children_unpack_failure(&in, &failed);
        while (pf_children_unpack(&in, one, &fn, &arg, &err))
            assert_true(n++ < 10);
    }
    pf_buf_free(&body);
    pf_children_clear(&children, true);
}

static void limits__are_an_error_and_change_nothing(void **state)
{
    struct pf_children children = {0};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    char nothing = 0;

    (void)state;
    push(&children, one, "a");
    assert_int_equal(
        pf_children_push(&children, one, one, (pinfold_bytes){&nothing, PF_ITEM_MAX}, &err),
        PINFOLD_E_TOO_BIG);
    assert_int_equal(
        pf_children_push(&children, one, one, (pinfold_bytes){&nothing, SIZE_MAX}, &err),
        PINFOLD_E_TOO_BIG);
    assert_int_equal(pf_children_push(&children, one, (pinfold_fn *)(uintptr_t)&nothing,
                                      (pinfold_bytes){&nothing, 1}, &err),
                     PINFOLD_E_FUNCTION);
    free(pf_children_pop(&children));
    assert_null(pf_children_pop(&children));
    pf_children_clear(&children, true);
}

static void room__is_zeroed_each_time(void **state)
{
    struct pf_children children = {0};

    (void)state;
    for (size_t size = 1; size < 100000; size = size * 3 + 1) {
        unsigned char *out = pf_children_out(&children, size);
        assert_non_null(out);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(out[i], 0);
        memset(out, 0xff, size);
    }
    assert_non_null(pf_children_out(&children, 0));
    pf_children_clear(&children, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stack__gives_the_youngest_first),
        cmocka_unit_test(failure__drops_what_is_above_the_mark_and_the_first_is_kept),
        cmocka_unit_test(bytes__are_read_as_they_were_written_the_oldest_first),
        cmocka_unit_test(limits__are_an_error_and_change_nothing),
        cmocka_unit_test(room__is_zeroed_each_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
