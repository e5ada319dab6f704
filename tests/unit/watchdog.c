/* What ends a call that has no end of its own. */
#include "unit.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/watchdog.h"

/* A child that never comes back, watched; its last words, and its status. */
static int hang_watched(int64_t deadline, char *words, size_t size)
{
    int ends[2], status = 0;
    ssize_t got;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        struct pf_watchdog dog;
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        pf_watchdog_start(&dog, deadline, "it does not come back");
        for (;;)
            pause();
    }
    close(ends[1]);
    got = read(ends[0], words, size - 1);
    words[got > 0 ? got : 0] = '\0';
    close(ends[0]);
    waitpid(child, &status, 0);
    return status;
}

static void watchdog__ends_the_process_with_one_line(void **state)
{
    char words[256];
    int status = hang_watched(pf_now() + 20 * PF_MS, words, sizeof words);

    (void)state;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), PF_WATCHDOG_STATUS);
    assert_non_null(strstr(words, ": it does not come back\n"));
    assert_ptr_equal(strchr(words, '\n'), words + strlen(words) - 1);
}

static void watchdog__called_off_does_nothing(void **state)
{
    struct pf_watchdog dog;

    (void)state;
    pf_watchdog_start(&dog, pf_now() + 3600 * PF_S, "never said");
    pf_watchdog_stop(&dog);
    pf_watchdog_stop(&dog); /* a second time is no harm */
}

static void watchdog__without_a_deadline_watches_nothing(void **state)
{
    struct pf_watchdog dog;

    (void)state;
    pf_watchdog_start(&dog, PF_NEVER, "never said");
    assert_false(dog.running);
    pf_watchdog_stop(&dog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(watchdog__ends_the_process_with_one_line),
        cmocka_unit_test(watchdog__called_off_does_nothing),
        cmocka_unit_test(watchdog__without_a_deadline_watches_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
