/* rows.h - reading a journal's rows. See journal.h for the calls, which are these. */
#ifndef PF_RECORD_ROWS_H
#define PF_RECORD_ROWS_H

#include "record/database.h"
#include "record/results.h"

struct pf_rows {
    struct pf_database database;
    struct pf_results results;
    struct pf_digester *digester;
};

int pf_rows_each(const struct pf_rows *rows, const struct pf_journal_query *query,
                 int (*row)(void *context, const struct pf_attempt *attempt), void *context,
                 struct pinfold_error *err);

int pf_rows_sums(const struct pf_rows *rows,
                 int (*sum)(void *context, const struct pf_journal_sum *sum), void *context,
                 struct pinfold_error *err);

#endif
