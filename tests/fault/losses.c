/* A map in which tasks die in every way that there is. SPDX-License-Identifier: BSD-3-Clause
 *
 * FAULT_ITEMS says how many items it has (1000). What needs an option (--memory-limit) happens only
 * where that is given.
 */
#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"

static void crashes(void)
{
    raise(SIGSEGV);
}

static void aborts(void)
{
    abort();
}

static void leaves(void)
{
    _exit(3);
}

static void loops(void)
{
    for (volatile int on = 1; on;)
        ;
}

static void takes_all_memory(void)
{
    for (;;) {
        char *volatile part = malloc(1 << 20);
        *(volatile char *)part = 1;
    }
}

/* Of every `every` items, item `at` dies in this way. */
static const struct way {
    void (*die)(void);
    size_t every, at;
    int code, status;
    bool takes_memory;
} ways[] = {
    {crashes, 100, 7, PINFOLD_E_TASK_SIGNAL, SIGSEGV, false},
    {aborts, 100, 31, PINFOLD_E_TASK_SIGNAL, SIGABRT, false},
    {leaves, 100, 53, PINFOLD_E_TASK_EXIT, 3, false},
    {loops, 200, 119, PINFOLD_E_TASK_TIME, SIGKILL, false},
    {takes_all_memory, 200, 177, PINFOLD_E_TASK_MEMORY, SIGSEGV, true},
};

/* NULL: it lives. */
static const struct way *way_of(size_t item, bool limited)
{
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (item % ways[i].every == ways[i].at && (limited || !ways[i].takes_memory))
            return &ways[i];
    return NULL;
}

static int lives_or_dies(pinfold_task *task)
{
    size_t item = pinfold_task_index(task);
    const struct way *way = way_of(item, *(const bool *)pinfold_task_shared(task).data);

    *(size_t *)pinfold_task_out(task, sizeof item) = item * item;
    if (way)
        way->die();
    return 0;
}

struct tally {
    bool limited;
    int failed, wrong;
};

static void check_cause(void *data, const struct pinfold_error *error)
{
    struct tally *tally = data;
    const struct way *way = way_of((size_t)error->index, tally->limited);

    tally->failed++;
    if (way && error->code == way->code && error->status == way->status && error->pid > 0 &&
        error->worker >= 0 && error->host[0] && error->attempt == 1)
        return;
    tally->wrong++;
    printf("item %d: code %d, status %d: %s\n", (int)error->index, error->code, error->status,
           error->text);
}

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

int fault_losses(pinfold_pool *pool, struct pinfold_options *options)
{
    const char *items = getenv("FAULT_ITEMS");
    size_t n = items ? strtoul(items, NULL, 10) : 1000;
    size_t *out = calloc(n, sizeof *out);
    int *codes = calloc(n, sizeof *codes), before = descriptors(), expected = 0, after;
    struct tally tally = {.limited = options->memory_limit > 0};
    struct pinfold_call how = {.size = sizeof how,
                               .codes = codes,
                               .limit = 0.2,
                               .failed = check_cause,
                               .data = &tally,
                               .shared = {&tally.limited, sizeof tally.limited}};
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    fault_tell("map", pinfold_map(pool, lives_or_dies, &how, NULL, 0, out, sizeof *out, n, &err),
               &err);
    for (size_t i = 0; i < n; i++) {
        const struct way *way = way_of(i, tally.limited);
        expected += way != NULL;
        tally.wrong += codes[i] != (way ? way->code : 0) || out[i] != (way ? 0 : i * i);
    }
    tally.wrong += tally.failed != expected;
    after = descriptors();
    printf("failed %d\nwrong %d of %zu\ndescriptors %d\n", tally.failed, tally.wrong, n,
           after - before);
    free(out);
    free(codes);
    return pinfold_pool_close(pool) != 0 || tally.wrong || after != before;
}
