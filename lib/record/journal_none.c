/* journal_none.c - the journal of a build without SQLite or libcrypto: there is none. */
#include <stdlib.h>

#include "base/clock.h"
#include "record/journal.h"

int pf_journal_open(struct pf_journal **journal, const char *file, unsigned flags,
                    struct pinfold_error *err)
{
    (void)flags;
    return pf_journal_read(journal, file, err);
}

int pf_journal_read(struct pf_journal **journal, const char *file, struct pinfold_error *err)
{
    (void)journal;
    return pf_fail(
        err, PINFOLD_E_UNSUPPORTED,
        "journal %.300s: this libpinfold was built without SQLite or libcrypto, which it "
        "needs",
        file);
}

int pf_digester_new(struct pf_digester **digester, struct pinfold_error *err)
{
    (void)digester;
    return pf_fail(err, PINFOLD_E_UNSUPPORTED, "this libpinfold was built without libcrypto");
}

/* Everybody may ask, also who has none. */
int pf_journal_close(struct pf_journal *journal, struct pinfold_error *err)
{
    (void)journal, (void)err;
    return 0;
}

void pf_journal_tick(struct pf_journal *journal)
{
    (void)journal;
}

void pf_journal_flush(struct pf_journal *journal)
{
    (void)journal;
}

int64_t pf_journal_due(const struct pf_journal *journal)
{
    (void)journal;
    return PF_NEVER;
}

const struct pinfold_error *pf_journal_news(struct pf_journal *journal)
{
    (void)journal;
    return NULL;
}

void pf_digester_free(struct pf_digester *digester)
{
    (void)digester;
}

/* The rest is never reached, since nobody has a journal. */
int64_t pf_journal_call(struct pf_journal *journal, const char *key)
{
    (void)journal, (void)key;
    abort();
}

void pf_journal_note(struct pf_journal *journal, const struct pf_attempt *attempt)
{
    (void)journal, (void)attempt;
    abort();
}

const struct pinfold_error *pf_journal_failure(const struct pf_journal *journal)
{
    (void)journal;
    abort();
}

int pf_journal_each(struct pf_journal *journal, const struct pf_journal_query *query,
                    int (*row)(void *context, const struct pf_attempt *attempt), void *context,
                    struct pinfold_error *err)
{
    (void)journal, (void)query, (void)row, (void)context, (void)err;
    abort();
}

int pf_journal_sums(struct pf_journal *journal,
                    int (*sum)(void *context, const struct pf_journal_sum *sum), void *context,
                    struct pinfold_error *err)
{
    (void)journal, (void)sum, (void)context, (void)err;
    abort();
}

bool pf_journal_last_run(struct pf_journal *journal, struct pf_journal_run *run)
{
    (void)journal, (void)run;
    abort();
}

bool pf_digest(struct pf_digester *digester, pinfold_bytes first, pinfold_bytes second,
               unsigned char digest[PF_DIGEST])
{
    (void)digester, (void)first, (void)second, (void)digest;
    abort();
}
