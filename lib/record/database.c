/* database.c - see database.h.
 *
 * Each attempt is a row of numbers, digests and, when it is small, its result; calls and workers have
 * tables of their own, so that a row names them by a number. Nothing is written twice but `closed`,
 * and nothing is searched while the work goes on: the only index is by call, in which new rows come
 * last. The schema is in pinfold(7), for sqlite3(1), and guarded by a number: FORMAT.
 *
 * Durability. In WAL mode with synchronous = NORMAL a commit is one write to the page cache: the end
 * of the driver, by whatever signal, loses no committed row. A loss of power may lose the last
 * commits, but never half of one; those items are run again, which is what would happen to them
 * anyway had the power gone a second earlier. FULL would wait for the disk at each commit.
 * WAL needs memory that is shared through a file, so on file systems that other machines see too
 * (disk.h) it is a rollback journal, which waits for the disk twice in a commit.
 */
#include "record/database.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/disk.h"

#define APPLICATION 0x50696e66 /* "Pinf" */
#define FORMAT      1

#define BUSY_MS 1000 /* to wait for another program that reads or writes the database */

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE run(id INTEGER PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL,"
    " pinfold TEXT NOT NULL, opened INTEGER NOT NULL, closed INTEGER);"
    "CREATE TABLE call(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);"
    "CREATE TABLE worker(id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES run,"
    " worker INTEGER NOT NULL, rank INTEGER NOT NULL, host TEXT NOT NULL, cpus TEXT NOT NULL,"
    " pid INTEGER NOT NULL);"
    "CREATE TABLE attempt(id INTEGER PRIMARY KEY, call INTEGER NOT NULL REFERENCES call,"
    " item INTEGER NOT NULL, attempt INTEGER NOT NULL, argument BLOB NOT NULL,"
    " state TEXT NOT NULL, code INTEGER NOT NULL, status INTEGER, text TEXT, worker INTEGER "
    "REFERENCES worker,"
    " started INTEGER NOT NULL, ended INTEGER NOT NULL, cpu INTEGER, peak INTEGER,"
    " size INTEGER, digest BLOB, at INTEGER, result BLOB);"
    "CREATE INDEX attempt_of_call ON attempt(call);"
    "CREATE VIEW attempts AS SELECT a.id, c.key, a.item, a.attempt, a.state, a.code, a.status, "
    "a.text,"
    " w.worker, w.rank, w.host, w.cpus, w.pid, a.started / 1e9 AS started,"
    " a.ended / 1e9 AS ended, (a.ended - a.started) / 1e9 AS seconds, a.cpu / 1e9 AS cpu, a.peak,"
    " a.size, lower(hex(a.digest)) AS digest, lower(hex(a.argument)) AS argument"
    " FROM attempt a JOIN call c ON c.id = a.call LEFT JOIN worker w ON w.id = a.worker;"
    "PRAGMA application_id = 1349086822; PRAGMA user_version = 1;"
    "COMMIT;";
_Static_assert(APPLICATION == 1349086822 && FORMAT == 1, "the schema says so too");

/* What lies in a file is in some of SQLite's messages: one line is made of it. */
static void copy_plain(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
    for (; *to; to++)
        if (iscntrl((unsigned char)*to))
            *to = '?';
}

int pf_database_wrong(const struct pf_database *database, struct pinfold_error *err,
                      const char *what, const char *why)
{
    char plain[101];

    copy_plain(plain, sizeof plain, why);
    return pf_fail(err, PINFOLD_E_JOURNAL, "journal %.300s: %s: %s", database->file, what, plain);
}

int pf_database_failed(const struct pf_database *database, struct pinfold_error *err,
                       const char *what)
{
    int no = sqlite3_system_errno(database->db);

    if ((sqlite3_errcode(database->db) & 0xff) == SQLITE_IOERR && no)
        return pf_database_wrong(database, err, what, strerror(no));
    if (sqlite3_errcode(database->db) == SQLITE_INTERRUPT)
        return pf_database_wrong(database, err, what, "it seems to have no end, so it is broken");
    return pf_database_wrong(database, err, what, sqlite3_errmsg(database->db));
}

bool pf_database_exec(const struct pf_database *database, const char *sql)
{
    return sqlite3_exec(database->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

sqlite3_stmt *pf_database_prepared(const struct pf_database *database, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    sqlite3_prepare_v2(database->db, sql, -1, &statement, NULL);
    return statement;
}

bool pf_database_step(sqlite3_stmt *statement)
{
    bool done = sqlite3_step(statement) == SQLITE_DONE;

    sqlite3_reset(statement);
    return done;
}

#define EVERY_OPERATIONS 10000

static int out_of_patience(void *question)
{
    int64_t *left = &((struct pf_question *)question)->left;

    return (*left -= EVERY_OPERATIONS) < 0;
}

static int64_t size_of(const struct pf_database *database, const char *end)
{
    char *path = sqlite3_mprintf("%s%s", database->file, end);
    struct stat at;
    int64_t size = path && stat(path, &at) == 0 ? at.st_size : 0;

    sqlite3_free(path);
    return size;
}

/* Ours do about one for each byte. */
void pf_database_ask(const struct pf_database *database, struct pf_question *question,
                     const char *sql)
{
    int64_t size = size_of(database, "") + size_of(database, "-wal");

    *question = (struct pf_question){.db = database->db, .left = 10000000 + 64 * size};
    sqlite3_progress_handler(database->db, EVERY_OPERATIONS, out_of_patience, question);
    question->row = pf_database_prepared(database, sql);
}

/* SQLite's last error stays what it was. */
void pf_database_answered(struct pf_question *question)
{
    sqlite3_finalize(question->row);
    sqlite3_progress_handler(question->db, 0, NULL, NULL);
}

int pf_database_number(const struct pf_database *database, const char *sql, int64_t *value)
{
    struct pf_question question;
    int rc;

    pf_database_ask(database, &question, sql);
    rc = question.row ? sqlite3_step(question.row) : sqlite3_errcode(database->db);
    if (rc == SQLITE_ROW)
        *value = sqlite3_column_int64(question.row, 0);
    pf_database_answered(&question);
    return rc == SQLITE_ROW ? SQLITE_OK : rc == SQLITE_DONE ? SQLITE_NOTFOUND : rc;
}

/* SQLite counts pages, and reads what the last one lacks as zeros. Where a log is, the file may end
 * so: that has the page. */
static bool ends_in_a_page(const struct pf_database *database, int64_t page)
{
    return page <= 0 || size_of(database, "") % page == 0 || size_of(database, "-wal") > 0;
}

int pf_database_look(const struct pf_database *database, bool *fresh, struct pinfold_error *err)
{
    int64_t pages = 0, page = 0, application = 0, format = 0;

    if (pf_database_number(database, "PRAGMA page_count", &pages) != SQLITE_OK ||
        pf_database_number(database, "PRAGMA page_size", &page) != SQLITE_OK ||
        pf_database_number(database, "PRAGMA application_id", &application) != SQLITE_OK ||
        pf_database_number(database, "PRAGMA user_version", &format) != SQLITE_OK)
        return pf_database_failed(database, err, "it cannot be read");
    *fresh = pages == 0;
    if (*fresh)
        return 0;
    if (application != APPLICATION)
        return pf_database_wrong(database, err, "it is no journal", "another program's database");
    if (format > FORMAT)
        return pf_fail(err, PINFOLD_E_JOURNAL,
                       "journal %.300s: a newer Pinfold wrote it, in format %" PRId64
                       ": this one knows format %d",
                       database->file, format, FORMAT);
    if (format < FORMAT)
        return pf_database_wrong(database, err, "it is no journal",
                                 "its format has no such number");
    if (!ends_in_a_page(database, page))
        return pf_database_wrong(database, err, "it cannot be read", "it was cut short");
    return 0;
}

/* Nothing in a file that somebody gives us is run, or believed. */
static void distrust(const struct pf_database *database)
{
    sqlite3_db_config(database->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
#ifdef SQLITE_DBCONFIG_DEFENSIVE
    sqlite3_db_config(database->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
#endif
    pf_database_exec(database, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
                               "PRAGMA temp_store = MEMORY;");
}

int pf_database_open(struct pf_database *database, bool write, struct pinfold_error *err)
{
    int flags = (write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
    /* With a folder before it, ":memory:" is a file as any other. */
    char *path = sqlite3_mprintf("%s%s", database->file[0] == '/' ? "" : "./", database->file);
    int rc = path ? sqlite3_open_v2(path, &database->db, flags, NULL) : SQLITE_NOMEM;

    sqlite3_free(path);
    if (!database->db)
        return pf_fail(err, PINFOLD_E_MEMORY, "journal: out of memory");
    if (rc != SQLITE_OK)
        return pf_database_failed(database, err, "it cannot be opened");
    sqlite3_extended_result_codes(database->db, 1);
    sqlite3_busy_timeout(database->db, BUSY_MS);
    distrust(database);
    return 0;
}

/* SQLite makes files for their owner to write alone; those that a user names follow the umask. What
 * SQLite lays beside it takes after it. */
int pf_database_make(const struct pf_database *database, struct pinfold_error *err)
{
    int fd = open(database->file, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);

    if (fd < 0 && errno != EEXIST)
        return pf_database_wrong(database, err, "it cannot be made", strerror(errno));
    if (fd >= 0)
        close(fd);
    return 0;
}

/* WAL where it may be, and can be: a file system may refuse it without being in our list, and SQLite
 * then says that it is another mode still. */
static bool set_wal(const struct pf_database *database)
{
    sqlite3_stmt *mode = pf_database_prepared(database, "PRAGMA journal_mode = WAL");
    bool wal = mode && sqlite3_step(mode) == SQLITE_ROW &&
               strcmp((const char *)sqlite3_column_text(mode, 0), "wal") == 0;

    sqlite3_finalize(mode);
    return wal;
}

int pf_database_begin(const struct pf_database *database, bool fresh, bool wal,
                      struct pinfold_error *err)
{
    wal = wal && !pf_disk_shared(database->file) && set_wal(database);
    /* On networks it is cheaper to truncate a rollback journal than to delete it. cache_spill: a
     * transaction stays in memory until its commit, the one thing that readers can hold up.
     * wal_autocheckpoint: every 16 MB, which wait for the disk. */
    if ((!wal && !pf_database_exec(database, "PRAGMA journal_mode = TRUNCATE")) ||
        !pf_database_exec(database, "PRAGMA synchronous = NORMAL; PRAGMA cache_spill = OFF;"
                                    "PRAGMA wal_autocheckpoint = 4000;") ||
        (fresh && !pf_database_exec(database, schema)))
        return pf_database_failed(database, err, "it cannot be written");
    return 0;
}

bool pf_database_last_run(const struct pf_database *database, struct pf_journal_run *run)
{
    struct pf_question question;
    sqlite3_stmt *row;
    bool found;

    pf_database_ask(database, &question,
                    "SELECT host, pid, opened, closed FROM run ORDER BY id DESC LIMIT 1");
    row = question.row;
    found = row && sqlite3_step(row) == SQLITE_ROW;
    if (found) {
        *run = (struct pf_journal_run){.pid = sqlite3_column_int64(row, 1),
                                       .opened = sqlite3_column_int64(row, 2),
                                       .closed = sqlite3_column_int64(row, 3)};
        copy_plain(run->host, sizeof run->host, (const char *)sqlite3_column_text(row, 0));
    }
    pf_database_answered(&question);
    return found;
}
