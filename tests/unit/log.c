/* What is said of a pool: one call for each line, and the ready-made one for stderr. */
#include "unit.h"

#include <unistd.h>

#include "base/log.h"

struct said {
    int lines;
    char level;
    char text[2000];
};

static void listen(void *data, char level, const char *text)
{
    struct said *said = data;

    said->lines++;
    said->level = level;
    snprintf(said->text, sizeof said->text, "%s", text);
}

static void log__calls_the_function_with_one_line(void **state)
{
    struct said said = {0};
    struct pf_log log = {listen, &said};

    (void)state;
    pf_log(&log, PF_NOTICE, "%d workers", 3);
    assert_int_equal(said.lines, 1);
    assert_int_equal(said.level, 'n');
    assert_string_equal(said.text, "3 workers");
}

static void log__without_a_function_is_silent(void **state)
{
    struct pf_log log = {0};

    (void)state;
    pf_log(&log, PF_WARNING, "%s", "nobody hears it");
}

static void log__cuts_what_is_too_long(void **state)
{
    struct said said = {0};
    struct pf_log log = {listen, &said};
    char text[3000];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    pf_log(&log, PF_WARNING, "%s", text);
    assert_int_equal(strlen(said.text), 1023);
}

/* What pinfold_log_stderr writes. */
static const char *on_stderr(void *name, char level, const char *text)
{
    static char line[256];
    FILE *file = tmpfile();
    int saved = dup(2);
    size_t n;

    assert_non_null(file);
    fflush(stderr);
    dup2(fileno(file), 2);
    pinfold_log_stderr(name, level, text);
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    rewind(file);
    n = fread(line, 1, sizeof line - 1, file);
    line[n] = '\0';
    fclose(file);
    return line;
}

static void stderr__names_the_program_and_the_level(void **state)
{
    char name[] = "app";

    (void)state;
    unsetenv("PINFOLD_LOG");
    assert_string_equal(on_stderr(name, PF_WARNING, "beware"), "app: warning: beware\n");
    assert_string_equal(on_stderr(name, PF_NOTICE, "by the way"), "app: by the way\n");
    assert_non_null(strstr(on_stderr(NULL, PF_NOTICE, "hello"), "log: hello\n"));
}

static void stderr__shows_detail_only_where_it_is_wanted(void **state)
{
    char name[] = "app";

    (void)state;
    unsetenv("PINFOLD_LOG");
    assert_string_equal(on_stderr(name, PF_DETAIL, "more"), "");
    setenv("PINFOLD_LOG", "debug", 1);
    assert_string_equal(on_stderr(name, PF_DETAIL, "more"), "app: more\n");
    setenv("PINFOLD_LOG", "quiet", 1);
    assert_string_equal(on_stderr(name, PF_DETAIL, "more"), "");
    unsetenv("PINFOLD_LOG");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log__calls_the_function_with_one_line),
        cmocka_unit_test(log__without_a_function_is_silent),
        cmocka_unit_test(log__cuts_what_is_too_long),
        cmocka_unit_test(stderr__names_the_program_and_the_level),
        cmocka_unit_test(stderr__shows_detail_only_where_it_is_wanted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
