/* wordcount: how often each word is in the regular files below the given paths.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Map and reduce. The driver walks the trees and cuts what it finds into loads: a piece of a large
 * file, or several small files. A stream has each read and counted by a worker, which gives the
 * driver its table of words; the tables are added up as they come. Sums of whole numbers do not
 * depend on their order, so the output is the same bytes with any number of workers.
 *
 * At any time there are some tables for each worker, and the one of all words: files are never
 * held, and the sizes of the files do not matter.
 */
#include <pinfold_main.h>

#include "../common/complain.h"
#include "../common/walk.h"
#include "count.h"
#include "pieces.h"
#include "trouble.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char usage[] =
    "Usage: wordcount [OPTION]... PATH...\n"
    "Counts the words in all regular files below each PATH. A word is a row of the letters\n"
    "A-Z and a-z, as many as there are; capital and small letters are the same. Prints what\n"
    "these print, with LC_ALL=C:\n"
    "\n"
    "  find PATH... -type f -exec grep -ahoE '[A-Za-z]+' {} + | tr A-Z a-z |\n"
    "      sort | uniq -c | sort -k1,1nr -k2\n"
    "\n"
    "  --top N      only the first N lines\n"
    "  --piece N    files are divided into pieces of N bytes, from 1 to 67108864 [a\n"
    "               sixteenth of a worker's share, from 1048576 on]; a piece, or small\n"
    "               files that are as much, is what a worker reads at a time\n"
    "  --help       this text\n"
    "\n"
    "Exit status: 0 all files were counted; 1 one or more were not, or not to their end\n"
    "(named on stderr), or the output could not be written; 2 wrong usage; 3 the workers\n"
    "could not be used.\n"
    "\n";

enum { PIECE_MIN = 1 << 20, PIECE_MAX = 64 << 20, PIECES_EACH = 16, WINDOW_EACH = 4 };

/* What the command line asks for. */
struct wish {
    char **roots;
    int count;
    uint64_t top, piece; /* 0: all lines; automatic */
};

struct work {
    struct paths files;
    struct pieces pieces;
    size_t next; /* load to hand out */
    struct words words;
    struct troubles troubles;
    bool all_read, memory;
};

/* ---- What is there */

static void cannot_walk(void *data, const char *path, int error)
{
    bool *all_read = data;
    *all_read = false;
    complain_of(path, strerror(error));
}

/* What cannot be looked at here is told by the worker that cannot open it. */
static uint64_t size_of(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
}

static uint64_t piece_limit(uint64_t wanted, uint64_t total, int workers)
{
    uint64_t share = total / PIECES_EACH / (uint64_t)workers;

    if (wanted != 0)
        return wanted;
    return share < PIECE_MIN ? PIECE_MIN : share > PIECE_MAX ? PIECE_MAX : share;
}

/* False: there is no memory. */
static bool find_work(struct work *work, const struct wish *wish, int workers)
{
    struct paths *files = &work->files;
    uint64_t *sizes, total = 0;
    bool memory = true;

    for (int i = 0; memory && i < wish->count; i++)
        memory = walk(files, wish->roots[i], cannot_walk, &work->all_read) == 0;
    paths_sort(files);
    sizes = calloc(files->count + 1, sizeof *sizes);
    memory = memory && sizes != NULL;
    for (size_t i = 0; memory && i < files->count; i++)
        total += sizes[i] = size_of(files->text + files->start[i]);
    uint64_t limit = piece_limit(wish->piece, total, workers);
    for (size_t i = 0; memory && i < files->count; i++)
        memory = pieces_add(&work->pieces, files->start[i], sizes[i], limit);
    free(sizes);
    return memory;
}

/* ---- The stream */

static bool pull(void *data, pinfold_bytes *input)
{
    struct work *work = data;
    size_t count;

    if (work->next == work->pieces.loads)
        return false;
    input->data = pieces_of(&work->pieces, work->next++, &count);
    input->size = count * sizeof(struct piece);
    return true;
}

/* Of a task that did not come to its end, say because its process was killed. */
static bool not_counted(struct work *work, size_t load, const char *reason)
{
    size_t count;
    const struct piece *piece = pieces_of(&work->pieces, load, &count);
    bool memory = true;

    for (size_t i = 0; memory && i < count; i++)
        memory =
            troubles_add(&work->troubles, work->files.text + piece[i].path, piece[i].from, reason);
    return memory;
}

