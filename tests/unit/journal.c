/* A journal: what is written is read, by one writer at a time, and nothing else is taken for one. */
#define _GNU_SOURCE /* asprintf */
#include "journal.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int clean(void **state)
{
    (void)state;
    forget_files();
    return 0;
}

static void assert_rows(uint64_t n)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct seen seen;

    if (read_rows(&seen, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(seen.rows, n);
    assert_int_equal(seen.torn, 0);
}

static void rows__are_read_as_they_were_written(void **state)
{
    struct pf_journal *journal = opened(0);

    (void)state;
    add_rows(journal, 0, 1000);
    assert_int_equal(pf_journal_close(journal, NULL), 0);
    assert_rows(1000);
    journal = opened(0); /* and go on behind those that are there */
    add_rows(journal, 1000, 1200);
    assert_int_equal(pf_journal_close(journal, NULL), 0);
    assert_rows(1200);
}

static void rows__are_the_same_without_wal(void **state)
{
    struct pf_journal *journal = opened(PF_JOURNAL_NO_WAL);
    char wal[400];

    (void)state;
    add_rows(journal, 0, 300);
    snprintf(wal, sizeof wal, "%s-wal", file);
    assert_int_equal(access(wal, F_OK), -1);
    pf_journal_flush(journal);
    assert_rows(300); /* while it is open */
    assert_int_equal(pf_journal_close(journal, NULL), 0);
    journal = opened(0); /* from one mode into the other */
    add_rows(journal, 300, 400);
    assert_int_equal(access(wal, F_OK), 0);
    assert_rows(300);
    assert_int_equal(pf_journal_close(journal, NULL), 0);
    assert_rows(400);
}

static void rows__are_committed_when_they_are_due(void **state)
{
    struct pf_journal *journal = opened(0);

    (void)state;
    assert_true(pf_journal_due(journal) == PF_NEVER);
    add_rows(journal, 0, 10);
    assert_true(pf_journal_due(journal) <= pf_now() + PF_S);
    pf_journal_tick(journal);
    assert_rows(0);
    eventually((pf_journal_tick(journal), pf_journal_due(journal) == PF_NEVER));
    assert_rows(10);
    add_rows(journal, 10, 30000); /* too many to wait */
    pf_journal_close(journal, NULL);
    assert_rows(30000);
}

/* A process that is killed while it writes. */
static void rows__that_were_committed_outlive_their_writer(void **state)
{
    int ready[2], status;
    pid_t pid;
    char c;

    (void)state;
    assert_int_equal(pipe(ready), 0);
    pid = fork_child();
    if (pid == 0) {
        struct pf_journal *journal = opened(0);
        add_rows(journal, 0, 100);
        pf_journal_flush(journal);
        add_rows(journal, 100, 150);
        if (write(ready[1], "", 1) == 1)
            pause();
        _exit(99);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &c, 1), 1);
    close(ready[0]);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_rows(100);
    struct pf_journal *journal = opened(0); /* nobody has it locked */
    add_rows(journal, 100, 200);
    pf_journal_close(journal, NULL);
    assert_rows(200);
}

static void writer__is_alone_and_named(void **state)
{
    struct pf_journal *journal = opened(0), *second;
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    char want[64];

    (void)state;
    assert_int_equal(pf_journal_open(&second, file, 0, &err), PINFOLD_E_JOURNAL);
    snprintf(want, sizeof want, "process %d on ", (int)getpid());
    assert_non_null(strstr(err.text, want));
    assert_null(strchr(err.text, '\n'));
    add_rows(journal, 0, 5); /* the first is none the worse for it */
    assert_int_equal(pf_journal_close(journal, NULL), 0);
    assert_rows(5);
}

static void digests__are_there_without_results(void **state)
{
    struct pf_journal *journal = opened(PF_JOURNAL_DIGESTS);
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct stat at;
    struct seen seen;

    (void)state;
    add_rows(journal, 0, 100);
    pf_journal_close(journal, NULL);
    assert_int_equal(stat(results_file, &at), 0);
    assert_int_equal(at.st_size, 0);
    assert_int_equal(read_rows(&seen, &err), 0);
    assert_int_equal(seen.rows, 100);
    assert_int_equal(seen.kept, 2); /* of 0 bytes: items 0 and 50 */
}

