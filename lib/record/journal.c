/* journal.c - see journal.h: writing one. The database itself is database.c, reading it rows.c. */
#include "record/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "record/rows.h"

/* Rows are committed 0.25 s after the first of them: a commit costs about 0.1 ms, so that is next to
 * nothing, and nobody minds to run the work of a quarter of a second again. Where a commit takes
 * long (a disk to wait for), the wait is 50 times as long as the last one took, so that it costs
 * the driver 2 %; but at most 5 s. ROWS bounds the memory of a transaction. */
#define EVERY       (PF_S / 4)
#define EVERY_TIMES 50
#define EVERY_MOST  (5 * PF_S)
#define ROWS        20000

/* Results up to here lie in their rows. Larger ones cost SQLite more than their bytes: every page is
 * written twice, and those that overflow a page are chained. */
#define INLINE_MAX 256

#define BUSY_AT_END_MS 10000 /* to wait for a program that reads it, when it is closed */

struct pf_journal {
    struct pf_rows rows;
    char *file;
    unsigned flags;
    bool writer;
    sqlite3_stmt *begin, *commit, *add_attempt, *add_worker;
    int64_t run;
    struct known { /* by worker number: the row that it has as this process */
        int64_t pid, id;
    } * workers;
    int nworkers;
    size_t pending; /* rows that are not committed; */
    bool begun;     /* they are in a transaction, */
    int64_t due;    /* which is to be committed then */
    int64_t every;
    struct pinfold_error failure;
    bool told;
};

static int64_t utc(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * PF_S + now.tv_nsec;
}

/* Nothing is written any more; what was not committed is lost. `why` NULL: SQLite knows. */
static void spoil(struct pf_journal *journal, const char *what, const char *why)
{
    const struct pf_database *database = &journal->rows.database;

    if (journal->failure.code)
        return;
    if (why)
        pf_database_wrong(database, &journal->failure, what, why);
    else
        pf_database_failed(database, &journal->failure, what);
    if (!sqlite3_get_autocommit(database->db))
        pf_database_exec(database, "ROLLBACK");
    journal->begun = false;
    journal->pending = 0;
    journal->due = PF_NEVER;
}

static void spoil_write(struct pf_journal *journal)
{
    spoil(journal, "it cannot be written any more", NULL);
}

const struct pinfold_error *pf_journal_failure(const struct pf_journal *journal)
{
    return &journal->failure;
}

const struct pinfold_error *pf_journal_news(struct pf_journal *journal)
{
    if (!journal || !journal->failure.code || journal->told)
        return NULL;
    journal->told = true;
    return &journal->failure;
}

/* ---- opening */
static int open_results(struct pf_journal *journal, struct pinfold_error *err)
{
    const struct pf_database *database = &journal->rows.database;
    char *path;
    int no = ENOMEM;

    if (asprintf(&path, "%s.results", journal->file) >= 0) {
        no = pf_results_open(&journal->rows.results, path, journal->writer);
        free(path);
    }
    if (!no || !journal->writer)
        return 0; /* to read, it may be missing: then no row has its bytes there */
    return pf_database_wrong(database, err, "what lies beside it as .results cannot be used",
                             no == EBADMSG ? "it is another kind of file" : strerror(no));
}

/* One writer at a time: who comes second learns who was first. */
static int lock(struct pf_journal *journal, struct pinfold_error *err)
{
    const struct pf_database *database = &journal->rows.database;
    struct pf_journal_run run;
    int no = pf_results_lock(&journal->rows.results);

    if (no == EAGAIN && pf_database_last_run(database, &run))
        return pf_fail(err, PINFOLD_E_JOURNAL,
                       "journal %.300s: process %" PRId64
                       " on %s writes it: wait for its end, or name another file",
                       journal->file, run.pid, run.host);
    if (no == EAGAIN)
        return pf_database_wrong(database, err, "another process writes it",
                                 "wait for its end, or name another file");
    return no ? pf_database_wrong(database, err, "it cannot be locked, so put it elsewhere",
                                  strerror(no))
              : 0;
}

