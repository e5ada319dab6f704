/* When a job is over, as an option, Slurm's environment, or squeue says. The squeue is a script. */
#include "unit.h"

#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "host/walltime.h"

static void read__knows_its_words(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    double seconds;
    bool ask;
    char word[32];

    (void)state;
    assert_int_equal(pf_walltime_read("none", &seconds, &ask, &err), 0);
    assert_true(isinf(seconds) && !ask);
    assert_int_equal(pf_walltime_read("auto", &seconds, &ask, &err), 0);
    assert_true(isinf(seconds) && ask);
    assert_int_equal(pf_walltime_read("2.5", &seconds, &ask, &err), 0);
    assert_true(seconds == 2.5 && !ask);
    snprintf(word, sizeof word, "@%lld", (long long)time(NULL) + 100);
    assert_int_equal(pf_walltime_read(word, &seconds, &ask, &err), 0);
    assert_true(seconds >= 98 && seconds <= 100 && !ask);
    assert_int_equal(pf_walltime_read("@1", &seconds, &ask, &err), 0);
    assert_true(seconds < 0);
}

static void read__refuses_others_by_name(void **state)
{
    static const char *const bad[] = {"",    "@",    "soon", "1h",    "-1",  "0",
                                      "inf", "@inf", "nan",  "1e999", "@-5", "auto "};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        double seconds;
        bool ask;
        char named[64];
        assert_int_equal(pf_walltime_read(bad[i], &seconds, &ask, &err), PINFOLD_E_ARGUMENT);
        snprintf(named, sizeof named, "deadline '%s'", bad[i]);
        assert_non_null(strstr(err.text, named));
    }
}

static void parse__reads_what_squeue_prints(void **state)
{
    time_t end = 0;

    (void)state;
    setenv("TZ", "UTC0", 1);
    tzset();
    assert_true(pf_walltime_parse("2026-02-03T04:05:06\n", &end));
    assert_true(end == 1770091506);
    assert_true(pf_walltime_parse("2026-02-03T04:05:06", &end));
    setenv("TZ", "XXX-2", 1); /* two hours east */
    tzset();
    assert_true(pf_walltime_parse("2026-02-03T04:05:06\n", &end));
    assert_true(end == 1770091506 - 7200);
    end = 7;
    assert_false(pf_walltime_parse("", &end));
    assert_false(pf_walltime_parse("N/A\n", &end));
    assert_false(pf_walltime_parse("Unknown\n", &end));
    assert_false(pf_walltime_parse("2026-02-03T04:05\n", &end));
    assert_false(pf_walltime_parse("2026-02-03T04:05:06\n2026-02-03T04:05:06\n", &end));
    assert_false(pf_walltime_parse("2026-02-03T04:05:06 or so\n", &end));
    assert_true(end == 7);
}

static char last[1024];

static void hear(void *data, char level, const char *text)
{
    (void)data;
    assert_int_equal(level, PF_DETAIL); /* that nothing is known is no reason to warn */
    snprintf(last, sizeof last, "%s", text);
}

static const struct pf_log heard = {.fn = hear};

/* What a process that asks hears, since the answer holds for all of a process: it is left in `last`.
 * A folder with `script` as squeue is all of its PATH but /bin. */
static double ask_anew(const char *script)
{
    char folder[] = "/tmp/pinfold-limit.XXXXXX", path[64], all[80];
    int pair[2], status;
    double answer = 0;
    FILE *file;
    pid_t pid;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/squeue", folder);
    snprintf(all, sizeof all, "%s:/bin:/usr/bin", folder);
    if (script) {
        file = fopen(path, "w");
        assert_non_null(file);
        fprintf(file, "#!/bin/sh\n%s\n", script);
        fclose(file);
        assert_int_equal(chmod(path, 0700), 0);
    } else {
        snprintf(all, sizeof all, "%s", folder);
    }
    assert_int_equal(pipe(pair), 0);
    pid = fork();
    if (pid == 0) {
        setenv("PATH", all, 1);
        answer = pf_walltime_ask(&heard);
        if (write(pair[1], &answer, sizeof answer) != sizeof answer ||
            write(pair[1], last, sizeof last) != sizeof last)
            _exit(1);
        remove(path);
        _exit(pf_walltime_ask(&heard) <= answer ? 0 : 2); /* squeue is asked once: it has gone */
    }
    assert_int_equal(read(pair[0], &answer, sizeof answer), sizeof answer);
    assert_int_equal(read(pair[0], last, sizeof last), sizeof last);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(pair[0]);
    close(pair[1]);
    remove(path);
    rmdir(folder);
    return answer;
}

