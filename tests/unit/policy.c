/* The words of a policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "host/policy.h"

static void defaults__are_those_of_the_manual(void **state)
{
    struct pf_policy policy;

    (void)state;
    assert_int_equal(pf_policy_parse(&policy, NULL, NULL, NULL, NULL, 0, NULL), 0);
    assert_int_equal(policy.places, PF_PLACES_CORES);
    assert_int_equal(policy.bind, PF_BIND_CLOSE);
    assert_int_equal(policy.reserve, PF_RESERVE_NONE);
    assert_int_equal(policy.oversubscribe, PF_OVERSUBSCRIBE_WARN);
    assert_int_equal(policy.width, 1);
}

static void words__are_all_known(void **state)
{
    struct pf_policy policy;

    (void)state;
    assert_int_equal(pf_policy_parse(&policy, "threads", "spread", "sibling", "allow", 3, NULL), 0);
    assert_int_equal(policy.places, PF_PLACES_THREADS);
    assert_int_equal(policy.bind, PF_BIND_SPREAD);
    assert_int_equal(policy.reserve, PF_RESERVE_SIBLING);
    assert_int_equal(policy.oversubscribe, PF_OVERSUBSCRIBE_ALLOW);
    assert_int_equal(policy.width, 3);
    assert_int_equal(pf_policy_parse(&policy, "cores", "compact", "core", "error", 1, NULL), 0);
    assert_int_equal(policy.bind, PF_BIND_CLOSE);
    assert_int_equal(policy.reserve, PF_RESERVE_CORE);
    assert_int_equal(policy.oversubscribe, PF_OVERSUBSCRIBE_ERROR);
    assert_int_equal(pf_policy_parse(&policy, "list:0,16;1", "none", "none", "warn", 1, NULL), 0);
    assert_int_equal(policy.places, PF_PLACES_LIST);
    assert_string_equal(policy.list, "0,16;1");
    assert_int_equal(policy.bind, PF_BIND_NONE);
}

static void other_words__are_named_and_change_nothing(void **state)
{
    static const struct {
        const char *places, *bind, *reserve, *oversubscribe;
        int width;
        const char *part;
    } bad[] = {
        {"sockets", NULL, NULL, NULL, 1, "'sockets'"},
        {"", NULL, NULL, NULL, 1, "threads"},
        {"list", NULL, NULL, NULL, 1, "'list'"},
        {NULL, "scatter", NULL, NULL, 1, "spread"},
        {NULL, NULL, "pu", NULL, 1, "sibling"},
        {NULL, NULL, NULL, "yes", 1, "allow"},
        {NULL, NULL, NULL, NULL, -1, "-1"},
        {NULL, NULL, NULL, NULL, 8193, "8193"},
        {"list:0;1", NULL, NULL, NULL, 2, "list"},
        {"Cores", NULL, NULL, NULL, 1, "'Cores'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        struct pf_policy policy = {.width = 77};

        assert_int_equal(pf_policy_parse(&policy, bad[i].places, bad[i].bind, bad[i].reserve,
                                         bad[i].oversubscribe, bad[i].width, &err),
                         PINFOLD_E_ARGUMENT);
        assert_int_equal(policy.width, 77);
        assert_non_null(strstr(err.text, bad[i].part));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults__are_those_of_the_manual),
        cmocka_unit_test(words__are_all_known),
        cmocka_unit_test(other_words__are_named_and_change_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
