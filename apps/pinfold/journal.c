/* journal.c - `pinfold journal`: what a journal has, for people and for programs.
 *
 * It reads, also while a run writes. In a table for programs, names may be added; those that are
 * there stay.
 */
#include "journal.h"

#include "field.h"
#include "record/journal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DONE = 0, FAILED = 1, USAGE = 2 };

enum form { TEXT, TSV, JSON };

struct request {
    const char *file;
    enum form form;
    bool rows; /* not the status */
    struct pf_journal_query query;
    bool help;
};

/* One line on stderr. What the user typed, and what lies in a file, is in it: no control characters. */
static int complain(const char *text, int status)
{
    fputs("pinfold journal: ", stderr);
    field_plain(stderr, text);
    putc('\n', stderr);
    return status;
}

static int help(void)
{
    fputs("usage: pinfold journal [OPTION...] FILE\n"
          "Shows what a journal (--journal FILE, of any program that opens a pool) has: by\n"
          "itself how far each of its calls is; with an option, attempts at items.\n\n"
          "      --failures    the items whose last attempt failed\n"
          "      --slowest N   the N attempts that took longest\n"
          "      --tsv         a table for programs: a header line, then a line for each\n"
          "                    attempt (all of them, if neither of the above is asked for)\n"
          "      --json        the same, as JSON\n"
          "      --help        this text\n\n"
          "Exit status: 0; 2 for options that make no sense; 1 when the journal cannot be read.\n",
          stdout);
    return DONE;
}

static int parse(struct request *request, int argc, char **argv)
{
    char text[300], end;

    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        bool slowest = strncmp(word, "--slowest", 9) == 0 && (word[9] == '=' || !word[9]);

        if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
            request->help = true;
        } else if (strcmp(word, "--tsv") == 0) {
            request->form = TSV;
        } else if (strcmp(word, "--json") == 0) {
            request->form = JSON;
        } else if (strcmp(word, "--failures") == 0) {
            request->query.which = PF_LAST_FAILED;
            request->query.most = -1;
            request->rows = true;
        } else if (slowest) {
            const char *value = word[9] ? word + 10 : i + 1 < argc ? argv[++i] : "";
            if (sscanf(value, "%" SCNd64 "%c", &request->query.most, &end) != 1 ||
                request->query.most < 1)
                return complain("--slowest wants how many, from 1", USAGE);
            request->query.which = PF_SLOWEST;
            request->rows = true;
        } else if (word[0] == '-' || request->file) {
            snprintf(text, sizeof text, "what is '%.200s'? (try: pinfold journal --help)", word);
            return complain(text, USAGE);
        } else {
            request->file = word;
        }
    }
    if (!request->file && !request->help)
        return complain("a FILE is missing (try: pinfold journal --help)", USAGE);
    request->rows |= request->form != TEXT;
    return DONE;
}

/* ---- values */
static double seconds(int64_t ns)
{
    return (double)ns / 1e9;
}

/* A moment as UTC; "-" for none. */
static const char *moment(int64_t ns, char text[32])
{
    time_t when = (time_t)(ns / 1000000000);
    struct tm utc;

    if (ns <= 0 || !gmtime_r(&when, &utc) || !strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc))
        strcpy(text, "-");
    return text;
}

static void hex(const unsigned char digest[PF_DIGEST], char text[2 * PF_DIGEST + 1])
{
    for (int i = 0; i < PF_DIGEST; i++)
        sprintf(text + 2 * i, "%02x", digest[i]);
}

static const char *state(const struct pf_attempt *row)
{
    static const char *const words[] = {"done", "failed", "cancelled"};

    return words[row->state];
}

/* ---- rows */
struct output {
    enum form form;
    int64_t rows;
};

static void row_text(const struct pf_attempt *row)
{
    printf("%9.3f s  ", seconds(row->ended - row->started));
    field_tsv(stdout, row->key);
    printf(" %" PRIu64 ", attempt %d: %s", row->item, row->attempt, state(row));
    if (row->by.worker >= 0) {
        printf(" on worker %d, ", row->by.worker);
        field_tsv(stdout, row->by.host);
    }
    if (row->code) {
        printf(": %d, ", row->code);
        field_tsv(stdout, row->text[0] ? row->text : pinfold_strerror(row->code));
    }
    putchar('\n');
}

static void tsv_text(const char *text)
{
    putchar('\t');
    field_tsv(stdout, text);
}

static void tsv_number(bool known, int64_t number)
{
    if (known)
        printf("\t%" PRId64, number);
    else
        fputs("\t-", stdout);
}

static void row_tsv(const struct pf_attempt *row)
{
    const struct pf_by *by = &row->by;
    char digest[2 * PF_DIGEST + 1], argument[2 * PF_DIGEST + 1];

    hex(row->digest, digest);
    hex(row->argument, argument);
    field_tsv(stdout, row->key);
    printf("\t%" PRIu64 "\t%d\t%s\t%d", row->item, row->attempt, state(row), row->code);
    tsv_number(row->status, row->status);
    tsv_number(by->worker >= 0, by->worker);
    tsv_number(by->worker >= 0, by->rank);
    tsv_text(by->host);
    tsv_text(by->cpus);
    tsv_number(by->worker >= 0, by->pid);
    printf("\t%.6f\t%.6f\t%.6f", seconds(row->started), seconds(row->ended),
           seconds(row->ended - row->started));
    if (row->cpu_ns >= 0)
        printf("\t%.6f", seconds(row->cpu_ns));
    else
        tsv_number(false, 0);
    tsv_number(row->peak >= 0, row->peak);
    tsv_number(row->state == PF_DONE, (int64_t)row->result.size);
    tsv_text(row->state == PF_DONE ? digest : "");
    tsv_text(argument);
    tsv_text(row->text);
    putchar('\n');
}

