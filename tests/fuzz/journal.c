/* A journal that somebody gives us: shown by `pinfold journal`, and resumed from by a map.
 *
 * What lies there is a small journal that something was done to: input[0] says what, input[1] how it
 * is read. Folders in memory, and files of some pages, keep it fast.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../apps/pinfold/journal.h"
#include "pool/pool.h"
#include "record/journal.h"
#include "task/resume.h"

#define ITEMS 8

enum { DATABASE, LOG, RESULTS, FILES };
static const char *const ends[] = {"", "-wal", ".results", "-shm", "-journal"};
static char folder[64] = "/dev/shm/pinfold-fuzz.XXXXXX", file[96];

struct copy {
    unsigned char *data;
    size_t size;
};
static struct copy closed[FILES], grows[FILES]; /* a journal, and one that is being written */
static struct copy loose[2];                    /* tables that take any value; in UTF-8, UTF-16 */

/* ---- files */
static const char *path_of(size_t which)
{
    static char path[128];

    snprintf(path, sizeof path, "%s%s", file, ends[which]);
    return path;
}

static struct copy load(size_t which)
{
    int fd = open(path_of(which), O_RDONLY);
    struct copy copy = {NULL, 0};
    struct stat at;

    if (fd < 0)
        return copy;
    MUST(fstat(fd, &at) == 0);
    copy.size = (size_t)at.st_size;
    copy.data = malloc(copy.size + 1);
    MUST(copy.data && read(fd, copy.data, copy.size) == (ssize_t)copy.size);
    close(fd);
    return copy;
}

static void store(size_t which, const void *data, size_t size)
{
    int fd = open(path_of(which), O_CREAT | O_TRUNC | O_WRONLY, 0600);

    MUST(fd >= 0 && (!size || write(fd, data, size) == (ssize_t)size));
    close(fd);
}

static void forget(void)
{
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        unlink(path_of(i));
}

static void leave(void)
{
    forget();
    rmdir(folder);
}

/* ---- a map of ITEMS items, whose arguments are their numbers */
static const uint64_t numbers[ITEMS] = {0, 1, 2, 3, 4, 5, 6, 7};

static pinfold_bytes argument(const void *map, uint64_t item)
{
    (void)map;
    MUST(item < ITEMS);
    return (pinfold_bytes){&numbers[item], sizeof numbers[item]};
}

static bool take(void *map, uint64_t item, pinfold_bytes result)
{
    uint64_t *sum = map;

    MUST(item < ITEMS);
    for (size_t i = 0; i < result.size; i++)
        *sum += ((const unsigned char *)result.data)[i];
    return result.size > 0;
}

/* Of item 7 the result is a large one, and item 5 fails. */
static void note_all(struct pf_resume *map)
{
    static unsigned char large[400];
    struct pf_job job = {.by = -1, .ns = 1000};
    struct pf_lot lot = {.count = 1};
    struct pinfold_error fifth = {.code = 7, .worker = -1, .text = "why"};

    for (uint64_t item = 0; item < ITEMS; item++) {
        if (pf_resume_taken(map, item))
            continue;
        if (item == 5)
            pf_resume_failed(map, &job, item, &fifth);
        else
            pf_resume_done(map, &job, &lot, 0, 1, item,
                           (pinfold_bytes){item == 7 ? large : (const void *)&numbers[item],
                                           item == 7 ? sizeof large : sizeof numbers[item]});
    }
}

static void one_line(const struct pinfold_error *err)
{
    MUST(err->code < 0 && err->text[0]);
    for (const char *at = err->text; *at; at++)
        MUST((unsigned char)*at >= ' ' && *at != 0x7f);
}

/* What a pool and a map do to it. Returns how many results were taken. */
static uint64_t resume(struct copy *meanwhile)
{
    static struct pinfold_pool pool;
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pinfold_call how = {.size = sizeof how, .key = "k"};
    uint64_t sum = 0;
    struct pf_resume map = {
        .verb = "map", .map = &sum, .argument = argument, .take = take, .n = ITEMS};

    if (pf_journal_open(&pool.engine.journal, file, 0, &err) != 0) {
        one_line(&err);
        return 0;
    }
    MUST(pf_resume_begin(&map, &pool, &how, NULL, &err) == 0 || err.code == PINFOLD_E_JOURNAL);
    MUST(map.taken <= ITEMS && map.changed <= ITEMS);
    note_all(&map);
    if (pf_resume_end(&map, 0, &err) != 0)
        one_line(&err);
    for (size_t i = 0; meanwhile && i < FILES; i++)
        meanwhile[i] = load(i);
    if (pf_journal_close(pool.engine.journal, &err) != 0)
        one_line(&err);
    pool.engine.journal = NULL;
    return map.taken;
}