static int no_slurm(void **state)
{
    (void)state;
    unsetenv("SLURM_JOB_ID");
    unsetenv("SLURM_JOB_END_TIME");
    unsetenv("SLURM_TIME_FORMAT");
    unsetenv("TZ");
    tzset();
    last[0] = '\0';
    return 0;
}

static void ask__asks_nobody_outside_of_a_job(void **state)
{
    (void)state;
    assert_true(isinf(ask_anew("date -d '+100 seconds' +%Y-%m-%dT%H:%M:%S")));
    assert_string_equal(last, "");
}

static void ask__takes_slurms_own_word(void **state)
{
    char text[32];
    double left;

    (void)state;
    snprintf(text, sizeof text, "%lld", (long long)time(NULL) + 500);
    setenv("SLURM_JOB_ID", "12", 1);
    setenv("SLURM_JOB_END_TIME", text, 1);
    left = ask_anew("exit 1");
    assert_true(left > 400 && left <= 500);
    setenv("SLURM_JOB_END_TIME", "soon", 1);
    assert_true(isinf(ask_anew("exit 1")));
}

/* It is asked as it was meant to be, and in the usual form of time. */
static void ask__asks_squeue(void **state)
{
    double left;

    (void)state;
    setenv("SLURM_JOB_ID", "12", 1);
    setenv("SLURM_TIME_FORMAT", "%s", 1);
    left = ask_anew("[ \"$*\" = '-h -j 12 -o %e' ] && [ $SLURM_TIME_FORMAT = standard ] &&"
                    "date -d '+100 seconds' +%Y-%m-%dT%H:%M:%S");
    assert_string_equal(last, "");
    assert_true(left > 50 && left <= 101);
}

static void ask__bears_all_that_squeue_does(void **state)
{
    static const struct {
        const char *script, *said;
    } bad[] = {{NULL, "squeue"}, /* "cannot be started"; valgrind does not tell that it cannot */
               {"exit 0", "said no time"},
               {"echo N/A", "said no time"},
               {"echo slurm_load_jobs error: Invalid job id specified >&2; exit 1", "said no time"},
               {"date -d '+100 seconds' +%Y-%m-%dT%H:%M:%S; exit 1", "said no time"},
               {"while :; do echo; done", "did not answer in time"},
               {"date -d '-100 seconds' +%Y-%m-%dT%H:%M:%S", "should have ended"}};

    (void)state;
    setenv("SLURM_JOB_ID", "12", 1);
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        assert_true(isinf(ask_anew(bad[i].script)));
        assert_non_null(strstr(last, bad[i].said));
    }
}

/* Neither one that says nothing holds us up, nor what it has started. */
static void ask__waits_for_no_longer_than_seconds(void **state)
{
    int64_t began = pf_now();

    (void)state;
    setenv("SLURM_JOB_ID", "12", 1);
    assert_true(isinf(ask_anew("sleep 1000 & sleep 1000")));
    assert_non_null(strstr(last, "did not answer in time"));
    assert_true(pf_now() - began >= 5 * PF_S);
    assert_true(pf_now() - began < 40 * PF_S);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__knows_its_words),
        cmocka_unit_test(read__refuses_others_by_name),
        cmocka_unit_test_setup(parse__reads_what_squeue_prints, no_slurm),
        cmocka_unit_test_setup(ask__asks_nobody_outside_of_a_job, no_slurm),
        cmocka_unit_test_setup(ask__takes_slurms_own_word, no_slurm),
        cmocka_unit_test_setup(ask__asks_squeue, no_slurm),
        cmocka_unit_test_setup(ask__bears_all_that_squeue_does, no_slurm),
        cmocka_unit_test_setup(ask__waits_for_no_longer_than_seconds, no_slurm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
