/* Masks of this very process: set, and read back from the system. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/bind.h"

/* "Cpus_allowed_list" of /proc: the kernel's own words. */
static void assert_kernel_says(const struct pf_cpus *expected)
{
    char line[8192];
    struct pf_cpus mask;
    FILE *file = fopen("/proc/thread-self/status", "r");

    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (strncmp(line, "Cpus_allowed_list:\t", 19) == 0)
            break;
    fclose(file);
    line[strcspn(line, "\n")] = '\0';
    assert_int_equal(pf_cpus_parse(&mask, line + 19), 0);
    assert_true(pf_cpus_equal(&mask, expected));
}

static void read__is_what_the_kernel_says(void **state)
{
    struct pf_cpus mask;

    (void)state;
    assert_int_equal(pf_bind_read(&mask, 0), 0);
    assert_kernel_says(&mask);
    assert_int_equal(pf_bind_read(&mask, getpid()), 0);
    assert_kernel_says(&mask);
}

static void apply__is_read_back(void **state)
{
    struct pf_cpus before, after;

    (void)state;
    assert_int_equal(pf_bind_read(&before, 0), 0);
    pf_cpus_foreach (cpu, &before) {
        struct pf_cpus one;

        pf_cpus_zero(&one);
        pf_cpus_add(&one, cpu);
        assert_int_equal(pf_bind_apply(&one), 0);
        assert_int_equal(pf_bind_read(&after, 0), 0);
        assert_true(pf_cpus_equal(&one, &after));
        assert_kernel_says(&one);
    }
    assert_int_equal(pf_bind_apply(&before), 0);
    assert_kernel_says(&before);
}

static void failure__changes_nothing(void **state)
{
    struct pf_cpus before, none, after;

    (void)state;
    assert_int_equal(pf_bind_read(&before, 0), 0);
    pf_cpus_zero(&none);
    assert_int_equal(pf_bind_apply(&none), -EINVAL);
    after = before;
    assert_int_equal(pf_bind_read(&after, 0x3fffffff), -ESRCH);
    assert_true(pf_cpus_equal(&before, &after));
    assert_kernel_says(&before);
}

static void quota__is_none_or_positive(void **state)
{
    (void)state;
    assert_true(pf_bind_quota() >= 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__is_what_the_kernel_says),
        cmocka_unit_test(apply__is_read_back),
        cmocka_unit_test(failure__changes_nothing),
        cmocka_unit_test(quota__is_none_or_positive),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
