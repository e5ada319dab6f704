/* main.c - the command `pinfold`: its first word says which page to turn to.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include <stdio.h>
#include <string.h>

#include "journal.h"
#include "pinfold.h"
#include "topo.h"

static const struct command {
    const char *name, *what;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"journal", "what a journal has: how far it is, what failed, what was slow", journal_main},
    {"topo", "this machine's cores, and which worker gets which", topo_main},
};
#define COMMANDS (sizeof commands / sizeof *commands)

static int usage(FILE *to)
{
    fprintf(to, "usage: pinfold COMMAND [OPTION...]\n"
                "Runs independent work on every core that you were given.\n\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  pinfold %-10s %s\n", commands[i].name, commands[i].what);
    fprintf(to,
            "  pinfold %-10s this text; `pinfold COMMAND --help` has more\n"
            "  pinfold %-10s the version\n",
            "--help", "--version");
    return fflush(to) || ferror(to);
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    int failed;

    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(word, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    /* Under a launcher this is said once, and nobody starts MPI. */
    if (!pinfold_is_driver())
        return strncmp(word, "--", 2) == 0 ? 0 : 2;
    if (strcmp(word, "--help") == 0) {
        failed = usage(stdout);
    } else if (strcmp(word, "--version") == 0) {
        printf("pinfold %s\n", pinfold_version());
        failed = fflush(stdout) || ferror(stdout);
    } else {
        if (*word)
            fprintf(stderr, "pinfold: there is no command '%s' (try: pinfold --help)\n", word);
        else
            fprintf(stderr, "pinfold: a command is missing (try: pinfold --help)\n");
        return 2;
    }
    if (failed)
        perror("pinfold: standard output");
    return failed;
}
