/* Tasks that take more memory than they may. SPDX-License-Identifier: BSD-3-Clause */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "every.h"

#define MB     ((size_t)1 << 20)
#define LIMIT  (48 * MB)
#define BEFORE (96 * MB) /* what init takes */

enum way { TOUCH, ABORT, EXIT, RETURN, UNDERSCORE_EXIT, CRASH, FIT, WAYS };

static void *take(void)
{
    char *volatile part = malloc(MB); /* or a compiler sees that nobody needs it */

    return part;
}

/* A static function of this name is what the error's text has to name. */
__attribute__((noinline)) static void touch(volatile char *part)
{
    *part = 1;
    __asm__ volatile("");
}

/* Takes all that there is, a MiB at a time, and then does what it is told to. */
static int takes_all(int way)
{
    void **last = NULL, **part;

    while ((part = take())) {
        *part = last;
        last = part;
    }
    switch (way) {
    case TOUCH:
        touch((char *)part);
        break;
    case ABORT:
        abort();
    case EXIT:
        exit(3);
    case UNDERSCORE_EXIT:
        _exit(4);
    default:
        break;
    }
    while (last) {
        part = *last;
        free(last);
        last = part;
    }
    return 5;
}

/* The argument is the way, or -1: then nothing happens. */
static int takes(pinfold_task *task)
{
    int way = *(const int *)pinfold_task_arg(task).data;

    *(int *)pinfold_task_out(task, sizeof way) = way;
    if (way == FIT) {
        char *volatile part = malloc(LIMIT / 2);
        free(part);
        return part ? 0 : 6;
    }
    if (way == CRASH)
        abort(); /* there is memory */
    return way < 0 ? 0 : takes_all(way);
}

static int takes_much_before(const struct pinfold_worker *worker, pinfold_bytes arg, void **state,
                             char *text, size_t text_size)
{
    (void)worker, (void)arg;
    *state = malloc(BEFORE);
    if (*state)
        return 0;
    snprintf(text, text_size, "no memory");
    return 1;
}

/* Whether all workers are processes of their own. */
static bool processes(void)
{
    return every_isolated(&(struct pinfold_worker){.rank = 1});
}

static bool refused_elsewhere(void)
{
    struct pinfold_options options = every_options;
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    if (processes())
        return false;
    options.memory_limit = LIMIT;
    every_refuse(&options, PINFOLD_E_UNSUPPORTED, &err);
    return true;
}

/* Valgrind and sanitizers do not let a limit through. */
static bool limits_hold(void)
{
    pid_t child;
    int status = 0;

    if (EVERY_SANITIZED)
        return false;
    child = fork();
    if (child == 0) {
        struct rlimit none = {LIMIT, LIMIT};
        void *volatile much;
        setrlimit(RLIMIT_DATA, &none);
        much = malloc(LIMIT);
        _exit(much ? 1 : 0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

static const struct {
    int code, status;
    const char *text;
} verdicts[WAYS] = {
    [TOUCH] = {PINFOLD_E_TASK_MEMORY, SIGSEGV,
               "(SIGSEGV, Segmentation fault) at address 0x0 in touch"},
    [ABORT] = {PINFOLD_E_TASK_MEMORY, SIGABRT,
               "ran out of memory, of which its tasks may have 48 MiB"},
    [EXIT] = {PINFOLD_E_TASK_MEMORY, 3, "ended with exit code 3"},
    [RETURN] = {5, 0, "returned 5"},
    [UNDERSCORE_EXIT] = {PINFOLD_E_TASK_EXIT, 4, "(it had up to "},
    [CRASH] = {PINFOLD_E_TASK_SIGNAL, SIGABRT, "in takes+"},
    [FIT] = {0, 0, ""},
};

static void check_error(void *data, const struct pinfold_error *err)
{
    const int *ways = data;
    int way = ways[err->index];

    if (!CHECK(way >= 0 && err->code == verdicts[way].code) ||
        !CHECK(err->status == verdicts[way].status && strstr(err->text, verdicts[way].text)))
        printf("# item %d, way %d: %d, %d, %s\n", (int)err->index, way, err->code, err->status,
               err->text);
}

static void each_way(pinfold_pool *pool, size_t chunk)
{
    enum { N = 300 };
    static int ways[N], out[N], codes[N];
    struct pinfold_call how = {
        .size = sizeof how, .chunk = chunk, .codes = codes, .failed = check_error, .data = ways};

    for (int i = 0; i < N; i++)
        ways[i] = i % 20 == 9 ? i / 20 % WAYS : -1;
    CHECK(pinfold_map(pool, takes, &how, ways, sizeof *ways, out, sizeof *out, N, NULL) ==
          PINFOLD_E_TASK_MEMORY);
    for (int i = 0; i < N; i++) {
        CHECK(codes[i] == (ways[i] < 0 ? 0 : verdicts[ways[i]].code));
        CHECK(codes[i] || out[i] == ways[i]);
    }
}

static void limited(void)
{
    struct pinfold_options options = every_options;
    pinfold_pool *pool;

    if (refused_elsewhere())
        return;
    if (!limits_hold()) {
        every_skip("memory cannot be limited under this tool");
        return;
    }
    options.memory_limit = LIMIT;
    options.init = takes_much_before; /* which does not count */
    pool = every_open(&options);
    if (!pool)
        return;
    each_way(pool, 0);
    each_way(pool, 50);
    each_way(pool, 1);
    CHECK(every_squares(pool, NULL, 1000));
    every_close(pool);
}

/* What one task does not give back, the next one has not; a new worker has it. */
static int leaks(pinfold_task *task)
{
    (void)task;
    for (int i = 0; i < 10; i++)
        if (!take())
            return 5;
    return 0;
}

static void leaked(void)
{
    enum { N = 40 };
    struct pinfold_options options = every_options;
    int codes[N], failed = 0;
    struct pinfold_call how = {.size = sizeof how, .codes = codes};

    if (!processes() || !limits_hold()) {
        every_skip("memory is not limited here");
        return;
    }
    options.memory_limit = LIMIT;
    for (int term = 0; term < 2; term++) {
        pinfold_pool *pool;
        options.tasks_per_worker = term ? 3 : 0;
        pool = every_open(&options);
        if (!pool)
            continue;
        pinfold_map(pool, leaks, &how, NULL, 0, NULL, 0, N, NULL);
        failed = 0;
        for (int i = 0; i < N; i++)
            failed += codes[i] == 5;
        CHECK(term ? failed == 0 : failed >= N - 5 * pinfold_pool_workers(pool) && failed < N);
        every_close(pool);
    }
}

const struct every_test memory_limit_tests[] = {
    {"a task that takes more than it may fails with that cause, and alone", NULL, limited},
    {"what tasks leak is taken from those that follow, and comes back with a new worker", NULL,
     leaked},
    {NULL, NULL, NULL},
};
