/* Obituaries: what is told of a death, where a worker's last words are true, false or not there. */
#include "unit.h"

#include <errno.h>
#include <sys/wait.h>

#include "work/obituary.h"

#define KILLED(signal) (signal) /* wait statuses, as Linux has them */
#define ENDED(code)    ((code) << 8)

static struct pf_obituary obituary;

static void assert_told(const struct pf_words *words, int status, uint64_t peak, int code,
                        const char *text)
{
    pf_obituary_write(&obituary, words, 4711, status, peak);
    assert_int_equal(obituary.code, code);
    assert_string_equal(obituary.text, text);
}

static void silence__tells_what_the_system_says(void **state)
{
    struct pf_words words = {0};

    (void)state;
    assert_told(&words, KILLED(15), 0, PINFOLD_E_TASK_SIGNAL,
                "process 4711 was killed by signal 15 (SIGTERM, Terminated)");
    assert_told(&words, ENDED(3), 0, PINFOLD_E_TASK_EXIT, "process 4711 ended with exit code 3");
    assert_told(&words, KILLED(9), 0, PINFOLD_E_TASK_SIGNAL,
                "process 4711 was killed by signal 9 (SIGKILL, Killed), by hand or because the "
                "machine was out of memory");
}

static void limit__is_told_with_the_memory_that_was_used(void **state)
{
    struct pf_words words = {.limit = 5 << 20};

    (void)state;
    assert_told(&words, ENDED(3), 7 << 20, PINFOLD_E_TASK_EXIT,
                "process 4711 ended with exit code 3 (it had up to 7 MiB of memory)");
}

static void memory__is_why_when_errno_says_so_at_the_end(void **state)
{
    struct pf_words words = {.limit = 1000, .signal = 6, .sent = 1, .error = ENOMEM};

    (void)state;
    assert_told(&words, KILLED(6), 0, PINFOLD_E_TASK_MEMORY,
                "process 4711 ran out of memory, of which its tasks may have 1000 bytes, and was "
                "killed by signal 6 (SIGABRT, Aborted)");
    assert_int_equal(obituary.status, 6);
    words.limit = 0; /* then there was none to run out of */
    assert_told(&words, KILLED(6), 0, PINFOLD_E_TASK_SIGNAL,
                "process 4711 was killed by signal 6 (SIGABRT, Aborted)");
}

static void words__about_another_signal_are_not_told(void **state)
{
    struct pf_words words = {.signal = 11, .has_address = 1, .limit = 9, .error = ENOMEM};

    (void)state;
    assert_told(&words, KILLED(15), 0, PINFOLD_E_TASK_SIGNAL,
                "process 4711 was killed by signal 15 (SIGTERM, Terminated)");
}

static void reason__is_one_line(void **state)
{
    struct pf_words words = {.signal = 6, .sent = 1, .said = "a.c:1: Assertion\tfailed.\n"};

    (void)state;
    assert_told(&words, KILLED(6), 0, PINFOLD_E_TASK_SIGNAL,
                "process 4711 was killed by signal 6 (SIGABRT, Aborted): a.c:1: Assertion failed");
}

static void place__without_a_name_is_the_modules_offset(void **state)
{
    struct pf_words words = {
        .signal = 11,
        .nframes = 2,
        .frames = {{0x1234, "/nowhere/libxyz.so.1"}, {0x77, "?"}},
    };

    (void)state;
    assert_told(&words, KILLED(11), 0, PINFOLD_E_TASK_SIGNAL,
                "process 4711 was killed by signal 11 (SIGSEGV, Segmentation fault) in "
                "libxyz.so.1+0x1234, called by no function (0x77)");
}

static void garbage__is_cut_to_one_line_that_fits(void **state)
{
    struct pf_words words;

    (void)state;
    for (int fill = 1; fill < 256; fill++) {
        memset(&words, fill, sizeof words);
        words.signal = 11;
        words.limit = (uint64_t)fill;
        pf_obituary_write(&obituary, &words, 4711, KILLED(11), 0);
        assert_true(strlen(obituary.text) < sizeof obituary.text);
        for (const char *at = obituary.text; *at; at++)
            assert_true((unsigned char)*at >= ' ' && *at != 127);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence__tells_what_the_system_says),
        cmocka_unit_test(limit__is_told_with_the_memory_that_was_used),
        cmocka_unit_test(memory__is_why_when_errno_says_so_at_the_end),
        cmocka_unit_test(words__about_another_signal_are_not_told),
        cmocka_unit_test(reason__is_one_line),
        cmocka_unit_test(place__without_a_name_is_the_modules_offset),
        cmocka_unit_test(garbage__is_cut_to_one_line_that_fits),
    };

    return cmocka_run_group_tests_name("obituary", tests, NULL, NULL);
}
