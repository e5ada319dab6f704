/* Options: the command line, the environment and the defaults, and which of them wins. */
#include "unit.h"

#include "base/option.h"

static const char *const variables[] = {
    "PINFOLD_BACKEND",        "PINFOLD_WORKERS",       "PINFOLD_PLACES",
    "PINFOLD_BIND",           "PINFOLD_RESERVE",       "PINFOLD_OVERSUBSCRIBE",
    "PINFOLD_DRIVER",         "PINFOLD_CPUS_PER_TASK", "PINFOLD_OPEN_TIMEOUT",
    "PINFOLD_GRACE",          "PINFOLD_PROGRESS",      "PINFOLD_TASKS_PER_WORKER",
    "PINFOLD_ISOLATE",        "PINFOLD_DEADLINE",      "PINFOLD_DEADLINE_MARGIN",
    "PINFOLD_MEMORY_LIMIT",   "PINFOLD_SIGNALS",       "PINFOLD_JOURNAL",
    "PINFOLD_JOURNAL_RESULTS"};

static int clean_environment(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(variables); i++)
        unsetenv(variables[i]);
    return 0;
}

/* A command line: words apart by one space. */
struct line {
    char text[256];
    char *argv[32];
    int argc;
};

static void split(struct line *line, const char *text)
{
    memset(line, 0, sizeof *line);
    snprintf(line->text, sizeof line->text, "%s", text);
    for (char *word = strtok(line->text, " "); word; word = strtok(NULL, " "))
        line->argv[line->argc++] = word;
}

static void assert_left(const struct line *line, const char *text)
{
    char joined[512] = "";

    for (int i = 0; i < line->argc; i++) {
        if (i > 0)
            strcat(joined, " ");
        strcat(joined, line->argv[i]);
    }
    assert_string_equal(joined, text);
    assert_null(line->argv[line->argc]);
}

static void parse__takes_its_own_and_keeps_the_rest_in_order(void **state)
{
    struct pinfold_options options = {.size = sizeof options};
    struct line line;

    (void)state;
    split(&line,
          "app -v --workers 4 in.txt --places=threads --verbose --open-timeout=2.5 -c 2 out");
    assert_int_equal(pinfold_options_parse(&options, &line.argc, line.argv, NULL), 0);
    assert_left(&line, "app -v in.txt --verbose out");
    assert_int_equal(options.max_workers, 4);
    assert_string_equal(options.places, "threads");
    assert_true(options.open_timeout == 2.5);
    assert_int_equal(options.cpus_per_task, 2);
    assert_null(options.backend);
}

static void parse__stops_at_two_dashes(void **state)
{
    struct pinfold_options options = {.size = sizeof options};
    struct line line;

    (void)state;
    split(&line, "app --workers 4 -- --workers 5 -c 3");
    assert_int_equal(pinfold_options_parse(&options, &line.argc, line.argv, NULL), 0);
    assert_left(&line, "app -- --workers 5 -c 3");
    assert_int_equal(options.max_workers, 4);
    assert_int_equal(options.cpus_per_task, 0);
}

static void parse__reads_sizes_in_bytes_and_their_multiples(void **state)
{
    static const struct {
        const char *text;
        uint64_t size;
    } good[] = {{"1048576", 1 << 20},
                {"1048577", (1 << 20) + 1},
                {"1024K", 1 << 20},
                {"512M", 512 << 20},
                {"2g", (uint64_t)2 << 30},
                {"3T", (uint64_t)3 << 40},
                {"16777215T", (uint64_t)16777215 << 40}};
    static const char *const bad[] = {
        "0",   "1",   "1048575", "1023K", "-1M", "+1M",       " 1M",
        "1M ", "1MB", "1.5G",    "M",     "x",   "16777216T", "18446744073709551616"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        struct pinfold_options options = {.size = sizeof options};
        setenv("PINFOLD_MEMORY_LIMIT", good[i].text, 1);
        assert_int_equal(pf_options_settle(&options, NULL), 0);
        assert_true(options.memory_limit == good[i].size);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct pinfold_options options = {.size = sizeof options};
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        setenv("PINFOLD_MEMORY_LIMIT", bad[i], 1);
        assert_int_equal(pf_options_settle(&options, &err), PINFOLD_E_ARGUMENT);
        assert_non_null(strstr(err.text, "PINFOLD_MEMORY_LIMIT"));
        assert_non_null(strstr(err.text, bad[i]));
    }
}

static void parse__lets_the_last_one_win(void **state)
{
    struct pinfold_options options = {.size = sizeof options};
    struct line line;

    (void)state;
    split(&line, "app --workers 4 --workers=5");
    assert_int_equal(pinfold_options_parse(&options, &line.argc, line.argv, NULL), 0);
    assert_int_equal(options.max_workers, 5);
}

