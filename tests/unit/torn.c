/* A journal that was cut anywhere: copies of one, shortened by every number of bytes up to 64 KiB, are
 * read as all rows up to some commit, or refused with one clear line. No row is wrong, and a result
 * whose bytes are gone does not count as kept.
 * By itself the cuts are a sample, with all those near the borders of pages and frames; with the
 * environment's PINFOLD_TEST_CUTS=all (make check-slow) they are all there are.
 */
#include "journal.h"

#define CUTS 65536

/* What tests/deadline looks for: every cut takes its time. */
const char deadline[];
const char deadline[] = "# deadline: 900";

struct copy {
    unsigned char *data;
    size_t size;
};

static struct copy load(const char *path)
{
    int fd = open(path, O_RDONLY);
    struct copy copy = {0};
    struct stat at;

    assert_true(fd >= 0 && fstat(fd, &at) == 0);
    copy.size = (size_t)at.st_size;
    copy.data = malloc(copy.size);
    assert_non_null(copy.data);
    assert_int_equal(read(fd, copy.data, copy.size), (ssize_t)copy.size);
    close(fd);
    return copy;
}

static void store(const char *path, const struct copy *copy, size_t size)
{
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, copy->data, size), (ssize_t)size);
    close(fd);
}

/* The next cut behind this one; `border`: the size of what the file is made of. */
static size_t next_cut(size_t cut, size_t size, size_t border)
{
    const char *cuts = getenv("PINFOLD_TEST_CUTS"); /* one in so many; 1: all */
    size_t step = cuts ? strtoul(cuts, NULL, 10) : 97, left;

    do {
        left = (size - ++cut) % border;
    } while (step && cut % step != 0 && left > 1 && left < border - 1);
    return cut;
}

static char wal[400];

/* A journal of n rows in transactions of 10, copied while it is open: a database and a WAL. */
static void make(uint64_t n, struct copy *database, struct copy *log, struct copy *results)
{
    struct pf_journal *journal;

    forget_files();
    journal = opened(0);
    snprintf(wal, sizeof wal, "%s-wal", file);
    for (uint64_t i = 0; i < n; i += 10) {
        add_rows(journal, i, i + 10);
        pf_journal_flush(journal);
    }
    if (log) {
        *database = load(file);
        *log = load(wal);
    }
    *results = load(results_file);
    assert_int_equal(pf_journal_close(journal, NULL), 0);
    if (!log)
        *database = load(file);
    forget_files();
}

/* Reads what lies there now: rows, or -1 and one clear line. */
static int64_t rows_left(struct seen *seen)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    if (read_rows(seen, &err) == 0)
        return (int64_t)seen->rows;
    assert_int_equal(err.code, PINFOLD_E_JOURNAL);
    assert_non_null(strstr(err.text, "journal "));
    assert_null(strchr(err.text, '\n'));
    return -1;
}

static void database__cut_short_is_refused(void **state)
{
    struct copy database, results;
    struct seen seen;
    size_t cuts = 0;

    (void)state;
    make(900, &database, NULL, &results);
    assert_true(database.size > CUTS);
    store(results_file, &results, results.size);
    store(file, &database, database.size);
    assert_int_equal(rows_left(&seen), 900);
    for (size_t cut = 1; cut <= CUTS; cut = next_cut(cut, database.size, 4096), cuts++) {
        assert_int_equal(truncate(file, (off_t)(database.size - cut)), 0); /* shorter each time */
        assert_int_equal(rows_left(&seen), -1);
    }
    print_message("# %zu cuts\n", cuts);
    free(database.data);
    free(results.data);
}

static void log__cut_short_has_all_rows_up_to_a_commit(void **state)
{
    struct copy database, log, results;
    struct seen seen;
    size_t cuts = 0;
    int64_t before = 150;

    (void)state;
    make(150, &database, &log, &results);
    assert_true(log.size > CUTS);
    store(results_file, &results, results.size);
    for (size_t cut = 0; cut <= CUTS; cut = next_cut(cut, log.size - 32, 4096 + 24), cuts++) {
        int64_t rows;
        store(file, &database, database.size);
        store(wal, &log, log.size - cut);
        rows = rows_left(&seen);
        assert_true(rows >= 0 && rows <= before && rows % 10 == 0);
        assert_int_equal(seen.torn, 0);
        before = rows;
    }
    assert_true(before < 150);
    print_message("# %zu cuts\n", cuts);
    free(database.data);
    free(log.data);
    free(results.data);
}

static void results__cut_short_are_not_kept(void **state)
{
    struct copy database, results;
    struct seen seen;
    uint64_t kept;
    size_t cuts = 0;

    (void)state;
    make(400, &database, NULL, &results);
    assert_true(results.size > CUTS);
    store(file, &database, database.size);
    store(results_file, &results, results.size);
    assert_int_equal(rows_left(&seen), 400);
    kept = seen.kept;
    for (size_t cut = 1; cut <= CUTS; cut = next_cut(cut, results.size, 1024), cuts++) {
        assert_int_equal(truncate(results_file, (off_t)(results.size - cut)), 0);
        assert_int_equal(rows_left(&seen), 400);
        assert_true(seen.torn > 0 && seen.kept <= kept);
        kept = seen.kept;
    }
    store(results_file, &results, results.size);
    results.data[results.size / 2] ^= 1; /* a bit that fell over */
    store(results_file, &results, results.size);
    assert_int_equal(rows_left(&seen), 400);
    assert_int_equal(seen.torn, 1);
    unlink(results_file);
    assert_int_equal(rows_left(&seen), 400);
    assert_true(seen.torn > 50);
    print_message("# %zu cuts\n", cuts);
    free(database.data);
    free(results.data);
}

/* The same through the writer, which goes on from there: what it adds follows what is left. */
static void writer__goes_on_from_a_log_that_was_cut(void **state)
{
    struct copy database, log, results;
    struct seen seen;

    (void)state;
    make(150, &database, &log, &results);
    for (size_t cut = 0; cut <= CUTS; cut += 4999) {
        struct pf_journal *journal;
        int64_t rows;
        forget_files();
        store(file, &database, database.size);
        store(wal, &log, log.size - cut);
        store(results_file, &results, results.size);
        rows = rows_left(&seen);
        assert_true(rows >= 0);
        journal = opened(0);
        add_rows(journal, (uint64_t)rows, (uint64_t)rows + 20);
        assert_int_equal(pf_journal_close(journal, NULL), 0);
        assert_int_equal(rows_left(&seen), rows + 20);
        assert_int_equal(seen.torn, 0);
    }
    free(database.data);
    free(log.data);
    free(results.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(database__cut_short_is_refused),
        cmocka_unit_test(log__cut_short_has_all_rows_up_to_a_commit),
        cmocka_unit_test(results__cut_short_are_not_kept),
        cmocka_unit_test(writer__goes_on_from_a_log_that_was_cut),
    };

    return cmocka_run_group_tests(tests, folder_begin, folder_end);
}
