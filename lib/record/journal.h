/* journal.h - what was done, kept in a file: a row for every finished attempt at an item.
 *
 *   FILE          an SQLite database, which `pinfold journal` and sqlite3(1) read, also while it grows
 *   FILE.results  large results, appended (results.h)
 *
 * The driver alone writes. Rows are gathered in a transaction and committed when they are due, so
 * that a commit, which costs as much as hundreds of rows, is shared by many; what a crash of the
 * driver costs is the last fraction of a second. A file belongs to one writer at a time.
 *
 * An error while writing ends the writing, not the run: it is kept, every later call does nothing,
 * and what was committed stays. Nothing that is read is trusted: sizes are held against the file,
 * results against their digests.
 */
#ifndef PF_RECORD_JOURNAL_H
#define PF_RECORD_JOURNAL_H

#include "base/error.h"
#include "record/digest.h"

struct pf_journal;

enum pf_attempt_state { PF_DONE, PF_FAILED, PF_CANCELLED };

/* Where it was run. */
struct pf_by {
    int worker, rank; /* -1: not known, and then nothing else is */
    int64_t pid;
    const char *host, *cpus;
};

struct pf_attempt {
    int64_t call;    /* of pf_journal_call */
    const char *key; /* that one's; read only */
    uint64_t item;
    int attempt;                       /* from 1: of this item with this argument */
    unsigned char argument[PF_DIGEST]; /* its digest */
    enum pf_attempt_state state;
    int code;               /* as of struct pinfold_error; 0: DONE */
    int status;             /* as there: the signal or exit code of a process that it ended; or 0 */
    const char *text;       /* why it failed, or "" */
    int64_t started, ended; /* nanoseconds since 1970, UTC */
    int64_t cpu_ns, peak;   /* CPU time, most memory in bytes; < 0: not known */
    struct pf_by by;
    /* DONE: */
    pinfold_bytes result;
    /* ... and read back: */
    unsigned char digest[PF_DIGEST]; /* of the result */
    bool kept; /* result.data is there, and has that digest. Otherwise result.size alone is known */
};

#define PF_JOURNAL_DIGESTS 1u /* results are not kept, only their digests and sizes */
#define PF_JOURNAL_NO_WAL  2u /* as if the file system were a shared one */

/* Opens the journal to write, and makes it if it is not there (its files follow the umask).
 * PINFOLD_E_JOURNAL: it cannot be; is no journal, or a newer Pinfold's; is written by somebody else.
 * PINFOLD_E_UNSUPPORTED: this build has no SQLite. */
int pf_journal_open(struct pf_journal **journal, const char *file, unsigned flags,
                    struct pinfold_error *err);

/* Opens a journal to be read only, also one that somebody writes. */
int pf_journal_read(struct pf_journal **journal, const char *file, struct pinfold_error *err);

/* Commits what there is, and closes it. Returns, and gives, what went wrong since it was opened.
 * NULL is allowed. */
int pf_journal_close(struct pf_journal *journal, struct pinfold_error *err);

/* The number of the calls with this key; < 0: a code. */
int64_t pf_journal_call(struct pf_journal *journal, const char *key);

/* Adds a row. */
void pf_journal_note(struct pf_journal *journal, const struct pf_attempt *attempt);

/* Commits the rows if they are due, or in any case. `due`: when they will be (base/clock.h). All
 * three take NULL for a journal. */
void pf_journal_tick(struct pf_journal *journal);
void pf_journal_flush(struct pf_journal *journal);
int64_t pf_journal_due(const struct pf_journal *journal);

/* What ended the writing (code 0: nothing did). `news`: NULL, if it was asked for before. */
const struct pinfold_error *pf_journal_failure(const struct pf_journal *journal);
const struct pinfold_error *pf_journal_news(struct pf_journal *journal);

/* ---- reading */
struct pf_journal_query {
    int64_t call; /* 0: of all */
    enum { PF_ALL_ROWS, PF_LAST_FAILED, PF_SLOWEST } which;
    int64_t most; /* rows, or < 0: all */
    bool results; /* fetch them, and see that they are whole */
};

/* Hands out rows: in the order in which they were written, the slowest first (PF_SLOWEST), or only
 * items whose last attempt failed (PF_LAST_FAILED). Everything lives until `row` returns; what that
 * returns other than 0 ends it, and is returned. */
int pf_journal_each(struct pf_journal *journal, const struct pf_journal_query *query,
                    int (*row)(void *context, const struct pf_attempt *attempt), void *context,
                    struct pinfold_error *err);

/* A key, on the whole. An item is what its last attempt was. */
struct pf_journal_sum {
    const char *key;
    int64_t items, done, failed; /* failed: or cancelled */
    int64_t attempts, bytes;     /* bytes of results, of all attempts */
    int64_t first, last;         /* the first start and the last end, */
    int64_t spent;               /* and the time of all attempts, in nanoseconds */
};
int pf_journal_sums(struct pf_journal *journal,
                    int (*sum)(void *context, const struct pf_journal_sum *sum), void *context,
                    struct pinfold_error *err);

/* Who wrote it last: host and process, since when (ns), and until when; 0: it was not closed.
 * False: nobody did. */
struct pf_journal_run {
    char host[64];
    int64_t pid, opened, closed;
};
bool pf_journal_last_run(struct pf_journal *journal, struct pf_journal_run *run);

#endif