/* ---- what is shown of it */
static void is_table(const char *text)
{
    int tabs = 0;

    for (; *text; text++) {
        tabs += *text == '\t';
        MUST(*text == '\t' || *text == '\n' || (unsigned char)*text >= ' ');
        if (*text == '\n') {
            MUST(tabs == 19);
            tabs = 0;
        }
    }
}

/* All of it, or a part and one line that says why it is no more. */
static void show(unsigned form)
{
    static const char *const options[] = {"", "--tsv", "--json", "--failures", "--slowest=3"};
    char name[] = "journal", option[16];
    char *argv[] = {name, option, file, NULL}, *out = NULL, *err = NULL;
    size_t out_size, err_size;
    FILE *out_before = stdout, *err_before = stderr;
    int status;

    form %= sizeof options / sizeof *options;
    strcpy(option, options[form]);
    if (!form)
        argv[1] = file;
    stdout = open_memstream(&out, &out_size);
    stderr = open_memstream(&err, &err_size);
    MUST(stdout && stderr);
    status = journal_main(form ? 3 : 2, argv);
    fclose(stdout);
    fclose(stderr);
    stdout = out_before;
    stderr = err_before;
    MUST(status == 0 ? err_size == 0
                     : status == 1 && err_size > 1 && strchr(err, '\n') == err + err_size - 1);
    if (form == 1)
        is_table(out);
    free(out);
    free(err);
}

/* ---- what is done to it */
/* Some bytes are others, or the file ends there. */
static void patch(const struct copy *of, struct fuzz_input *in)
{
    struct copy copy[FILES] = {{NULL, 0}};

    for (size_t i = 0; i < FILES; i++) {
        copy[i].data = malloc(of[i].size + 1);
        copy[i].size = of[i].size;
        MUST(copy[i].data);
        if (of[i].size)
            memcpy(copy[i].data, of[i].data, of[i].size);
    }
    while (fuzz_left(in) > 3) {
        unsigned what = (unsigned)fuzz_number(in, 1);
        struct copy *one = &copy[(what & 15) % FILES];
        size_t at = (size_t)fuzz_number(in, what & 64 ? 1 : 2), n = what >> 4 & 3;
        if (what & 128 && at < one->size)
            one->size = at;
        for (size_t i = 0; i <= n && fuzz_left(in); i++) {
            unsigned char byte = (unsigned char)fuzz_number(in, 1);
            if (at + i < one->size)
                one->data[at + i] = byte;
        }
    }
    for (size_t i = 0; i < FILES; i++) {
        if (of[i].data)
            store(i, copy[i].data, copy[i].size);
        free(copy[i].data);
    }
}

/* The tables without types and rules, as a file may have them. */
static const struct {
    const char *name, *columns;
    int width, rows; /* columns, the id included; and rows */
} tables[] = {
    {"run", "host, pid, pinfold, opened, closed", 6, 1},
    {"call", "key", 2, 1},
    {"worker", "run, worker, rank, host, cpus, pid", 7, 1},
    {"attempt",
     "call, item, attempt, argument, state, code, status, text, worker, started, ended, cpu, peak,"
     " size, digest, at, result",
     18, ITEMS},
};
#define TABLES (sizeof tables / sizeof *tables)

