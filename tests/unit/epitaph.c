/* The line about a rank that is gone: one for each node and launcher. */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "work/epitaph.h"

/* Whether it was said, and what, without the newline. */
static bool said(const struct pf_epitaph *epitaph, char *line, size_t size)
{
    int pair[2], kept = dup(STDERR_FILENO);
    ssize_t got;
    bool first;

    assert_int_equal(pipe(pair), 0);
    dup2(pair[1], STDERR_FILENO);
    close(pair[1]);
    first = pf_epitaph_print(epitaph);
    dup2(kept, STDERR_FILENO);
    close(kept);
    got = read(pair[0], line, size - 1);
    close(pair[0]);
    assert_true(got >= 0);
    line[got] = '\0';
    return first;
}

static void print__says_it_once_for_each_launcher(void **state)
{
    struct pf_epitaph one = {0}, two;
    char line[600], *end;

    (void)state;
    pf_epitaph_write(&one, 3, 8);
    one.launcher = -(int)getpid(); /* no process: nobody else has this name */
    two = one;
    two.launcher--;
    assert_true(said(&one, line, sizeof line));
    assert_non_null(strstr(line, "rank 3 of 8 on "));
    end = strchr(line, '\n');
    assert_non_null(end);
    assert_string_equal(end, "\n");
    assert_false(said(&one, line, sizeof line));
    assert_string_equal(line, "");
    assert_true(said(&two, line, sizeof line));
}

static void print__says_nothing_where_nothing_was_written(void **state)
{
    char line[600];

    (void)state;
    assert_false(said(&(struct pf_epitaph){0}, line, sizeof line));
    assert_string_equal(line, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(print__says_it_once_for_each_launcher),
        cmocka_unit_test(print__says_nothing_where_nothing_was_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
