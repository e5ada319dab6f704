/* The database of a journal, when somebody made it who means us no good: it is shown as far as it can
 * be, or refused with one line, in a moment. (tests/unit/journal.c has what is no journal at all.)
 */
#include "journal.h"

#include "record/database.h"

static int make(void **state)
{
    struct pf_journal *journal;

    (void)state;
    forget_files();
    journal = opened(0);
    add_rows(journal, 0, 20);
    return pf_journal_close(journal, NULL);
}

/* Does to the file what ours would never do. */
static void twist(const char *sql)
{
    sqlite3 *db;
    char *why = NULL;

    assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
    sqlite3_exec(db, sql, NULL, NULL, &why);
    if (why)
        fail_msg("%s", why);
    sqlite3_close(db);
}

static int ignore_row(void *context, const struct pf_attempt *row)
{
    (void)context, (void)row;
    return 0;
}

static int ignore_sum(void *context, const struct pf_journal_sum *sum)
{
    (void)context, (void)sum;
    return 0;
}

/* Reads all rows, and the sums: the code of what fails first. */
static int show(struct pinfold_error *err)
{
    struct pf_journal *journal;
    struct pf_journal_run run;
    int code = pf_journal_read(&journal, file, err);

    if (code)
        return code;
    pf_journal_last_run(journal, &run);
    code = pf_journal_each(journal, &everything, ignore_row, NULL, err);
    if (!code)
        code = pf_journal_sums(journal, ignore_sum, NULL, err);
    pf_journal_close(journal, NULL);
    return code;
}

static void assert_broken(const char *why)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    assert_int_equal(show(&err), PINFOLD_E_JOURNAL);
    if (!strstr(err.text, why) || strchr(err.text, '\n'))
        fail_msg("not '%s': %s", why, err.text);
}

static void view__without_an_end_is_given_up(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_journal *journal;

    (void)state;
    twist("DROP VIEW attempts; ALTER TABLE attempt RENAME TO finite; CREATE VIEW attempt AS"
          " WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more)"
          " SELECT more.n * 1000 + finite.id AS id, call, item, attempt, argument, state, code,"
          " status, text, worker, started, ended, cpu, peak, size, digest, at, result"
          " FROM more, finite");
    assert_broken("it seems to have no end");
    twist("ALTER TABLE call RENAME TO few; CREATE VIEW call AS"
          " WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more)"
          " SELECT n AS id, 'q' AS key FROM more");
    if (pf_journal_open(&journal, file, 0, &err) == 0) { /* which takes rows into tables alone */
        assert_true(pf_journal_call(journal, "k") < 0);
        assert_int_equal(pf_journal_close(journal, &err), PINFOLD_E_JOURNAL);
    }
    assert_int_equal(err.code, PINFOLD_E_JOURNAL);
}

/* A message of SQLite's that has a name of the file's. */
static void error__is_one_line_whatever_is_in_the_file(void **state)
{
    (void)state;
    twist("PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = 'nonsense', name = 'a' ||"
          " char(10) || 'b' WHERE name = 'attempt_of_call'");
    assert_broken("malformed");
}

static int is_late(void *context, const struct pf_attempt *row)
{
    (void)context;
    assert_true(row->started >= 0 && row->ended >= 0);
    assert_true(row->ended - row->started <= row->ended); /* which overflows nothing */
    return 0;
}

static void moment__before_all_time_is_none(void **state)
{
    struct pf_journal *journal;

    (void)state;
    twist("UPDATE attempt SET started = -9223372036854775807, ended = 9223372036854775807");
    assert_int_equal(pf_journal_read(&journal, file, NULL), 0);
    assert_int_equal(pf_journal_each(journal, &everything, is_late, NULL, NULL), 0);
    pf_journal_close(journal, NULL);
}

/* What is large is not taken for what has no end. */
static void many_rows__are_read(void **state)
{
    struct pf_journal *journal = opened(0);
    struct pf_journal_query failed = {.which = PF_LAST_FAILED, .most = -1};
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    (void)state;
    add_rows(journal, 20, 60000);
    assert_int_equal(pf_journal_close(journal, NULL), 0);
    assert_int_equal(show(&err), 0);
    assert_int_equal(pf_journal_read(&journal, file, &err), 0);
    assert_int_equal(pf_journal_each(journal, &failed, ignore_row, NULL, &err), 0);
    pf_journal_close(journal, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, make)
    const struct CMUnitTest tests[] = {
        TEST(view__without_an_end_is_given_up),
        TEST(error__is_one_line_whatever_is_in_the_file),
        TEST(moment__before_all_time_is_none),
        TEST(many_rows__are_read),
    };

    return cmocka_run_group_tests(tests, folder_begin, folder_end);
}
