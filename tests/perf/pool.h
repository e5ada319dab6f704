/* pool.h - opens and closes the pool of a benchmark program, from its command line.
 * SPDX-License-Identifier: BSD-3-Clause */
#ifndef PERF_POOL_H
#define PERF_POOL_H

#include "perf.h"

#include <pinfold.h>

/* The driver gets a pool; another rank has served and gets NULL. Trouble ends the program. */
static inline pinfold_pool *perf_open(int *argc, char **argv)
{
    struct pinfold_options options = {.size = sizeof options, .log = pinfold_log_stderr};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_pool *pool = NULL;

    if (pinfold_options_parse(&options, argc, argv, &err) != 0 ||
        pinfold_pool_open(&pool, &options, &err) != 0) {
        fprintf(stderr, "%s: %s\n", argv[0], err.text);
        exit(2);
    }
    return pool;
}

static inline void perf_check(int code, const struct pinfold_error *err)
{
    if (code != 0) {
        fprintf(stderr, "error %d: %s\n", code, err->text);
        exit(1);
    }
}

#endif
