/* SIGUSR1 and SIGUSR2: taken and given back, heard, and borne. */
#include "unit.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/signals.h"

static bool readable(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};

    return poll(&one, 1, 0) == 1;
}

static void (*handler_of(int signal))(int)
{
    struct sigaction now;

    assert_int_equal(sigaction(signal, NULL, &now), 0);
    return now.sa_handler;
}

static void take__is_given_back_by_the_last_release(void **state)
{
    (void)state;
    signal(SIGUSR2, SIG_IGN);
    assert_false(pf_signals_untouched());
    pf_signals_take();
    pf_signals_take();
    assert_true(pf_signals_taken());
    assert_true(handler_of(SIGUSR1) != SIG_DFL && handler_of(SIGUSR2) != SIG_IGN);
    pf_signals_release();
    assert_true(pf_signals_taken() && handler_of(SIGUSR1) != SIG_DFL);
    pf_signals_release();
    assert_false(pf_signals_taken());
    assert_true(handler_of(SIGUSR1) == SIG_DFL && handler_of(SIGUSR2) == SIG_IGN);
    pf_signals_release(); /* one too many */
    signal(SIGUSR2, SIG_DFL);
    assert_true(pf_signals_untouched());
}

static void taken__ring_and_are_remembered(void **state)
{
    (void)state;
    pf_signals_take();
    assert_false(pf_signals_early() || pf_signals_status() || readable(pf_signals_bell()));
    pf_signals_quiet();
    raise(SIGUSR2);
    raise(SIGUSR2);
    assert_true(readable(pf_signals_bell()));
    assert_true(pf_signals_status());
    assert_false(pf_signals_status() || pf_signals_early());
    pf_signals_quiet();
    assert_false(readable(pf_signals_bell()));
    raise(SIGUSR1);
    assert_true(readable(pf_signals_bell()));
    assert_true(pf_signals_early() && pf_signals_early()); /* for good */
    assert_false(pf_signals_status());
    pf_signals_quiet();
    pf_signals_release();
}

/* In what it starts, too, as a program has it that was started from a shell. */
static void borne__are_nothing_here_and_the_default_in_programs(void **state)
{
    pid_t pid = fork();
    int status;

    (void)state;
    if (pid == 0) {
        pf_signals_bear();
        raise(SIGUSR1);
        raise(SIGUSR2);
        execl("/bin/sh", "sh", "-c", "kill -USR2 $$; exit 3", (char *)NULL);
        _exit(4);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(take__is_given_back_by_the_last_release),
        cmocka_unit_test(taken__ring_and_are_remembered),
        cmocka_unit_test(borne__are_nothing_here_and_the_default_in_programs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
