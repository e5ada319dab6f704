/* rows.c - see rows.h. */
#include "record/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The left joins fix the order too: attempts are walked, the others looked up. */
#define SELECT                                                                                     \
    "SELECT a.call, c.key, a.item, a.attempt, a.argument, a.state, a.code, a.status, a.text, "     \
    "a.started,"                                                                                   \
    " a.ended, a.cpu, a.peak, w.worker, w.rank, w.pid, w.host, w.cpus, a.size, a.digest, a.at,"    \
    " a.result FROM attempt a LEFT JOIN call c ON c.id = a.call"                                   \
    " LEFT JOIN worker w ON w.id = a.worker "
#define OF_CALL "WHERE a.call = ?1 "
#define LAST    "a.id IN (SELECT max(id) FROM attempt GROUP BY call, item) "

static const char *text_of(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return text ? text : "";
}

static int64_t number_or(sqlite3_stmt *row, int column, int64_t otherwise)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL ? otherwise
                                                           : sqlite3_column_int64(row, column);
}

/* Before 1970 there is none: so the difference of two never overflows. */
static int64_t moment(sqlite3_stmt *row, int column)
{
    int64_t ns = sqlite3_column_int64(row, column);

    return ns > 0 ? ns : 0;
}

/* What is none is all zero, which no bytes have. */
static void digest_of(sqlite3_stmt *row, int column, unsigned char digest[PF_DIGEST])
{
    const void *blob = sqlite3_column_blob(row, column);

    memset(digest, 0, PF_DIGEST);
    if (blob && sqlite3_column_bytes(row, column) == PF_DIGEST)
        memcpy(digest, blob, PF_DIGEST);
}

static enum pf_attempt_state state_of(const char *word)
{
    return strcmp(word, "done") == 0        ? PF_DONE
           : strcmp(word, "cancelled") == 0 ? PF_CANCELLED
                                            : PF_FAILED;
}

static void read_row(sqlite3_stmt *row, struct pf_attempt *attempt)
{
    *attempt = (struct pf_attempt){
        .call = sqlite3_column_int64(row, 0),
        .key = text_of(row, 1),
        .item = (uint64_t)sqlite3_column_int64(row, 2),
        .attempt = sqlite3_column_int(row, 3),
        .state = state_of(text_of(row, 5)),
        .code = sqlite3_column_int(row, 6),
        .status = sqlite3_column_int(row, 7),
        .text = text_of(row, 8),
        .started = moment(row, 9),
        .ended = moment(row, 10),
        .cpu_ns = number_or(row, 11, -1),
        .peak = number_or(row, 12, -1),
        .by = {.worker = (int)number_or(row, 13, -1),
               .rank = (int)number_or(row, 14, -1),
               .pid = number_or(row, 15, -1),
               .host = text_of(row, 16),
               .cpus = text_of(row, 17)},
    };
    digest_of(row, 4, attempt->argument);
    digest_of(row, 19, attempt->digest);
    attempt->result.size = (size_t)number_or(row, 18, 0);
}

/* The bytes of a result, into *room when they lie in the other file. They may be missing, or others:
 * then the result is not kept. */
static int fetch(const struct pf_rows *rows, sqlite3_stmt *row, struct pf_attempt *attempt,
                 unsigned char **room, struct pinfold_error *err)
{
    size_t size = attempt->result.size;
    const void *data = sqlite3_column_blob(row, 21);
    int64_t at = number_or(row, 20, -1);
    unsigned char digest[PF_DIGEST];

    if (size && at >= 0 && pf_results_have(&rows->results, (uint64_t)at, size)) {
        unsigned char *more = realloc(*room, size);
        if (!more)
            return pf_fail(err, PINFOLD_E_MEMORY,
                           "journal %.300s: out of memory for a result of %zu bytes",
                           rows->database.file, size);
        *room = more;
        data = pf_results_read(&rows->results, (uint64_t)at, more, size) ? more : NULL;
    } else if (size && data && (size_t)sqlite3_column_bytes(row, 21) != size) {
        data = NULL;
    }
    if (size && !data)
        return 0;
    attempt->result.data = size ? data : NULL;
    attempt->kept = pf_digest(rows->digester, attempt->result, (pinfold_bytes){0}, digest) &&
                    memcmp(digest, attempt->digest, PF_DIGEST) == 0;
    return 0;
}