static void json_text(const char *name, const char *text)
{
    printf(", \"%s\": ", name);
    if (*text)
        field_json(stdout, text);
    else
        fputs("null", stdout);
}

static void json_number(const char *name, bool known, int64_t number)
{
    if (known)
        printf(", \"%s\": %" PRId64, name, number);
    else
        printf(", \"%s\": null", name);
}

static void row_json(const struct pf_attempt *row, bool first)
{
    const struct pf_by *by = &row->by;
    char digest[2 * PF_DIGEST + 1], argument[2 * PF_DIGEST + 1];

    hex(row->digest, digest);
    hex(row->argument, argument);
    fputs(first ? "\n  {\"key\": " : ",\n  {\"key\": ", stdout);
    field_json(stdout, row->key);
    printf(", \"item\": %" PRIu64 ", \"attempt\": %d, \"state\": \"%s\", \"code\": %d", row->item,
           row->attempt, state(row), row->code);
    json_number("status", row->status, row->status);
    json_number("worker", by->worker >= 0, by->worker);
    json_number("rank", by->worker >= 0, by->rank);
    json_text("host", by->host);
    json_text("cpus", by->cpus);
    json_number("pid", by->worker >= 0, by->pid);
    printf(", \"started\": %.6f, \"ended\": %.6f, \"seconds\": %.6f", seconds(row->started),
           seconds(row->ended), seconds(row->ended - row->started));
    if (row->cpu_ns >= 0)
        printf(", \"cpu\": %.6f", seconds(row->cpu_ns));
    else
        json_number("cpu", false, 0);
    json_number("peak", row->peak >= 0, row->peak);
    json_number("size", row->state == PF_DONE, (int64_t)row->result.size);
    json_text("digest", row->state == PF_DONE ? digest : "");
    json_text("argument", argument);
    json_text("text", row->text);
    putchar('}');
}

static int put_row(void *context, const struct pf_attempt *row)
{
    struct output *output = context;

    if (output->form == TSV)
        row_tsv(row);
    else if (output->form == JSON)
        row_json(row, output->rows == 0);
    else
        row_text(row);
    output->rows++;
    return ferror(stdout);
}

static int show_rows(struct pf_journal *journal, const struct request *request,
                     struct pinfold_error *err)
{
    struct output output = {.form = request->form};
    int code;

    if (request->form == TSV)
        puts("key\titem\tattempt\tstate\tcode\tstatus\tworker\trank\thost\tcpus\tpid\tstarted\tende"
             "d\t"
             "seconds\tcpu\tpeak\tsize\tdigest\targument\ttext");
    if (request->form == JSON)
        fputs("{\"attempts\": [", stdout);
    code = pf_journal_each(journal, &request->query, put_row, &output, err);
    if (request->form == JSON)
        puts("\n]}");
    return code;
}

/* ---- status */
static int put_sum(void *context, const struct pf_journal_sum *sum)
{
    char first[32], last[32];

    (void)context;
    field_tsv(stdout, sum->key);
    printf(": %" PRId64 " items, %" PRId64 " done, %" PRId64 " failed; %" PRId64
           " attempts of %.3f s on average, %" PRId64 " bytes of results; %s to %s\n",
           sum->items, sum->done, sum->failed, sum->attempts,
           seconds(sum->spent) / (double)(sum->attempts ? sum->attempts : 1), sum->bytes,
           moment(sum->first, first), moment(sum->last, last));
    return ferror(stdout);
}

static int show_status(struct pf_journal *journal, struct pinfold_error *err)
{
    struct pf_journal_run run;
    char opened[32], closed[32];

    if (pf_journal_last_run(journal, &run)) {
        printf("last run: process %" PRId64 " on ", run.pid);
        field_tsv(stdout, run.host);
        printf(", from %s %s%s\n", moment(run.opened, opened),
               run.closed ? "to " : "on; it goes on, or was ended before its time",
               run.closed ? moment(run.closed, closed) : "");
    }
    return pf_journal_sums(journal, put_sum, NULL, err);
}

int journal_main(int argc, char **argv)
{
    struct request request = {.query = {.most = -1}};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_journal *journal;
    int status, code = 0;

    if (!pinfold_is_driver()) /* under a launcher it is said once */
        return DONE;
    status = parse(&request, argc, argv);
    if (status != DONE)
        return status;
    if (request.help) {
        help();
    } else {
        if (pf_journal_read(&journal, request.file, &err) != 0)
            return complain(err.text, FAILED);
        code = request.rows ? show_rows(journal, &request, &err) : show_status(journal, &err);
        pf_journal_close(journal, NULL);
    }
    if (fflush(stdout) || ferror(stdout)) {
        perror("pinfold journal: standard output");
        return FAILED;
    }
    return code ? complain(err.text, FAILED) : DONE;
}
