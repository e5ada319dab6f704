/* pinfold_main.h - main() for small programs.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *     static int drive(pinfold_pool *pool, int argc, char **argv) { ... return 0; }
 *     PINFOLD_MAIN(drive)
 *
 * The program then takes Pinfold's own options (--workers, --places, ...), --help and operands,
 * opens a pool, calls drive on rank 0, and serves on the others. (A program with options of its
 * own calls pinfold_main, or reads them in a main of its own that ends with pinfold_drive.)
 * Warnings go to stderr. Exit status: what drive returned; 2 when an option is wrong, or there are
 * not places enough (PINFOLD_E_PLACES); 3 when the pool could not be opened for another reason, or
 * broke; 102 (PINFOLD_EXIT_EARLY) when the job ended early. SIGUSR1 ends it early, and SIGUSR2 has a
 * line of status written, unless the program handles one of them, or says otherwise (`signals` in
 * struct pinfold_options).
 */
#ifndef PINFOLD_MAIN_H
#define PINFOLD_MAIN_H

#include <pinfold.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The exit status of a program that has ended before all was done that it asked of its pools, or that
 * was told so by pinfold_pool_ending: run again, it would go on. */
#define PINFOLD_EXIT_EARLY 102

/* What PINFOLD_MAIN calls. `usage` is shown by --help above Pinfold's options, and says that drive
 * reads options of its own; NULL: a plain line, and any other option is refused. `options` may be
 * NULL. Collective: yes. */
PINFOLD_API int pinfold_main(int argc, char **argv, const char *usage,
                             const struct pinfold_options *options,
                             int (*drive)(pinfold_pool *pool, int argc, char **argv));

/* The end of a main that has read its arguments: opens a pool, calls drive on rank 0 and serves on
 * the others, closes the pool, and finalizes. Returns what main is to return: on rank 0 what drive
 * returned, 2 for options that cannot be or too few places (PINFOLD_E_PLACES), 3 for a pool that
 * could not be opened for another reason, or broke while drive returned 0 (these with one line on
 * stderr), and PINFOLD_EXIT_EARLY whatever drive returned where that applies; on the others 0. `options` may be NULL. `data` is the caller's, and drive's alone.
 * Collective: yes. */
PINFOLD_API int pinfold_drive(const struct pinfold_options *options,
                              int (*drive)(pinfold_pool *pool, void *data), void *data);

#ifdef __cplusplus
}
#endif

#define PINFOLD_MAIN(drive)                                                                     \
    int main(int argc, char **argv)                                                             \
    {                                                                                           \
        return pinfold_main(argc, argv, NULL, NULL, drive);                                     \
    }

#endif