static void parse__leaves_longer_words_alone(void **state)
{
    struct pinfold_options options = {.size = sizeof options};
    struct line line;

    (void)state;
    split(&line, "app --workerss 4 --work 3 --binding=x -workers -config --- -");
    assert_int_equal(pinfold_options_parse(&options, &line.argc, line.argv, NULL), 0);
    assert_left(&line, "app --workerss 4 --work 3 --binding=x -workers -config --- -");
}

static void parse__takes_no_value_from_behind_an_option_that_needs_none(void **state)
{
    struct pinfold_options options = {.size = sizeof options};
    struct line line;

    (void)state;
    split(&line, "app --progress never --workers 2");
    assert_int_equal(pinfold_options_parse(&options, &line.argc, line.argv, NULL), 0);
    assert_left(&line, "app never");
    assert_string_equal(options.progress, "always");
    assert_int_equal(options.max_workers, 2);
    split(&line, "app --progress=never --progress=auto --progressive");
    assert_int_equal(pinfold_options_parse(&options, &line.argc, line.argv, NULL), 0);
    assert_left(&line, "app --progressive");
    assert_string_equal(options.progress, "auto");
    split(&line, "app --progress"); /* the last word of all */
    assert_int_equal(pinfold_options_parse(&options, &line.argc, line.argv, NULL), 0);
    assert_left(&line, "app");
    assert_string_equal(options.progress, "always");
}

static void parse__refuses_bad_values_and_changes_nothing(void **state)
{
    static const char *const bad[] = {"app x --grace 1 y --workers 0",
                                      "app x --grace 1 --workers -1",
                                      "app x --grace 1 --workers two",
                                      "app x --grace 1 --workers 3x",
                                      "app x --grace 1 --workers",
                                      "app x --grace 1 --workers=",
                                      "app x --grace 1 --backend fibres",
                                      "app x --grace 1 --backend inline|processes",
                                      "app x --grace 1 --backend=",
                                      "app x --driver all",
                                      "app x --grace 1 --grace 0",
                                      "app x --grace 1 --grace -1",
                                      "app x --grace 1 --grace nan",
                                      "app x --grace 1 --grace inf",
                                      "app x --grace 1 --grace 1e999",
                                      "app x --workers 99999999999999999999",
                                      "app x --grace 1 -c 0",
                                      "app x --grace 1 --progress=sometimes",
                                      "app x --grace 1 --progress=",
                                      "app x --grace 1 -c"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct pinfold_options options = {.size = sizeof options, .max_workers = 3}, before;
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        struct line line;

        before = options;
        split(&line, bad[i]);
        assert_int_equal(pinfold_options_parse(&options, &line.argc, line.argv, &err),
                         PINFOLD_E_ARGUMENT);
        assert_left(&line, bad[i]);
        assert_memory_equal(&options, &before, sizeof options);
        assert_non_null(strstr(err.text, "--"));
    }
}

static void settle__fills_in_the_defaults(void **state)
{
    struct pinfold_options options = {.size = sizeof options};

    (void)state;
    assert_int_equal(pf_options_settle(&options, NULL), 0);
    assert_null(options.backend);
    assert_int_equal(options.max_workers, 0);
    assert_string_equal(options.places, "cores");
    assert_string_equal(options.bind, "close");
    assert_string_equal(options.reserve, "none");
    assert_string_equal(options.oversubscribe, "warn");
    assert_string_equal(options.driver, "shared");
    assert_int_equal(options.cpus_per_task, 1);
    assert_true(options.open_timeout == 120);
    assert_true(options.grace == 10);
    assert_string_equal(options.progress, "never");
    assert_int_equal(options.tasks_per_worker, 0);
    assert_string_equal(options.deadline, "auto");
    assert_true(options.deadline_margin == 0);
    assert_int_equal(options.memory_limit, 0);
    assert_string_equal(options.signals, "none");
    assert_null(options.journal);
    assert_string_equal(options.journal_results, "keep");
}

static void settle__prefers_the_program_to_the_environment(void **state)
{
    struct pinfold_options options = {.size = sizeof options, .max_workers = 2, .bind = "none"};

    (void)state;
    setenv("PINFOLD_WORKERS", "7", 1);
    setenv("PINFOLD_BIND", "spread", 1);
    setenv("PINFOLD_PLACES", "threads", 1);
    setenv("PINFOLD_GRACE", "0.25", 1);
    setenv("PINFOLD_DRIVER", "", 1); /* as if it were not there */
    assert_int_equal(pf_options_settle(&options, NULL), 0);
    assert_int_equal(options.max_workers, 2);
    assert_string_equal(options.bind, "none");
    assert_string_equal(options.places, "threads");
    assert_true(options.grace == 0.25);
    assert_string_equal(options.driver, "shared");
}