static void run_sql(sqlite3 *db, const char *sql)
{
    MUST(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static void copy_table(sqlite3 *from, sqlite3 *to, size_t table)
{
    char sql[300];
    sqlite3_stmt *get, *put;

    snprintf(sql, sizeof sql, "CREATE TABLE %s(id INTEGER PRIMARY KEY, %s)", tables[table].name,
             tables[table].columns);
    run_sql(to, sql);
    snprintf(sql, sizeof sql, "SELECT * FROM %s", tables[table].name);
    MUST(sqlite3_prepare_v2(from, sql, -1, &get, NULL) == SQLITE_OK);
    MUST(sqlite3_column_count(get) == tables[table].width);
    snprintf(sql, sizeof sql, "INSERT INTO %s VALUES(?%s)", tables[table].name,
             &",?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?"[2 * (18 - tables[table].width)]);
    MUST(sqlite3_prepare_v2(to, sql, -1, &put, NULL) == SQLITE_OK);
    while (sqlite3_step(get) == SQLITE_ROW) {
        for (int i = 0; i < tables[table].width; i++)
            sqlite3_bind_value(put, i + 1, sqlite3_column_value(get, i));
        MUST(sqlite3_step(put) == SQLITE_DONE && sqlite3_reset(put) == SQLITE_OK);
    }
    sqlite3_finalize(get);
    sqlite3_finalize(put);
}

static struct copy make_loose(const char *encoding)
{
    sqlite3 *from, *to;
    struct copy copy;

    store(RESULTS, closed[DATABASE].data, closed[DATABASE].size);
    MUST(sqlite3_open(path_of(RESULTS), &from) == SQLITE_OK);
    MUST(sqlite3_open(file, &to) == SQLITE_OK);
    run_sql(to, encoding);
    run_sql(to, "PRAGMA page_size = 1024; BEGIN");
    for (size_t i = 0; i < TABLES; i++)
        copy_table(from, to, i);
    run_sql(to, "PRAGMA application_id = 1349086822; PRAGMA user_version = 1; COMMIT");
    sqlite3_close(from);
    sqlite3_close(to);
    copy = load(DATABASE);
    forget();
    return copy;
}

static void bind(sqlite3_stmt *row, struct fuzz_input *in)
{
    static const int64_t edges[] = {INT64_MIN, INT64_MAX, -1, INT32_MAX, INT32_MIN, 1LL << 32};
    unsigned kind = (unsigned)fuzz_number(in, 1);
    size_t n = kind >> 3;
    double real;
    uint64_t bits;

    switch (kind & 7) {
    case 0:
        break; /* null */
    case 1:
        sqlite3_bind_int64(row, 1, (int64_t)n);
        break;
    case 2:
        sqlite3_bind_int64(row, 1, (int64_t)fuzz_number(in, 8));
        break;
    case 3:
        sqlite3_bind_int64(row, 1, edges[n % (sizeof edges / sizeof *edges)]);
        break;
    case 4:
        bits = fuzz_number(in, 8);
        memcpy(&real, &bits, sizeof real);
        sqlite3_bind_double(row, 1, real);
        break;
    default:
        n = n < fuzz_left(in) ? n : fuzz_left(in);
        if (kind & 1)
            sqlite3_bind_text(row, 1, (const char *)in->at, (int)n, SQLITE_TRANSIENT);
        else
            sqlite3_bind_blob(row, 1, in->at, (int)n, SQLITE_TRANSIENT);
        in->at += n;
    }
}

/* Any values in any columns. */
static void values(const struct copy *of, struct fuzz_input *in)
{
    sqlite3 *db;

    store(DATABASE, of->data, of->size);
    store(RESULTS, closed[RESULTS].data, closed[RESULTS].size);
    MUST(sqlite3_open(file, &db) == SQLITE_OK);
    run_sql(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
    while (fuzz_left(in) > 2) {
        unsigned what = (unsigned)fuzz_number(in, 1), table = what % TABLES;
        const char *name = tables[table].columns;
        char sql[100];
        sqlite3_stmt *row;

        for (unsigned i = what / 8 % (unsigned)(tables[table].width - 1); i > 0; i--)
            name = strchr(name, ',') + 2;
        snprintf(sql, sizeof sql, "UPDATE %s SET %.*s = ? WHERE id = %u", tables[table].name,
                 (int)strcspn(name, ","), name,
                 1 + (unsigned)fuzz_number(in, 1) % (unsigned)tables[table].rows);
        MUST(sqlite3_prepare_v2(db, sql, -1, &row, NULL) == SQLITE_OK);
        bind(row, in);
        MUST(sqlite3_step(row) == SQLITE_DONE);
        sqlite3_finalize(row);
    }
    run_sql(db, "COMMIT");
    MUST(sqlite3_close(db) == SQLITE_OK);
}

static void begin(void)
{
    struct fuzz_input nothing = {NULL, NULL};

    if (!mkdtemp(folder)) {
        strcpy(folder, "/tmp/pinfold-fuzz.XXXXXX");
        MUST(mkdtemp(folder));
    }
    atexit(leave);
    snprintf(file, sizeof file, "%s/journal", folder);
    MUST(resume(grows) == 0);
    for (size_t i = 0; i < FILES; i++)
        closed[i] = load(i);
    MUST(closed[DATABASE].size && closed[RESULTS].size && grows[LOG].size);
    forget();
    loose[0] = make_loose("PRAGMA encoding = 'UTF-8'");
    loose[1] = make_loose("PRAGMA encoding = 'UTF-16'");
    values(&loose[1], &nothing);
    MUST(resume(NULL) == ITEMS - 1); /* what is right is found to be */
    forget();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = fuzz_input(data, size);
    unsigned what, how;

    if (!closed[DATABASE].data)
        begin();
    what = (unsigned)fuzz_number(&in, 1) % 5;
    how = (unsigned)fuzz_number(&in, 1);
    if (what == 0)
        store(DATABASE, in.at, fuzz_left(&in));
    else if (what < 3)
        patch(what == 1 ? closed : grows, &in);
    else
        values(&loose[what - 3], &in);
    show(how);
    if (how & 64)
        resume(NULL);
    if (how & 128)
        show(how / 8);
    forget();
    return 0;
}
