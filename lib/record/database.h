/* database.h - the SQLite database of a journal: that it is one, and how it is written. The one header
 * that includes SQLite's. */
#ifndef PF_RECORD_DATABASE_H
#define PF_RECORD_DATABASE_H

#include <sqlite3.h>

#include "record/journal.h"

struct pf_database {
    sqlite3 *db;
    const char *file; /* its name, for messages */
};

/* Opens what is there. */
int pf_database_open(struct pf_database *database, bool write, struct pinfold_error *err);

/* Whether it is a journal that we can use, or (`fresh`) nothing at all yet. */
int pf_database_look(const struct pf_database *database, bool *fresh, struct pinfold_error *err);

/* The file is made, with nothing in it, if it is not there. */
int pf_database_make(const struct pf_database *database, struct pinfold_error *err);

/* Has it written as it should be, and lays the tables out where it is fresh. */
int pf_database_begin(const struct pf_database *database, bool fresh, bool wal,
                      struct pinfold_error *err);

/* One line: what, and why; or the why of SQLite's last error. They return PINFOLD_E_JOURNAL. */
int pf_database_wrong(const struct pf_database *database, struct pinfold_error *err,
                      const char *what, const char *why);
int pf_database_failed(const struct pf_database *database, struct pinfold_error *err,
                       const char *what);

/* ---- small change */
bool pf_database_exec(const struct pf_database *database, const char *sql);

/* The first number of the first row: SQLITE_OK, SQLITE_NOTFOUND (no row), or what is wrong. */
int pf_database_number(const struct pf_database *database, const char *sql, int64_t *value);

/* NULL: SQLite's last error says why. */
sqlite3_stmt *pf_database_prepared(const struct pf_database *database, const char *sql);

/* A question that is put to a file which may have been made to have no end: a page that is a child of
 * many, a view that goes round. It is given up (SQLITE_INTERRUPT) when it does more than so many bytes
 * could have asked for. It is asked where it is: no copies. */
struct pf_question {
    sqlite3 *db;
    sqlite3_stmt *row; /* NULL: SQLite's last error says why */
    int64_t left;      /* of its operations */
};
void pf_database_ask(const struct pf_database *database, struct pf_question *question,
                     const char *sql);
void pf_database_answered(struct pf_question *question);

/* Runs one that has no rows. */
bool pf_database_step(sqlite3_stmt *statement);

bool pf_database_last_run(const struct pf_database *database, struct pf_journal_run *run);

#endif
