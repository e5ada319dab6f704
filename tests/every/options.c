/* Options that make no sense, structs of other sizes. SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "every.h"

static void refused(void)
{
    const int bad = PINFOLD_E_ARGUMENT;

    for (int i = 0; i < 13; i++) {
        struct pinfold_options options = every_options;
        struct pinfold_options *o = &options;
        switch (i) {
        case 0:
            o->backend = "x";
            break;
        case 1:
            o->backend = "";
            break;
        case 2:
            o->max_workers = -1;
            break;
        case 3:
            o->places = "nonsense";
            break;
        case 4:
            o->bind = "nonsense";
            break;
        case 5:
            o->reserve = "nonsense";
            break;
        case 6:
            o->oversubscribe = "nonsense";
            break;
        case 7:
            o->cpus_per_task = -2;
            break;
        case 8:
            o->driver = "nonsense";
            break;
        case 9:
            o->open_timeout = -1;
            break;
        case 10:
            o->grace = (double)NAN;
            break;
        case 11:
            o->tasks_per_worker = -1;
            break;
        case 12:
            o->memory_limit = 1000;
            break;
        }
        every_refuse(o, bad, NULL);
    }
    every_close(every_open(&every_options));
}

/* The error's text has no room: nothing is written behind it. */
static void smaller_structs(void)
{
    struct pinfold_options options = every_options;
    struct {
        struct pinfold_error err;
        char canary[8];
    } small;
    pinfold_pool *pool;

    memset(&small, 0x5A, sizeof small);
    small.err.size = offsetof(struct pinfold_error, host);
    options.backend = "x";
    CHECK(pinfold_pool_open(&pool, &options, &small.err) == PINFOLD_E_ARGUMENT);
    CHECK(small.err.code == PINFOLD_E_ARGUMENT && small.err.index == -1);
    for (size_t i = offsetof(struct pinfold_error, host); i < sizeof small; i++)
        CHECK(((char *)&small)[i] == 0x5A);
    CHECK(pinfold_pool_open(&pool, &options, NULL) == PINFOLD_E_ARGUMENT);

    options = every_options;
    options.size = offsetof(struct pinfold_options, open_timeout);
    options.open_timeout = -1; /* not looked at */
    every_close(every_open(&options));
    options = every_options;
    options.size = 0;
    pool = every_open(&options);
    if (pool)
        CHECK(every_squares(pool, NULL, 10));
    every_close(pool);
}

static void smaller_calls(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = offsetof(struct pinfold_call, timeout), .timeout = -1};

    CHECK(every_squares(pool, &how, 10));
    how = (struct pinfold_call){0};
    CHECK(every_squares(pool, &how, 10));
    CHECK(every_squares(pool, NULL, 10));
}

static void strings(void)
{
    CHECK(strcmp(pinfold_strerror(PINFOLD_E_BROKEN), "the pool is broken") == 0);
    CHECK(strstr(pinfold_strerror(5), "own code") != NULL);
    CHECK(pinfold_strerror(-99999)[0] && pinfold_strerror(0)[0]);
    CHECK(pinfold_version_number() == PINFOLD_VERSION_NUMBER);
    CHECK(strcmp(pinfold_version(), PINFOLD_VERSION) == 0);
    CHECK(strstr(pinfold_options_help(), "--workers") != NULL);
}

const struct every_test options_tests[] = {
    {"nonsense is refused on every rank", NULL, refused},
    {"structs of an earlier release, and no error struct", NULL, smaller_structs},
    {"a call's struct of an earlier release", smaller_calls, NULL},
    {"codes and versions have their texts", NULL, strings},
    {NULL, NULL, NULL},
};
