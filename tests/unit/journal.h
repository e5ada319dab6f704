/* journal.h - what the tests of a journal share: a folder, and rows whose every byte is known. */
#ifndef TESTS_UNIT_JOURNAL_H
#define TESTS_UNIT_JOURNAL_H

#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "record/journal.h"

static char folder[256], file[300], results_file[320];

static inline int folder_begin(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void)state;
    snprintf(folder, sizeof folder, "%.200s/pinfold-test.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(folder))
        return -1;
    snprintf(file, sizeof file, "%s/run.journal", folder);
    snprintf(results_file, sizeof results_file, "%s.results", file);
    return 0;
}

static inline void forget_files(void)
{
    static const char *const ends[] = {"", ".results", "-wal", "-shm", "-journal"};
    char path[400];

    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        snprintf(path, sizeof path, "%s%s", file, ends[i]);
        unlink(path);
    }
}

static inline int folder_end(void **state)
{
    (void)state;
    forget_files();
    return rmdir(folder);
}

/* Every fourth result is a large one, and every eleventh item fails. */
static inline size_t size_of(uint64_t item)
{
    return item % 4 == 3 ? 600 + item % 1000 : item % 50;
}

static inline bool fails(uint64_t item)
{
    return item % 11 == 10;
}

static inline unsigned char byte_of(uint64_t item, size_t i)
{
    return (unsigned char)(item * 31 + i * 7 + (i >> 8));
}

static unsigned char result_bytes[2000];

static inline struct pf_attempt attempt_of(int64_t call, uint64_t item)
{
    struct pf_attempt attempt = {.call = call,
                                 .item = item,
                                 .attempt = 1 + (int)(item % 3),
                                 .state = fails(item) ? PF_FAILED : PF_DONE,
                                 .code = fails(item) ? 7 : 0,
                                 .status = fails(item) ? 11 : 0,
                                 .text = fails(item) ? "it's \"bad\"" : "",
                                 .started = 1700000000LL * PF_S + (int64_t)item * 1000,
                                 .ended = 1700000000LL * PF_S + (int64_t)item * 2000,
                                 .cpu_ns = item % 2 ? (int64_t)item : -1,
                                 .peak = item % 2 ? 4096 : -1,
                                 .by = {.worker = (int)(item % 3),
                                        .rank = (int)(item % 3),
                                        .pid = 100 + (int64_t)(item % 3),
                                        .host = "here",
                                        .cpus = "0,2"}};

    memset(attempt.argument, (int)(item % 251), PF_DIGEST);
    if (!fails(item)) {
        for (size_t i = 0; i < size_of(item); i++)
            result_bytes[i] = byte_of(item, i);
        attempt.result = (pinfold_bytes){result_bytes, size_of(item)};
    }
    return attempt;
}

/* What a reader has seen: rows 0 .. seen - 1, each right. */
struct seen {
    uint64_t rows, kept, torn;
};

static inline int see(void *context, const struct pf_attempt *row)
{
    struct seen *seen = context;
    struct pf_attempt want = attempt_of(row->call, seen->rows);

    assert_int_equal(row->item, seen->rows);
    assert_int_equal(row->attempt, want.attempt);
    assert_memory_equal(row->argument, want.argument, PF_DIGEST);
    assert_int_equal(row->state, want.state);
    assert_int_equal(row->code, want.code);
    assert_int_equal(row->status, want.status);
    assert_string_equal(row->text, want.text);
    assert_int_equal(row->started, want.started);
    assert_int_equal(row->ended, want.ended);
    assert_int_equal(row->cpu_ns, want.cpu_ns);
    assert_int_equal(row->peak, want.peak);
    assert_int_equal(row->by.worker, want.by.worker);
    assert_int_equal(row->by.rank, want.by.rank);
    assert_int_equal(row->by.pid, want.by.pid);
    assert_string_equal(row->by.host, want.by.host);
    assert_string_equal(row->by.cpus, want.by.cpus);
    assert_int_equal(row->result.size, want.result.size);
    if (row->kept && row->result.size)
        assert_memory_equal(row->result.data, want.result.data, want.result.size);
    seen->rows++;
    seen->kept += row->kept;
    seen->torn += row->state == PF_DONE && !row->kept;
    return 0;
}

static inline struct pf_journal *opened(unsigned flags)
{
    struct pf_journal *journal = NULL;
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    if (pf_journal_open(&journal, file, flags, &err) != 0)
        fail_msg("%s", err.text);
    return journal;
}

/* Rows from .. to - 1 of the key "k". */
static inline void add_rows(struct pf_journal *journal, uint64_t from, uint64_t to)
{
    int64_t call = pf_journal_call(journal, "k");

    assert_true(call > 0);
    for (uint64_t item = from; item < to; item++) {
        struct pf_attempt attempt = attempt_of(call, item);
        pf_journal_note(journal, &attempt);
    }
}

static const struct pf_journal_query everything = {.most = -1, .results = true};

/* Reads the file: a code, or 0 and what was seen. */
static inline int read_rows(struct seen *seen, struct pinfold_error *err)
{
    struct pf_journal *journal;
    int code;

    *seen = (struct seen){0};
    code = pf_journal_read(&journal, file, err);
    if (code)
        return code;
    code = pf_journal_each(journal, &everything, see, seen, err);
    pf_journal_close(journal, NULL);
    return code;
}

#endif