static int sum_is(void *context, const struct pf_journal_sum *sum)
{
    int *n = context;

    if ((*n)++ == 0) {
        assert_string_equal(sum->key, "k");
        assert_int_equal(sum->items, 110);
        assert_int_equal(sum->done, 101);
        assert_int_equal(sum->failed, 9);
        assert_int_equal(sum->attempts, 111);
    } else {
        assert_string_equal(sum->key, "other 'key'");
        assert_int_equal(sum->items, 1);
    }
    return 0;
}

static int count_row(void *context, const struct pf_attempt *row)
{
    int64_t *n = context;

    (void)row;
    ++*n;
    return 0;
}

static int second_row(void *context, const struct pf_attempt *row)
{
    (void)row;
    return ++*(int *)context == 2 ? 42 : 0;
}

static void items__are_what_their_last_attempt_was(void **state)
{
    struct pf_journal *journal = opened(0);
    struct pf_journal_query query = {.which = PF_LAST_FAILED, .most = -1};
    struct pf_attempt attempt;
    int64_t call, failed = 0, slow = 0;
    int sums = 0, rows = 0;

    (void)state;
    add_rows(journal, 0, 110);
    call = pf_journal_call(journal, "k");
    assert_int_equal(pf_journal_call(journal, "k"), call);
    attempt = attempt_of(call, 11);
    attempt.item = 10; /* failed before */
    pf_journal_note(journal, &attempt);
    attempt.call = pf_journal_call(journal, "other 'key'");
    assert_true(attempt.call != call);
    pf_journal_note(journal, &attempt);
    assert_int_equal(pf_journal_sums(journal, sum_is, &sums, NULL), 0);
    assert_int_equal(sums, 2);
    assert_int_equal(pf_journal_each(journal, &query, count_row, &failed, NULL), 0);
    assert_int_equal(failed, 9);
    query = (struct pf_journal_query){.call = call, .which = PF_SLOWEST, .most = 5};
    assert_int_equal(pf_journal_each(journal, &query, count_row, &slow, NULL), 0);
    assert_int_equal(slow, 5);
    assert_int_equal(pf_journal_each(journal, &everything, second_row, &rows, NULL), 42);
    pf_journal_close(journal, NULL);
}

static void files__follow_the_umask(void **state)
{
    mode_t before = umask(0002);
    struct pf_journal *journal = opened(0);
    struct stat at;
    char wal[400];

    (void)state;
    add_rows(journal, 0, 5);
    pf_journal_flush(journal);
    umask(before);
    snprintf(wal, sizeof wal, "%s-wal", file);
    assert_int_equal(stat(file, &at), 0);
    assert_int_equal(at.st_mode & 0777, 0664);
    assert_int_equal(stat(results_file, &at), 0);
    assert_int_equal(at.st_mode & 0777, 0664);
    assert_int_equal(stat(wal, &at), 0);
    assert_int_equal(at.st_mode & 0777, 0664);
    pf_journal_close(journal, NULL);
}

/* ---- what is no journal */
static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void assert_refused(const char *why)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_journal *journal;

    assert_int_equal(pf_journal_open(&journal, file, 0, &err), PINFOLD_E_JOURNAL);
    if (!strstr(err.text, why) || strchr(err.text, '\n'))
        fail_msg("not '%s': %s", why, err.text);
    assert_int_equal(pf_journal_read(&journal, file, NULL), PINFOLD_E_JOURNAL);
}

static void patch(off_t at, unsigned char value)
{
    int fd = open(file, O_WRONLY);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, &value, 1, at), 1);
    close(fd);
}

static void other_files__are_refused_and_left_alone(void **state)
{
    struct stat at;

    (void)state;
    write_file(file, "a letter, which is dear to somebody, and longer than a header of SQLite's\n"
                     "is, which has a hundred bytes, so that it could be taken for one\n");
    assert_refused("not a database");
    assert_int_equal(access(results_file, F_OK), -1);
    assert_int_equal(stat(file, &at), 0);
    assert_int_equal(at.st_size, 139);

    clean(NULL);
    pf_journal_close(opened(0), NULL);
    write_file(results_file, "another file of that name");
    {
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        struct pf_journal *journal;
        assert_int_equal(pf_journal_open(&journal, file, 0, &err), PINFOLD_E_JOURNAL);
        assert_non_null(strstr(err.text, "another kind of file"));
    }
    clean(NULL);
    assert_int_equal(mkdir(file, 0700), 0);
    assert_refused("");
    rmdir(file);
}

