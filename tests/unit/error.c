/* Filling a caller's error, whatever size the caller knew it to have; and the texts of codes. */
#include "unit.h"

#include "base/error.h"

static void fail__writes_code_and_text_and_returns_the_code(void **state)
{
    struct pinfold_error err = {
        .size = sizeof err, .worker = 7, .rank = 7, .index = 7, .host = "x"};

    (void)state;
    assert_int_equal(pf_fail(&err, PINFOLD_E_SYSTEM, "%d of %s", 3, "them"), PINFOLD_E_SYSTEM);
    assert_int_equal(err.code, PINFOLD_E_SYSTEM);
    assert_string_equal(err.text, "3 of them");
    assert_int_equal(err.worker, -1);
    assert_int_equal(err.rank, -1);
    assert_int_equal(err.index, -1);
    assert_string_equal(err.host, "");
}

static void fail__without_an_error_returns_the_code(void **state)
{
    (void)state;
    assert_int_equal(pf_fail(NULL, PINFOLD_E_MEMORY, "nowhere"), PINFOLD_E_MEMORY);
}

static void fail__may_quote_the_error_that_it_fills(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    (void)state;
    pf_fail(&err, PINFOLD_E_MEMORY, "inner");
    pf_fail(&err, PINFOLD_E_BROKEN, "outer: %s", err.text);
    assert_string_equal(err.text, "outer: inner");
}

static void fail__cuts_a_text_that_is_too_long(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    char text[2000];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    pf_fail(&err, PINFOLD_E_MEMORY, "%s", text);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void give__writes_no_more_than_the_caller_has(void **state)
{
    struct pinfold_error from = PINFOLD_ERROR_INIT, err;

    (void)state;
    from.code = PINFOLD_E_MPI;
    memset(from.text, 'y', sizeof from.text - 1);
    for (size_t size = 1; size <= sizeof err; size++) {
        memset(&err, 0x55, sizeof err);
        err.size = size;
        assert_int_equal(pf_error_give(&err, &from), PINFOLD_E_MPI);
        assert_int_equal(err.size, size);
        for (size_t i = size > sizeof err.size ? size : sizeof err.size; i < sizeof err; i++)
            assert_int_equal(((unsigned char *)&err)[i], 0x55);
    }
    assert_memory_equal((char *)&err + sizeof err.size, (char *)&from + sizeof err.size,
                        sizeof err - sizeof err.size);
}

static void give__takes_size_0_for_the_first_layout(void **state)
{
    struct pinfold_error err = {.size = 0};

    (void)state;
    pf_fail(&err, PINFOLD_E_MPI, "all of it");
    assert_int_equal(err.size, 0);
    assert_string_equal(err.text, "all of it");
}

static void give__takes_a_larger_size_of_a_newer_caller(void **state)
{
    struct {
        struct pinfold_error err;
        char newer[64];
    } caller;

    (void)state;
    memset(&caller, 0x55, sizeof caller);
    caller.err.size = sizeof caller;
    pf_fail(&caller.err, PINFOLD_E_MPI, "old fields");
    assert_string_equal(caller.err.text, "old fields");
    for (size_t i = 0; i < sizeof caller.newer; i++)
        assert_int_equal(caller.newer[i], 0x55);
}

static void strerror__has_a_text_for_every_code(void **state)
{
#define CODE(name, value, text) {PINFOLD_E_##name, value, text},
    static const struct {
        int code, value;
        const char *text;
    } codes[] = {PINFOLD_ERRORS(CODE)};
#undef CODE

    (void)state;
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        assert_int_equal(codes[i].code, codes[i].value);
        assert_in_range(-codes[i].code, 101, 499); /* the hundred tells what is lost */
        assert_string_equal(pinfold_strerror(codes[i].code), codes[i].text);
        for (size_t other = 0; other < i; other++)
            assert_int_not_equal(codes[i].code, codes[other].code);
    }
    assert_string_equal(pinfold_strerror(0), "no error");
    assert_string_equal(pinfold_strerror(1), "the function's own code");
    assert_string_equal(pinfold_strerror(INT32_MAX), "the function's own code");
    assert_string_equal(pinfold_strerror(-1), "an unknown code");
    assert_string_equal(pinfold_strerror(INT32_MIN), "an unknown code");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail__writes_code_and_text_and_returns_the_code),
        cmocka_unit_test(fail__without_an_error_returns_the_code),
        cmocka_unit_test(fail__may_quote_the_error_that_it_fills),
        cmocka_unit_test(fail__cuts_a_text_that_is_too_long),
        cmocka_unit_test(give__writes_no_more_than_the_caller_has),
        cmocka_unit_test(give__takes_size_0_for_the_first_layout),
        cmocka_unit_test(give__takes_a_larger_size_of_a_newer_caller),
        cmocka_unit_test(strerror__has_a_text_for_every_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
