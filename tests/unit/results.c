/* The file of large results: appended to by one, and read by position. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>

#include "record/results.h"

static char path[300];

static int begin(void **state)
{
    const char *tmp = getenv("TMPDIR");
    int fd;

    (void)state;
    snprintf(path, sizeof path, "%.200s/pinfold-test.XXXXXX", tmp ? tmp : "/tmp");
    fd = mkstemp(path);
    close(fd);
    unlink(path);
    return fd < 0;
}

static int end(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static void results__are_found_where_they_were_put(void **state)
{
    struct pf_results results;
    uint64_t seed = 7, at[200];
    size_t size[200];
    unsigned char *data = malloc(600000), *back = malloc(600000);

    (void)state;
    assert_true(data && back);
    for (int run = 0; run < 2; run++) { /* the second goes on behind the first */
        assert_int_equal(pf_results_open(&results, path, true), 0);
        assert_int_equal(pf_results_lock(&results), 0);
        for (int i = run * 100; i < run * 100 + 100; i++) {
            size[i] =
                i % 10 == 0 ? 262144 + random_below(&seed, 300000) : random_below(&seed, 9000);
            memset(data, i, size[i]);
            assert_int_equal(pf_results_add(&results, data, size[i], &at[i]), 0);
        }
        assert_int_equal(pf_results_sync(&results), 0);
        pf_results_close(&results);
    }
    assert_int_equal(pf_results_open(&results, path, false), 0);
    for (int i = 0; i < 200; i++) {
        assert_true(pf_results_have(&results, at[i], size[i]));
        assert_true(pf_results_read(&results, at[i], back, size[i]));
        memset(data, i, size[i]);
        assert_memory_equal(back, data, size[i]);
    }
    assert_false(pf_results_have(&results, at[199], size[199] + 1));
    assert_false(pf_results_have(&results, UINT64_MAX, 2));
    assert_false(pf_results_have(&results, 2, UINT64_MAX - 1));
    assert_false(pf_results_have(&results, 0, 1)); /* the first line is no result */
    pf_results_close(&results);
    pf_results_close(&results);
    free(data);
    free(back);
}

static void second_writer__finds_it_locked_and_readers_do_not(void **state)
{
    struct pf_results first, second;

    (void)state;
    assert_int_equal(pf_results_open(&first, path, true), 0);
    assert_int_equal(pf_results_lock(&first), 0);
    assert_int_equal(pf_results_open(&second, path, true), 0);
    assert_int_equal(pf_results_lock(&second), EAGAIN);
    pf_results_close(&second);
    assert_int_equal(pf_results_open(&second, path, false), 0);
    pf_results_close(&second);
    pf_results_close(&first);
    assert_int_equal(pf_results_open(&second, path, true), 0);
    assert_int_equal(pf_results_lock(&second), 0);
    pf_results_close(&second);
}

static void other_files__are_refused(void **state)
{
    struct pf_results results;
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

    (void)state;
    assert_int_equal(write(fd, "pinfold", 7), 7); /* a first line that was cut short */
    assert_int_equal(pf_results_open(&results, path, false), 0);
    pf_results_close(&results);
    assert_int_equal(write(fd, "s", 1), 1);
    close(fd);
    assert_int_equal(pf_results_open(&results, path, true), EBADMSG);
    assert_int_equal(pf_results_open(&results, "/dev/null", true), EBADMSG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results__are_found_where_they_were_put),
        cmocka_unit_test(second_writer__finds_it_locked_and_readers_do_not),
        cmocka_unit_test(other_files__are_refused),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