static bool not_read(struct work *work, const struct failure *failure)
{
    return troubles_add(&work->troubles, work->files.text + failure->path, failure->from,
                        failure->error == COUNT_TOO_LONG ? "a word of more than 16777216 letters"
                                                         : strerror(failure->error));
}

static int push(void *data, uint64_t index, pinfold_bytes result, const struct pinfold_error *error)
{
    struct work *work = data;
    struct failure failure;

    if (error != NULL) {
        work->memory = not_counted(work, (size_t)index, error->text);
    } else {
        while (work->memory && count_next_failure(&result, &failure))
            work->memory = not_read(work, &failure);
        work->memory = work->memory && words_add_packed(&work->words, result.data, result.size);
    }
    return work->memory ? 0 : 1;
}

/* ---- The end */

static int report(struct work *work, uint64_t top)
{
    struct words *words = &work->words;

    words_sort(words);
    for (size_t i = 0; i < words->used && (top == 0 || i < top); i++) {
        const struct word *word = &words->slots[i];
        printf("%7" PRIu64 " ", word->count);
        fwrite(words->text + word->start, 1, word->length, stdout);
        putchar('\n');
    }
    bool written = complain_of_output();
    troubles_tell(&work->troubles);
    return written && work->all_read && work->troubles.count == 0 ? 0 : 1;
}

static int run(pinfold_pool *pool, void *data)
{
    const struct wish *wish = data;
    int workers = pinfold_pool_workers(pool), status = 1, code = 0;
    struct work work = {.all_read = true};
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    work.memory = find_work(&work, wish, workers);
    if (work.memory) {
        struct pinfold_call how = {.size = sizeof how,
                                   .shared = {work.files.text, work.files.text_size},
                                   .window = WINDOW_EACH * (size_t)workers,
                                   .unordered = true};
        code = pinfold_stream(pool, count_task, &how, pull, push, &work, &err);
    }
    if (!work.memory) {
        complain("out of memory");
    } else if (code != 0 && err.index < 0) { /* not a load's, which push was told of */
        complain("%s", err.text);
        status = 3;
    } else {
        status = report(&work, wish->top);
    }
    troubles_free(&work.troubles);
    words_free(&work.words);
    pieces_free(&work.pieces);
    paths_free(&work.files);
    return status;
}

/* ---- The command line */

/* Prints, on the driver alone, a line of what is wrong. Returns 2. */
static int wrong(const char *what, const char *word)
{
    if (pinfold_is_driver())
        complain("%s%s (try --help)", what, word);
    return 2;
}

static bool read_number(const char *text, uint64_t max, uint64_t *value)
{
    uint64_t number = 0;

    for (const char *at = text; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || number > (UINT64_MAX - 9) / 10)
            return false;
        number = 10 * number + (uint64_t)(*at - '0');
    }
    if (number == 0 || number > max)
        return false;
    *value = number;
    return true;
}

/* Returns -1 to go on, else the status to end with. All ranks come to the same end, before MPI
 * is started. */
static int read_arguments(struct wish *wish, struct pinfold_options *options, int argc, char **argv)
{
    static const struct option known[] = {{"top", required_argument, NULL, 't'},
                                          {"piece", required_argument, NULL, 'p'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int letter;

    if (pinfold_options_parse(options, &argc, argv, &err) != 0)
        return wrong(err.text, "");
    opterr = pinfold_is_driver(); /* getopt's own line about an unknown option */
    while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (letter) {
        case 't':
            if (!read_number(optarg, UINT64_MAX, &wish->top))
                return wrong("--top wants a number from 1 on, not ", optarg);
            break;
        case 'p':
            if (!read_number(optarg, PIECE_MAX, &wish->piece))
                return wrong("--piece wants a number from 1 to 67108864, not ", optarg);
            break;
        case 'h':
            if (pinfold_is_driver())
                printf("%s%s", usage, pinfold_options_help());
            return 0;
        default:
            return 2;
        }
    }
    if (optind == argc)
        return wrong("a PATH is missing", "");
    wish->roots = argv + optind;
    wish->count = argc - optind;
    return -1;
}

int main(int argc, char **argv)
{
    struct pinfold_options options = {.size = sizeof options, .log = pinfold_log_stderr};
    struct wish wish = {0};

    int status = read_arguments(&wish, &options, argc, argv);
    if (status >= 0) /* a launcher would end the driver for another rank's status */
        return pinfold_is_driver() ? status : 0;
    return pinfold_drive(&options, run, &wish);
}
