/* checksum: SHA-256 of every regular file below the given paths, in the order of their names.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The driver walks the trees; a map with one item for each file does the reading. All paths
 * travel once to each worker (`shared`), an item says only where its own begins.
 */
#include <pinfold_main.h>

#include "../common/complain.h"
#include "../common/escape.h"
#include "../common/walk.h"
#include "digest.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Usage: checksum [OPTION]... PATH...\n"
    "Prints the SHA-256 of every regular file below each PATH, sorted by name, as\n"
    "sha256sum prints it and `sha256sum -c` reads it. Symbolic links are not followed.\n"
    "\n"
    "  --help       this text\n"
    "\n"
    "Reading files is mostly waiting: more workers than cores pay off, for example with\n"
    "--workers 16 --oversubscribe allow.\n"
    "\n"
    "Exit status: 0 all files were read; 1 one or more were not (named on stderr), or the\n"
    "output could not be written; 2 wrong usage; 3 the workers could not be used; 102 the\n"
    "job ended early, and the files that were read by then are printed.\n"
    "\n";

/* ---- What went wrong, one line each on stderr */

static void cannot_walk(void *data, const char *path, int error)
{
    bool *all_read = data;
    *all_read = false;
    complain_of(path, strerror(error));
}

struct failures {
    const struct paths *files;
    bool *all_read;
};

/* A task that did not come to its end, say because its process was killed. */
static void cannot_run(void *data, const struct pinfold_error *error)
{
    struct failures *failures = data;
    *failures->all_read = false;
    complain_of(failures->files->text + failures->files->start[error->index], error->text);
}

/* ---- The work */

static void print(const char *path, const struct digest *digest)
{
    char hex[2 * sizeof digest->bytes + 1];

    for (size_t i = 0; i < sizeof digest->bytes; i++) {
        hex[2 * i] = "0123456789abcdef"[digest->bytes[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[digest->bytes[i] & 15];
    }
    hex[sizeof hex - 1] = '\0';
    printf("%s%s  ", escape_needed(path) ? "\\" : "", hex);
    escape_write(stdout, path);
    putchar('\n');
}

static int report(const struct paths *files, const struct digest *digests, const int *codes,
                  bool all_read)
{
    for (size_t i = 0; i < files->count; i++) {
        const char *path = files->text + files->start[i];
        if (codes[i] != 0)
            continue;
        if (digests[i].error == 0) {
            print(path, &digests[i]);
        } else {
            complain_of(path, strerror(digests[i].error));
            all_read = false;
        }
    }
    return complain_of_output() && all_read ? 0 : 1;
}

struct roots {
    char **paths;
    int count;
};

static int run(pinfold_pool *pool, void *data)
{
    const struct roots *roots = data;
    struct paths files = {0};
    bool all_read = true;
    struct digest *digests = NULL;
    int *codes = NULL, status = 1;
    bool memory = true;

    for (int i = 0; memory && i < roots->count; i++)
        memory = walk(&files, roots->paths[i], cannot_walk, &all_read) == 0;
    paths_sort(&files);
    if (memory) {
        digests = calloc(files.count + 1, sizeof *digests);
        codes = calloc(files.count + 1, sizeof *codes);
        memory = digests != NULL && codes != NULL;
    }
    if (!memory) {
        complain("out of memory");
    } else {
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        struct failures failures = {&files, &all_read};
        struct pinfold_call how = {.size = sizeof how,
                                   .shared = {files.text, files.text_size},
                                   .codes = codes,
                                   .failed = cannot_run,
                                   .data = &failures};
        int code = pinfold_map(pool, digest_task, &how, files.start, sizeof *files.start, digests,
                               sizeof *digests, files.count, &err);
        /* A file's own trouble was told by cannot_run; this is the end of the whole call. */
        if (code == PINFOLD_E_ENDING) {
            complain("%s", err.text);
            status = report(&files, digests, codes, false); /* of what was done */
        } else if (code != 0 && err.index < 0) {
            complain("%s", err.text);
            status = 3;
        } else {
            status = report(&files, digests, codes, all_read);
        }
    }
    free(codes);
    free(digests);
    paths_free(&files);
    return status;
}

/* ---- The command line */

/* Returns -1 to go on, else the status to end with. All ranks come to the same end, before MPI
 * is started; only the driver prints. */
static int read_arguments(struct pinfold_options *options, int *argc, char **argv)
{
    static const struct option known[] = {{"help", no_argument, NULL, 'h'}, {0}};
    const bool driver = pinfold_is_driver();
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int letter;

    if (pinfold_options_parse(options, argc, argv, &err) != 0) {
        if (driver)
            complain("%s", err.text);
        return 2;
    }
    opterr = driver; /* getopt's own line about an unknown option */
    while ((letter = getopt_long(*argc, argv, "", known, NULL)) != -1) {
        if (letter != 'h')
            return 2;
        if (driver)
            printf("%s%s", usage, pinfold_options_help());
        return 0;
    }
    if (optind == *argc) {
        if (driver)
            complain("a PATH is missing (try --help)");
        return 2;
    }
    return -1;
}

int main(int argc, char **argv)
{
    struct pinfold_options options = {.size = sizeof options, .log = pinfold_log_stderr};

    int status = read_arguments(&options, &argc, argv);
    if (status >= 0) /* a launcher would end the driver for another rank's status */
        return pinfold_is_driver() ? status : 0;
    struct roots roots = {argv + optind, argc - optind};
    return pinfold_drive(&options, run, &roots);
}
