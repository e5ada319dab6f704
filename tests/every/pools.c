/* Pools, one after the other and at once. SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "every.h"

static int descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int n = 0;

    while (folder && readdir(folder))
        n++;
    if (folder)
        closedir(folder);
    return n;
}

static void one_after_the_other(void)
{
    int before = descriptors();

    for (int i = 0; i < 8; i++) {
        pinfold_pool *pool = every_open(&every_options);
        if (pool)
            CHECK(pinfold_pool_workers(pool) == every_workers && every_squares(pool, NULL, 50));
        every_close(pool);
    }
    CHECK(descriptors() == before);
}

static void unused(void)
{
    for (int i = 0; i < 5; i++)
        every_close(every_open(&every_options));
}

static void fewer_workers(void)
{
    struct pinfold_options options = every_options;
    pinfold_pool *pool;

    options.max_workers = 1;
    pool = every_open(&options);
    if (pool) {
        CHECK(pinfold_pool_workers(pool) == 1);
        CHECK(every_squares(pool, NULL, 500));
    }
    every_close(pool);
    options.max_workers = 2;
    pool = every_open(&options);
    if (pool) {
        int want = every_workers < 2 || every_inline ? every_workers : 2;
        CHECK(pinfold_pool_workers(pool) == (every_inline || every_ranks ? want : 2));
        CHECK(every_squares(pool, NULL, 500));
    }
    every_close(pool);
}

static void no_options(void)
{
    pinfold_pool *pool = every_open(NULL);

    if (pool)
        CHECK(every_squares(pool, NULL, 100));
    every_close(pool);
    CHECK(pinfold_pool_close(NULL) == 0);
}

/* Local ones: the workers of one die while the other is looked at. */
static void two_at_once(void)
{
    double end = every_now() + every_patience(20);
    pinfold_pool *a, *b;

    if (every_ranks) {
        every_skip("ranks serve one pool at a time");
        return;
    }
    a = every_open(&every_options);
    b = every_open(&every_options);
    for (int i = 0; b && i < 5; i++) {
        struct pinfold_worker w = {.size = sizeof w};
        CHECK(pinfold_pool_worker(b, 0, &w) == 0);
        if (!every_inline && !every_threads)
            CHECK(kill((pid_t)w.pid, SIGKILL) == 0);
        CHECK(pinfold_poll(a, 0.01) == 0);
        CHECK(every_squares(a, NULL, 1000));
        CHECK(every_squares(b, NULL, 1000));
        for (int64_t pid = w.pid;
             !every_inline && !every_threads && w.pid == pid && every_now() < end;) {
            pinfold_poll(b, 0.001);
            pinfold_pool_worker(b, 0, &w);
        }
        CHECK(every_squares(b, NULL, 1000)); /* one that never did anything is given up */
    }
    every_close(a);
    if (b)
        CHECK(every_squares(b, NULL, 100));
    every_close(b);
}

struct self {
    cpu_set_t mask;
    char name[16];
};

static struct self look_at_myself(void)
{
    struct self self = {.name = ""};

    sched_getaffinity(0, sizeof self.mask, &self.mask);
    prctl(PR_GET_NAME, self.name);
    return self;
}

/* Also with a place of the driver's own, where there are two. */
static void as_before(void)
{
    struct self before = look_at_myself(), after;
    struct pinfold_options options = every_options;
    struct pinfold_machine machine = {.size = sizeof machine};
    int times = 1;

    if (!CHECK(pinfold_machine_count(&machine, NULL) == 0))
        return;
    if (machine.usable_cores > 1 && !every_ranks && !every_inline)
        times = 2;
    for (int i = 0; i < times; i++) {
        pinfold_pool *pool = every_open(&options);
        if (pool)
            CHECK(every_squares(pool, NULL, 100));
        every_close(pool);
        after = look_at_myself();
        CHECK(CPU_EQUAL(&before.mask, &after.mask));
        CHECK(strcmp(before.name, after.name) == 0);
        options.reserve = "core";
        options.max_workers = 1;
    }
}

static void too_many(void)
{
    struct pinfold_options options = every_options;
    struct pinfold_machine machine = {.size = sizeof machine};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    const char *text;
    bool too_many_ranks;

    if (getenv("EVERY_HOSTS")) {
        every_skip("every host has places of its own");
        return;
    }
    CHECK(pinfold_machine_count(&machine, &err) == 0);
    too_many_ranks = every_workers > machine.usable_cores;
    if (every_inline || (every_ranks && !too_many_ranks)) {
        every_skip("there is a place for every worker");
        return;
    }
    options.oversubscribe = "error";
    if (!every_ranks)
        options.max_workers = machine.usable_cores + 1;
    every_refuse(&options, PINFOLD_E_PLACES, &err);
    options.oversubscribe = "warn";
    every_close(every_open(&options));
    if (pinfold_is_driver()) {
        CHECK(every_warnings(&text) == 1);
        CHECK(text[0] && !strchr(text, '\n'));
    }
    options.oversubscribe = "allow";
    every_close(every_open(&options));
}

const struct every_test pools_tests[] = {
    {"behaviour 21: pools one after the other; no descriptor is left", NULL, one_after_the_other},
    {"behaviour 13: an unused pool closes cleanly", NULL, unused},
    {"with fewer workers than there could be", NULL, fewer_workers},
    {"without options; and nothing to close", NULL, no_options},
    {"two at once", NULL, two_at_once},
    {"who opened them has the mask and the name of before", NULL, as_before},
    {"more workers than places: refused, warned of, or allowed", NULL, too_many},
    {NULL, NULL, NULL},
};
