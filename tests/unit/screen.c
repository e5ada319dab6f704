/* The line that is drawn on a terminal: a pseudo-terminal, whose other end is read here. */
#define _GNU_SOURCE /* posix_openpt */
#include "unit.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include "base/screen.h"
#include "base/log.h"

static int saved = -1, master = -1;

/* From here on stderr is a terminal of so many columns. */
static int set_up(void **state)
{
    struct winsize size = {.ws_row = 24, .ws_col = 20};
    int slave;

    (void)state;
    setenv("TERM", "xterm", 1);
    unsetenv("COLUMNS");
    master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
    assert_true(master >= 0);
    assert_int_equal(grantpt(master) | unlockpt(master), 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0);
    assert_int_equal(ioctl(slave, TIOCSWINSZ, &size), 0);
    fflush(stderr);
    saved = dup(STDERR_FILENO);
    dup2(slave, STDERR_FILENO);
    close(slave);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pf_screen_clear();
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(master);
    return 0;
}

/* What was written since the last look. A terminal has it as soon as write returns. */
static const char *written(void)
{
    static char text[4096];
    size_t n = 0;
    ssize_t got;

    fflush(stderr);
    while (n < sizeof text - 1 && (got = read(master, text + n, sizeof text - 1 - n)) > 0)
        n += (size_t)got;
    text[n] = '\0';
    return text;
}

static void line__is_drawn_over_the_one_before(void **state)
{
    (void)state;
    assert_true(pf_screen_possible());
    pf_screen_draw("one");
    assert_string_equal(written(), "\rone\033[K");
    pf_screen_draw("two");
    assert_string_equal(written(), "\rtwo\033[K");
}

static void line__is_taken_away_once(void **state)
{
    (void)state;
    pf_screen_clear();
    assert_string_equal(written(), "");
    pf_screen_draw("one");
    written();
    pf_screen_clear();
    assert_string_equal(written(), "\r\033[K");
    pf_screen_clear();
    assert_string_equal(written(), "");
}

static void line__makes_way_for_the_log(void **state)
{
    (void)state;
    pf_screen_draw("one");
    written();
    pinfold_log_stderr((char[]){"app"}, PF_NOTICE, "beware");
    assert_string_equal(written(), "\r\033[Kapp: beware\r\n");
    pinfold_log_stderr((char[]){"app"}, PF_NOTICE, "again");
    assert_string_equal(written(), "app: again\r\n");
}

static void line__is_cut_before_the_last_column(void **state)
{
    (void)state;
    pf_screen_draw("0123456789012345678");
    assert_string_equal(written(), "\r0123456789012345678\033[K");
    pf_screen_draw("01234567890123456789");
    assert_string_equal(written(), "\r0123456789012345678\033[K");
    pf_screen_draw("\u00fc1234567890123456\u00fc\u00fc\u00fc");
    assert_string_equal(written(), "\r\u00fc1234567890123456\u00fc\u00fc\033[K");
}

static void width__is_the_terminals_or_the_environments(void **state)
{
    struct winsize none = {0};

    (void)state;
    assert_int_equal(pf_screen_width(), 20);
    assert_int_equal(ioctl(STDERR_FILENO, TIOCSWINSZ, &none), 0);
    assert_int_equal(pf_screen_width(), 80);
    setenv("COLUMNS", "33", 1);
    assert_int_equal(pf_screen_width(), 33);
    setenv("COLUMNS", "-3", 1);
    assert_int_equal(pf_screen_width(), 80);
    setenv("COLUMNS", "wide", 1);
    assert_int_equal(pf_screen_width(), 80);
}

static void line__needs_a_terminal_that_can(void **state)
{
    int null = open("/dev/null", O_WRONLY), terminal = dup(STDERR_FILENO);
    bool in_null;

    (void)state;
    setenv("TERM", "dumb", 1);
    assert_false(pf_screen_possible());
    unsetenv("TERM");
    assert_false(pf_screen_possible());
    setenv("TERM", "xterm", 1);
    assert_true(pf_screen_possible());
    dup2(null, STDERR_FILENO);
    in_null = pf_screen_possible();
    dup2(terminal, STDERR_FILENO);
    close(null);
    close(terminal);
    assert_false(in_null);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(line__is_drawn_over_the_one_before),
        TEST(line__is_taken_away_once),
        TEST(line__makes_way_for_the_log),
        TEST(line__is_cut_before_the_last_column),
        TEST(width__is_the_terminals_or_the_environments),
        TEST(line__needs_a_terminal_that_can),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