static void settle__names_the_variable_that_makes_no_sense(void **state)
{
    struct pinfold_options options = {.size = sizeof options};
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    (void)state;
    setenv("PINFOLD_WORKERS", "many", 1);
    assert_int_equal(pf_options_settle(&options, &err), PINFOLD_E_ARGUMENT);
    assert_non_null(strstr(err.text, "PINFOLD_WORKERS"));
    assert_non_null(strstr(err.text, "many"));
}

static void settle__names_the_field_that_makes_no_sense(void **state)
{
    static const struct {
        struct pinfold_options options;
        const char *name;
    } bad[] = {{{.backend = "fibres"}, "backend"},
               {{.driver = "x"}, "driver"},
               {{.max_workers = -1}, "workers"},
               {{.cpus_per_task = -2}, "cpus-per-task"},
               {{.open_timeout = -1}, "open-timeout"},
               {{.grace = -0.5}, "grace"},
               {{.tasks_per_worker = -1}, "tasks-per-worker"},
               {{.deadline_margin = -1}, "deadline-margin"},
               {{.memory_limit = 4096}, "memory-limit"},
               {{.signals = "term"}, "signals"},
               {{.journal_results = "some"}, "journal-results"},
               {{.backend = "inline|processes"}, "backend"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct pinfold_options options = bad[i].options;
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        assert_int_equal(pf_options_settle(&options, &err), PINFOLD_E_ARGUMENT);
        assert_non_null(strstr(err.text, bad[i].name));
    }
}

static void text__differs_where_options_do(void **state)
{
    char places[2][1200];
    struct pf_buf text[2] = {{0}, {0}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct pinfold_options options = {.size = sizeof options, .places = places[i]};
        strcpy(places[i], "list:0");
        while (strlen(places[i]) < 1000)
            strcat(places[i], ";0");
        strcat(places[i], i ? ";1" : ";2"); /* at the very end */
        assert_int_equal(pf_options_settle(&options, NULL), 0);
        pf_options_text(&options, &text[i]);
        assert_false(text[i].failed);
        assert_int_equal(text[i].data[text[i].size - 1], '\n');
    }
    assert_int_equal(text[0].size, text[1].size);
    assert_memory_not_equal(text[0].data, text[1].data, text[0].size);
    pf_buf_free(&text[0]);
    pf_buf_free(&text[1]);
}

static void text__leaves_out_what_is_the_drivers_alone(void **state)
{
    struct pf_buf text[2] = {{0}, {0}};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct pinfold_options options = {.size = sizeof options,
                                          .progress = i ? "always" : "never"};
        assert_int_equal(pf_options_settle(&options, NULL), 0);
        pf_options_text(&options, &text[i]);
        assert_false(text[i].failed);
    }
    assert_int_equal(text[0].size, text[1].size);
    assert_memory_equal(text[0].data, text[1].data, text[0].size);
    pf_buf_free(&text[0]);
    pf_buf_free(&text[1]);
}

static void help__has_a_line_for_every_variable(void **state)
{
    const char *help = pinfold_options_help();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        char option[64] = "--";
        for (const char *c = variables[i] + strlen("PINFOLD_"); *c; c++)
            snprintf(option + strlen(option), 2, "%c", *c == '_' ? '-' : *c + 'a' - 'A');
        assert_non_null(strstr(help, option));
    }
    for (const char *line = help; *line; line = strchr(line, '\n') + 1)
        assert_in_range(strcspn(line, "\n"), 1, 100);
    assert_ptr_equal(help, pinfold_options_help());
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, clean_environment)
    const struct CMUnitTest tests[] = {
        TEST(parse__takes_its_own_and_keeps_the_rest_in_order),
        TEST(parse__stops_at_two_dashes),
        TEST(parse__reads_sizes_in_bytes_and_their_multiples),
        TEST(parse__lets_the_last_one_win),
        TEST(parse__leaves_longer_words_alone),
        TEST(parse__takes_no_value_from_behind_an_option_that_needs_none),
        TEST(parse__refuses_bad_values_and_changes_nothing),
        TEST(settle__fills_in_the_defaults),
        TEST(settle__prefers_the_program_to_the_environment),
        TEST(settle__names_the_variable_that_makes_no_sense),
        TEST(settle__names_the_field_that_makes_no_sense),
        TEST(text__differs_where_options_do),
        TEST(text__leaves_out_what_is_the_drivers_alone),
        TEST(help__has_a_line_for_every_variable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
