/* The line that says how far it is: its text, and what goes to a stderr that is no terminal. */
#include "unit.h"

#include "base/meter.h"

static const char *text_of(struct pinfold_progress progress)
{
    static char text[256];

    progress.size = sizeof progress;
    pf_meter_text(text, sizeof text, "app", &progress);
    return text;
}

static void text__says_how_far_it_is(void **state)
{
    (void)state;
    assert_string_equal(text_of((struct pinfold_progress){.done = 418,
                                                          .failed = 2,
                                                          .running = 8,
                                                          .queued = 572,
                                                          .finished = 420,
                                                          .total = 1000,
                                                          .elapsed = 3,
                                                          .rate = 1234,
                                                          .left = 13}),
                        "app   42%  420/1000 done, 2 failed, 8 running  1.23 k/s  0:13 left");
}

static void text__of_a_stream_has_no_percent(void **state)
{
    (void)state;
    assert_string_equal(text_of((struct pinfold_progress){.done = 420,
                                                          .running = 8,
                                                          .queued = 3,
                                                          .finished = 420,
                                                          .elapsed = 65,
                                                          .rate = 6.46,
                                                          .left = -1}),
                        "app  420 done, 8 running  6.46/s  1:05");
}

static void text__at_the_end_is_of_all(void **state)
{
    (void)state;
    assert_string_equal(text_of((struct pinfold_progress){.done = 1970,
                                                          .failed = 10,
                                                          .cancelled = 20,
                                                          .finished = 5,
                                                          .total = 5,
                                                          .elapsed = 3723.4,
                                                          .rate = 0.5,
                                                          .last = true}),
                        "app  100%  2000/2000 done, 10 failed, 20 cancelled  0.5/s  1:02:03");
}

static void text__says_100_only_when_it_is_done(void **state)
{
    (void)state;
    for (uint64_t total = 1; total < UINT64_MAX / 3; total = 3 * total + 1) {
        struct pinfold_progress progress = {.finished = total - 1, .total = total};
        assert_null(strstr(text_of(progress), "100%"));
        progress.finished = total;
        assert_non_null(strstr(text_of(progress), "  100%"));
    }
}

static void text__has_three_digits_of_a_rate(void **state)
{
    static const struct {
        double rate;
        const char *text;
    } rates[] = {{1, "  1/s"},          {0.25, "  0.25/s"},    {99.94, "  99.9/s"},
                 {999.4, "  999/s"},    {999.6, "  1 k/s"},    {1e6, "  1 M/s"},
                 {999600, "  1 M/s"},   {2.5e9, "  2.5 G/s"},  {7e12, "  7 T/s"},
                 {0.05, "  3/min"},     {1.0 / 3600, "  1/h"}, {1e18, "  1e+06 T/s"},
                 {12345, "  12.3 k/s"}, {0.001, "  3.6/h"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rates); i++)
        assert_non_null(strstr(
            text_of((struct pinfold_progress){.total = 1, .rate = rates[i].rate}), rates[i].text));
}

static void text__has_times_that_can_be_read(void **state)
{
    static const struct {
        double left;
        const char *text;
    } times[] = {{0, "  0:00 left"},        {59.6, "  1:00 left"},    {61, "  1:01 left"},
                 {3599, "  59:59 left"},    {3600, "  1:00:00 left"}, {359999, "  99:59:59 left"},
                 {360000, "  4 days left"}, {1e300, " days left"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(times); i++)
        assert_non_null(strstr(
            text_of((struct pinfold_progress){.total = 1, .left = times[i].left}), times[i].text));
}

static void text__is_cut_where_there_is_no_room(void **state)
{
    struct pinfold_progress progress = {.finished = 420, .total = 1000, .rate = 5};
    char whole[200], text[200];
    size_t n;

    (void)state;
    pf_meter_text(whole, sizeof whole, "app", &progress);
    n = strlen(whole);
    for (size_t size = 1; size <= n + 1; size++) {
        memset(text, 'x', sizeof text);
        pf_meter_text(text, size, "app", &progress);
        assert_int_equal(strlen(text), size - 1);
        assert_memory_equal(text, whole, size - 1);
        assert_int_equal(text[size], 'x');
    }
}

/* What goes to a stderr that is a file. */
static const char *in_a_file(const double *elapsed, size_t n)
{
    static char text[2000];
    FILE *file = tmpfile();
    int saved = dup(2);
    char name[] = "app";
    size_t length;

    assert_non_null(file);
    fflush(stderr);
    dup2(fileno(file), 2);
    for (size_t i = 0; i < n; i++)
        pinfold_progress_stderr(name, &(struct pinfold_progress){
                                          .size = sizeof(struct pinfold_progress),
                                          .done = i,
                                          .running = 1,
                                          .finished = i,
                                          .total = i + 1,
                                          .elapsed = elapsed[i],
                                          .left = -1,
                                          .last = i == n - 1,
                                      });
    pinfold_progress_stderr(name, NULL); /* there is nothing to take away */
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    rewind(file);
    length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

static void file__has_a_line_now_and_then_and_the_last(void **state)
{
    static const double elapsed[] = {0.2, 1, 4.9, 5, 5.2, 9.9, 12, 13, 17, 17.1};

    (void)state;
    for (int round = 0; round < 2; round++) /* the next pool begins anew */
        assert_string_equal(in_a_file(elapsed, COUNT_OF(elapsed)),
                            "app   75%  3/4 done, 1 running  0:05\n"
                            "app   85%  6/7 done, 1 running  0:12\n"
                            "app   88%  8/9 done, 1 running  0:17\n"
                            "app   90%  9/10 done  0:17\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text__says_how_far_it_is),
        cmocka_unit_test(text__of_a_stream_has_no_percent),
        cmocka_unit_test(text__at_the_end_is_of_all),
        cmocka_unit_test(text__says_100_only_when_it_is_done),
        cmocka_unit_test(text__has_three_digits_of_a_rate),
        cmocka_unit_test(text__has_times_that_can_be_read),
        cmocka_unit_test(text__is_cut_where_there_is_no_room),
        cmocka_unit_test(file__has_a_line_now_and_then_and_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