static int begin_run(struct pf_journal *journal, struct pinfold_error *err)
{
    const struct pf_database *database = &journal->rows.database;
    char host[64] = "", *sql;
    bool begun;

    gethostname(host, sizeof host - 1);
    sql = sqlite3_mprintf("INSERT INTO run(host, pid, pinfold, opened) VALUES(%Q, %d, %Q, %lld)",
                          host, (int)getpid(), PINFOLD_VERSION, (long long)utc());
    begun = sql && pf_database_exec(database, sql);
    sqlite3_free(sql);
    journal->run = sqlite3_last_insert_rowid(database->db);
    if (begun) {
        journal->begin = pf_database_prepared(database, "BEGIN IMMEDIATE");
        journal->commit = pf_database_prepared(database, "COMMIT");
        journal->add_worker =
            pf_database_prepared(database, "INSERT INTO worker VALUES(NULL,?,?,?,?,?,?)");
        journal->add_attempt = pf_database_prepared(
            database, "INSERT INTO attempt VALUES(NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    }
    return journal->begin && journal->commit && journal->add_worker && journal->add_attempt
               ? 0
               : pf_database_failed(database, err, "it cannot be written");
}

static int open_writer(struct pf_journal *journal, struct pinfold_error *err)
{
    struct pf_database *database = &journal->rows.database;
    bool fresh;
    int code = pf_database_make(database, err);

    if (!code)
        code = pf_database_open(database, true, err);
    if (!code)
        code = pf_database_look(database, &fresh, err); /* nothing is laid beside what is none */
    if (!code)
        code = open_results(journal, err);
    if (!code)
        code = lock(journal, err);
    if (!code)
        code = pf_database_look(database, &fresh, err); /* it may have been made meanwhile */
    if (!code)
        code = pf_database_begin(database, fresh, !(journal->flags & PF_JOURNAL_NO_WAL), err);
    return code ? code : begin_run(journal, err);
}

static int open_reader(struct pf_journal *journal, struct pinfold_error *err)
{
    struct pf_database *database = &journal->rows.database;
    bool fresh = false;
    int code;

    if (access(journal->file, R_OK) != 0)
        return pf_database_wrong(database, err, "it cannot be read", strerror(errno));
    code = pf_database_open(database, false, err);
    if (!code)
        code = pf_database_look(database, &fresh, err);
    if (!code && fresh)
        code = pf_database_wrong(database, err, "it is no journal", "the file is empty");
    return code ? code : open_results(journal, err);
}

static int open_journal(struct pf_journal **out, const char *file, bool writer, unsigned flags,
                        struct pinfold_error *err)
{
    struct pf_journal *journal = calloc(1, sizeof *journal);
    int code;

    if (!journal || !(journal->file = strdup(file))) {
        free(journal);
        return pf_fail(err, PINFOLD_E_MEMORY, "journal: out of memory");
    }
    journal->rows.database.file = journal->file;
    journal->rows.results.fd = -1;
    journal->writer = writer;
    journal->flags = flags;
    journal->due = PF_NEVER;
    journal->every = EVERY;
    journal->failure = (struct pinfold_error)PINFOLD_ERROR_INIT;
    code = pf_digester_new(&journal->rows.digester, err);
    if (!code)
        code = writer ? open_writer(journal, err) : open_reader(journal, err);
    if (code) {
        journal->writer = false; /* it has nothing to commit */
        pf_journal_close(journal, NULL);
        return code;
    }
    *out = journal;
    return 0;
}

int pf_journal_open(struct pf_journal **journal, const char *file, unsigned flags,
                    struct pinfold_error *err)
{
    return open_journal(journal, file, true, flags, err);
}

int pf_journal_read(struct pf_journal **journal, const char *file, struct pinfold_error *err)
{
    return open_journal(journal, file, false, 0, err);
}

/* ---- writing */
static bool begin(struct pf_journal *journal)
{
    if (journal->failure.code)
        return false;
    if (journal->begun)
        return true;
    if (!pf_database_step(journal->begin)) {
        spoil_write(journal);
        return false;
    }
    journal->begun = true;
    journal->due = pf_now() + journal->every;
    return true;
}

/* Readers of a rollback journal can hold it up: then it is tried again later, unless it is the last
 * time. */
static void commit(struct pf_journal *journal, bool last)
{
    int64_t began = pf_now(), now;
    int no = pf_results_sync(&journal->rows.results);
    bool busy = false;

    if (no) {
        spoil(journal, "its .results cannot be written any more", strerror(no));
        return;
    }
    if (!pf_database_step(journal->commit)) {
        busy = (sqlite3_errcode(journal->rows.database.db) & 0xff) == SQLITE_BUSY;
        if (!busy || last) {
            spoil_write(journal);
            return;
        }
    }
    now = pf_now();
    journal->every = EVERY_TIMES * (now - began);
    if (journal->every < EVERY)
        journal->every = EVERY;
    if (journal->every > EVERY_MOST)
        journal->every = EVERY_MOST;
    journal->due = busy ? now + journal->every : PF_NEVER;
    journal->begun = busy;
    if (!busy)
        journal->pending = 0;
}

int64_t pf_journal_due(const struct pf_journal *journal)
{
    return journal ? journal->due : PF_NEVER;
}

void pf_journal_tick(struct pf_journal *journal)
{
    if (journal && journal->due != PF_NEVER && pf_now() >= journal->due)
        commit(journal, false);
}

void pf_journal_flush(struct pf_journal *journal)
{
    if (journal && journal->begun)
        commit(journal, false);
}

int64_t pf_journal_call(struct pf_journal *journal, const char *key)
{
    char *find = sqlite3_mprintf("SELECT id FROM call WHERE key = %Q", key);
    char *add = sqlite3_mprintf("INSERT INTO call(key) VALUES(%Q)", key);
    int64_t id = PINFOLD_E_JOURNAL;
    int rc;

    if (find && add && begin(journal)) {
        rc = pf_database_number(&journal->rows.database, find, &id);
        if (rc == SQLITE_NOTFOUND && pf_database_exec(&journal->rows.database, add))
            id = sqlite3_last_insert_rowid(journal->rows.database.db);
        else if (rc != SQLITE_OK)
            spoil_write(journal);
    }
    sqlite3_free(find);
    sqlite3_free(add);
    return id;
}

static void bind_text(sqlite3_stmt *statement, int column, const char *text)
{
    sqlite3_bind_text(statement, column, text, -1, SQLITE_STATIC);
}

/* The row of the worker that this is, or 0: a new one when its process is. */
static int64_t worker_row(struct pf_journal *journal, const struct pf_by *by)
{
    sqlite3_stmt *row = journal->add_worker;

    if (by->worker < 0)
        return 0;
    if (by->worker >= journal->nworkers) {
        int n = by->worker + 1 + journal->nworkers;
        struct known *more = realloc(journal->workers, (size_t)n * sizeof *more);
        if (!more)
            return 0;
        memset(more + journal->nworkers, 0, (size_t)(n - journal->nworkers) * sizeof *more);
        journal->workers = more;
        journal->nworkers = n;
    }
    struct known *known = &journal->workers[by->worker];
    if (known->id && known->pid == by->pid)
        return known->id;
    sqlite3_bind_int64(row, 1, journal->run);
    sqlite3_bind_int(row, 2, by->worker);
    sqlite3_bind_int(row, 3, by->rank);
    bind_text(row, 4, by->host);
    bind_text(row, 5, by->cpus ? by->cpus : "");
    sqlite3_bind_int64(row, 6, by->pid);
    if (!pf_database_step(row)) {
        spoil_write(journal);
        return 0;
    }
    *known = (struct known){by->pid, sqlite3_last_insert_rowid(journal->rows.database.db)};
    return known->id;
}

static const char *const states[] = {"done", "failed", "cancelled"};

/* What a row says of a result. */
static bool bind_result(struct pf_journal *journal, const struct pf_attempt *attempt,
                        unsigned char digest[PF_DIGEST])
{
    sqlite3_stmt *row = journal->add_attempt;
    const pinfold_bytes *result = &attempt->result;
    uint64_t at;
    int no;

    if (!pf_digest(journal->rows.digester, *result, (pinfold_bytes){0}, digest)) {
        spoil(journal, "it cannot be written any more", "libcrypto makes no digest");
        return false;
    }
    sqlite3_bind_int64(row, 14, (int64_t)result->size);
    sqlite3_bind_blob(row, 15, digest, PF_DIGEST, SQLITE_STATIC);
    if (result->size == 0 || journal->flags & PF_JOURNAL_DIGESTS)
        return true;
    if (result->size <= INLINE_MAX) {
        sqlite3_bind_blob(row, 17, result->data, (int)result->size, SQLITE_STATIC);
        return true;
    }
    no = pf_results_add(&journal->rows.results, result->data, result->size, &at);
    if (no) {
        spoil(journal, "its .results cannot be written any more", strerror(no));
        return false;
    }
    sqlite3_bind_int64(row, 16, (int64_t)at);
    return true;
}

void pf_journal_note(struct pf_journal *journal, const struct pf_attempt *attempt)
{
    sqlite3_stmt *row = journal->add_attempt;
    unsigned char digest[PF_DIGEST];
    int64_t worker;

    if (!begin(journal))
        return;
    worker = worker_row(journal, &attempt->by);
    sqlite3_clear_bindings(row);
    sqlite3_bind_int64(row, 1, attempt->call);
    sqlite3_bind_int64(row, 2, (int64_t)attempt->item);
    sqlite3_bind_int(row, 3, attempt->attempt);
    sqlite3_bind_blob(row, 4, attempt->argument, PF_DIGEST, SQLITE_STATIC);
    bind_text(row, 5, states[attempt->state]);
    sqlite3_bind_int(row, 6, attempt->code);
    if (attempt->status)
        sqlite3_bind_int(row, 7, attempt->status);
    if (attempt->text && attempt->text[0])
        bind_text(row, 8, attempt->text);
    if (worker)
        sqlite3_bind_int64(row, 9, worker);
    sqlite3_bind_int64(row, 10, attempt->started);
    sqlite3_bind_int64(row, 11, attempt->ended);
    if (attempt->cpu_ns >= 0)
        sqlite3_bind_int64(row, 12, attempt->cpu_ns);
    if (attempt->peak >= 0)
        sqlite3_bind_int64(row, 13, attempt->peak);
    if (attempt->state == PF_DONE && !bind_result(journal, attempt, digest))
        return;
    if (journal->failure.code)
        return; /* the worker's row was not */
    if (!pf_database_step(row))
        spoil_write(journal);
    else if (++journal->pending >= ROWS)
        commit(journal, false);
}

int pf_journal_close(struct pf_journal *journal, struct pinfold_error *err)
{
    int code;

    if (!journal)
        return 0;
    if (journal->writer && begin(journal)) {
        char *sql = sqlite3_mprintf("UPDATE run SET closed = %lld WHERE id = %lld",
                                    (long long)utc(), (long long)journal->run);
        sqlite3_busy_timeout(journal->rows.database.db, BUSY_AT_END_MS);
        if (!sql || !pf_database_exec(&journal->rows.database, sql))
            spoil_write(journal);
        else
            commit(journal, true);
        sqlite3_free(sql);
    }
    code = journal->failure.code ? pf_error_give(err, &journal->failure) : 0;
    sqlite3_finalize(journal->begin);
    sqlite3_finalize(journal->commit);
    sqlite3_finalize(journal->add_worker);
    sqlite3_finalize(journal->add_attempt);
    sqlite3_close(journal->rows.database.db);
    pf_results_close(&journal->rows.results);
    pf_digester_free(journal->rows.digester);
    free(journal->workers);
    free(journal->file);
    free(journal);
    return code;
}

/* ---- reading */
int pf_journal_each(struct pf_journal *journal, const struct pf_journal_query *query,
                    int (*row)(void *context, const struct pf_attempt *attempt), void *context,
                    struct pinfold_error *err)
{
    int code;

    pf_journal_flush(journal); /* results are read from where they are written to */
    code = pf_rows_each(&journal->rows, query, row, context, err);
    if (code == PINFOLD_E_JOURNAL && journal->writer)
        spoil(journal, "it cannot be read",
              NULL); /* who knows what it is: nothing is added to it */
    return code;
}

int pf_journal_sums(struct pf_journal *journal,
                    int (*sum)(void *context, const struct pf_journal_sum *sum), void *context,
                    struct pinfold_error *err)
{
    return pf_rows_sums(&journal->rows, sum, context, err);
}

bool pf_journal_last_run(struct pf_journal *journal, struct pf_journal_run *run)
{
    return pf_database_last_run(&journal->rows.database, run);
}