/* Bytes 60 to 63 and 68 to 71 of a database are its user_version and application_id (SQLite's "Database
 * File Format"). */
static void other_formats__are_refused(void **state)
{
    (void)state;
    pf_journal_close(opened(0), NULL);
    patch(63, 2);
    assert_refused("a newer Pinfold wrote it, in format 2");
    patch(63, 0);
    assert_refused("it is no journal");
    patch(63, 1);
    pf_journal_close(opened(0), NULL);
    patch(68, 0);
    assert_refused("another program's database");
}

static void missing_file__is_made_to_write_and_refused_to_read(void **state)
{
    struct pf_journal *journal;
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    (void)state;
    assert_int_equal(pf_journal_read(&journal, file, &err), PINFOLD_E_JOURNAL);
    assert_non_null(strstr(err.text, "No such file"));
    assert_int_equal(access(file, F_OK), -1);
    assert_int_equal(pf_journal_open(&journal, "/no/such/folder/x", 0, &err), PINFOLD_E_JOURNAL);
    assert_non_null(strstr(err.text, "No such file"));
    write_file(file, ""); /* as mktemp leaves one */
    assert_int_equal(pf_journal_read(&journal, file, &err), PINFOLD_E_JOURNAL);
    journal = opened(0);
    pf_journal_close(journal, NULL);
    assert_rows(0);
}

/* ---- the disk is full */
/* Writes until it fails: one error, kept, told once; and what was committed before is there. */
static void fill(void)
{
    struct pf_journal *journal = opened(0);
    uint64_t n = 0, committed = 0;
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct seen seen;

    assert_null(pf_journal_news(journal));
    while (!pf_journal_failure(journal)->code && n < 1000000) {
        committed = n;
        add_rows(journal, n, n + 100);
        n += 100;
        pf_journal_flush(journal);
    }
    assert_int_equal(pf_journal_failure(journal)->code, PINFOLD_E_JOURNAL);
    assert_null(strchr(pf_journal_failure(journal)->text, '\n'));
    assert_ptr_equal(pf_journal_news(journal), pf_journal_failure(journal));
    assert_null(pf_journal_news(journal));
    for (uint64_t item = n; item < n + 100; item++) { /* and it goes on */
        struct pf_attempt attempt = attempt_of(1, item);
        pf_journal_note(journal, &attempt);
    }
    pf_journal_flush(journal);
    assert_true(pf_journal_call(journal, "k") < 0);
    assert_int_equal(pf_journal_close(journal, NULL), PINFOLD_E_JOURNAL);
    print_message("# %s\n", err.text);
    if (read_rows(&seen, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(seen.torn, 0);
    assert_true(seen.rows >= committed && committed > 0);
}

/* A file system of one MiB, which nobody else sees. */
static void full_disk__is_one_error(void **state)
{
    (void)state;
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", "", MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", folder, "tmpfs", 0, "size=1m") != 0) {
        print_message("# SKIP no small file system can be mounted here\n");
        skip();
    }
    fill();
    assert_int_equal(umount2(folder, MNT_DETACH), 0);
}

static void limit_of_file_sizes__is_one_error(void **state)
{
    struct rlimit before, small;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 300000;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    fill();
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, clean)
    const struct CMUnitTest tests[] = {
        TEST(rows__are_read_as_they_were_written),
        TEST(rows__are_the_same_without_wal),
        TEST(rows__are_committed_when_they_are_due),
        TEST(rows__that_were_committed_outlive_their_writer),
        TEST(writer__is_alone_and_named),
        TEST(digests__are_there_without_results),
        TEST(items__are_what_their_last_attempt_was),
        TEST(files__follow_the_umask),
        TEST(other_files__are_refused_and_left_alone),
        TEST(other_formats__are_refused),
        TEST(missing_file__is_made_to_write_and_refused_to_read),
        TEST(limit_of_file_sizes__is_one_error),
        TEST(full_disk__is_one_error), /* the last: it leaves the mount namespace */
    };

    return cmocka_run_group_tests(tests, folder_begin, folder_end);
}