static void ask(const struct pf_rows *rows, const struct pf_journal_query *query,
                struct pf_question *question)
{
    static const char *const questions[][2] = {
        [PF_ALL_ROWS] = {SELECT "ORDER BY a.id LIMIT ?2", SELECT OF_CALL "ORDER BY a.id LIMIT ?2"},
        [PF_LAST_FAILED] = {SELECT "WHERE a.state <> 'done' AND " LAST "ORDER BY a.id LIMIT ?2",
                            SELECT OF_CALL "AND a.state <> 'done' AND " LAST
                                           "ORDER BY a.id LIMIT ?2"},
        [PF_SLOWEST] = {SELECT "ORDER BY a.ended - a.started DESC, a.id LIMIT ?2",
                        SELECT OF_CALL "ORDER BY a.ended - a.started DESC, a.id LIMIT ?2"},
    };

    pf_database_ask(&rows->database, question, questions[query->which][query->call != 0]);
    if (!question->row)
        return;
    if (query->call)
        sqlite3_bind_int64(question->row, 1, query->call);
    sqlite3_bind_int64(question->row, 2, query->most);
}

int pf_rows_each(const struct pf_rows *rows, const struct pf_journal_query *query,
                 int (*row)(void *context, const struct pf_attempt *attempt), void *context,
                 struct pinfold_error *err)
{
    struct pf_question question;
    unsigned char *room = NULL;
    int rc = SQLITE_ERROR, code = 0;

    ask(rows, query, &question);
    while (question.row && !code && (rc = sqlite3_step(question.row)) == SQLITE_ROW) {
        struct pf_attempt attempt;
        read_row(question.row, &attempt);
        if (attempt.state == PF_DONE && query->results)
            code = fetch(rows, question.row, &attempt, &room, err);
        if (!code)
            code = row(context, &attempt);
    }
    if (!code && rc != SQLITE_DONE)
        code = pf_database_failed(&rows->database, err, "it cannot be read");
    pf_database_answered(&question);
    free(room);
    return code;
}

/* An item is what its last attempt was: SQLite takes `state` from the row of max(id). */
int pf_rows_sums(const struct pf_rows *rows,
                 int (*sum)(void *context, const struct pf_journal_sum *sum), void *context,
                 struct pinfold_error *err)
{
    struct pf_question question;
    sqlite3_stmt *row;
    int rc = SQLITE_ERROR, code = 0;

    pf_database_ask(
        &rows->database, &question,
        "SELECT c.key, l.items, l.done, t.attempts, t.bytes, t.first, t.last, t.spent"
        " FROM (SELECT call, count(*) AS attempts, total(size) AS bytes, min(started) AS first,"
        " max(ended) AS last, total(ended - started) AS spent FROM attempt GROUP BY call) t"
        " JOIN (SELECT call, count(*) AS items, sum(state = 'done') AS done FROM"
        " (SELECT call, item, state, max(id) FROM attempt GROUP BY call, item) GROUP BY call) l"
        " ON l.call = t.call JOIN call c ON c.id = t.call ORDER BY t.call");
    row = question.row;
    while (row && !code && (rc = sqlite3_step(row)) == SQLITE_ROW) {
        struct pf_journal_sum one = {
            .key = text_of(row, 0),
            .items = sqlite3_column_int64(row, 1),
            .done = sqlite3_column_int64(row, 2),
            .attempts = sqlite3_column_int64(row, 3),
            .bytes = sqlite3_column_int64(row, 4),
            .first = sqlite3_column_int64(row, 5),
            .last = sqlite3_column_int64(row, 6),
            .spent = sqlite3_column_int64(row, 7),
        };
        one.failed = one.items - one.done;
        code = sum(context, &one);
    }
    if (!code && rc != SQLITE_DONE)
        code = pf_database_failed(&rows->database, err, "it cannot be read");
    pf_database_answered(&question);
    return code;
}
