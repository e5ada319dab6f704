/* Tasks that kill their process, where that costs no more than the task: local processes, and
 * rank 0's worker. SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "every.h"

#define BUDGET (EVERY_COUNTS - 3) /* how many crashes are left */
#define CHILD  (EVERY_COUNTS - 4)
#define RUN    5000  /* counts[RUN + i]: how often item i was run */
#define DIED   10000 /* counts[DIED + i]: item i did */

enum way { SEGFAULT, ABORT, EXIT, UNDERSCORE_EXIT, KILL, TERM, WAYS };

static const struct {
    int code;
    const char *text;
    int status;
} verdicts[WAYS] = {
    {PINFOLD_E_TASK_SIGNAL, "signal 11", SIGSEGV},
    {PINFOLD_E_TASK_SIGNAL, "signal 6", SIGABRT},
    {PINFOLD_E_TASK_EXIT, "code 3", 3},
    {PINFOLD_E_TASK_EXIT, "code 0", 0},
    {PINFOLD_E_TASK_SIGNAL, "signal 9", SIGKILL},
    {PINFOLD_E_TASK_SIGNAL, "signal 15", SIGTERM},
};

static void die(int way)
{
    switch (way) {
    case SEGFAULT:
        signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would exit instead */
        raise(SIGSEGV);
        break;
    case ABORT:
        abort();
    case EXIT:
        exit(3);
    case UNDERSCORE_EXIT:
        _exit(0);
    case KILL:
        kill(getpid(), SIGKILL);
        break;
    default:
        kill(getpid(), SIGTERM);
    }
}

/* The first items beyond 3 that an isolated worker gets kill it, as long as the budget lasts. The
 * output is as large as the input, and is half written when that happens. */
static int dangerous(pinfold_task *task)
{
    pinfold_bytes in = pinfold_task_arg(task);
    size_t i = pinfold_task_index(task);
    unsigned char *out = pinfold_task_out(task, in.size);

    every_counts[RUN + i]++;
    every_spin(200e-6);
    memcpy(out, in.data, in.size / 2);
    if (i > 3 && every_isolated(pinfold_task_worker(task)) && every_counts[BUDGET] > 0 &&
        every_counts[BUDGET]-- > 0) {
        every_counts[DIED + i] = 1;
        die(*(const int *)pinfold_task_shared(task).data);
    }
    memcpy(out, in.data, in.size);
    return 0;
}

/* The isolated worker with the lowest number, or -1. */
static int isolated(pinfold_pool *pool, struct pinfold_worker *w)
{
    for (int i = 0; i < pinfold_pool_workers(pool); i++) {
        *w = (struct pinfold_worker){.size = sizeof *w};
        pinfold_pool_worker(pool, i, w);
        if (every_isolated(w))
            return i;
    }
    return -1;
}

/* Waits until that worker is there, if it died. */
static void settle(pinfold_pool *pool, struct pinfold_worker *w)
{
    double end = every_now() + every_patience(20);
    int number = isolated(pool, w);

    while (kill((pid_t)w->pid, 0) != 0 && every_now() < end) {
        pinfold_poll(pool, 0.001);
        pinfold_pool_worker(pool, number, w);
    }
}

static void survive(pinfold_pool *pool, int way, size_t size, size_t n, size_t chunk, int budget)
{
    unsigned char *in = malloc(n * size), *out = calloc(n, size);
    int *codes = calloc(n, sizeof *codes), died = 0, first = -1;
    struct pinfold_call how = {
        .size = sizeof how, .chunk = chunk, .codes = codes, .shared = {&way, sizeof way}};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pinfold_worker w;
    int code;

    settle(pool, &w);
    every_clear();
    every_counts[BUDGET] = budget;
    for (size_t i = 0; i < n * size; i++)
        in[i] = (unsigned char)(1 + i % 251 % 200);
    code = pinfold_map(pool, dangerous, &how, in, size, out, size, n, &err);
    for (size_t i = 0; i < n; i++) {
        bool dead = every_counts[DIED + i];
        died += dead;
        first = dead && first < 0 ? (int)i : first;
        if (!CHECK(every_counts[RUN + i] == 1)) /* run once, whatever became of it */
            printf("# item %zu: %d times\n", i, every_counts[RUN + i]);
        CHECK(codes[i] == (dead ? verdicts[way].code : 0));
        CHECK(dead ? out[i * size] == 0 : memcmp(in + i * size, out + i * size, size) == 0);
    }
    CHECK(died <= budget);
    CHECK(died > 0 || every_ranks); /* there, the others may have been faster */
    if (died > 0) {
        CHECK(code == verdicts[way].code && err.code == code);
        CHECK(err.index == first && err.worker >= 0 && err.host[0]);
        CHECK(err.pid > 0 && err.status == verdicts[way].status);
        if (!CHECK(strstr(err.text, verdicts[way].text) != NULL))
            printf("# %s\n", err.text);
    }
    free(in);
    free(out);
    free(codes);
}

static bool none_isolated(void)
{
    int first = every_options.driver && strcmp(every_options.driver, "only") == 0;

    if (every_isolated(&(struct pinfold_worker){.rank = first}))
        return false;
    every_skip("nothing is isolated here");
    return true;
}

static void every_way(pinfold_pool *pool)
{
    for (int way = 0; way < WAYS && !none_isolated(); way++)
        survive(pool, way, 8, 60, (size_t)way, 3);
}

static void in_large_chunks(pinfold_pool *pool)
{
    if (!none_isolated())
        survive(pool, SEGFAULT, 16, 600, 100, 20);
}

static void large_payloads(pinfold_pool *pool)
{
    if (none_isolated())
        return;
    survive(pool, SEGFAULT, 50 << 10, 80, 0, 5);
    survive(pool, SEGFAULT, 300 << 10, 30, 0, 4);
    survive(pool, KILL, 2 << 20, 20, 0, 3);
    survive(pool, EXIT, 1 << 20, 20, 4, 3);
}

/* The results in front of the crash are more than the ring holds. */
static int wordy_then_dead(pinfold_task *task)
{
    size_t i = pinfold_task_index(task);

    every_counts[RUN + i]++;
    if (i % 2000 == 1999 && every_isolated(pinfold_task_worker(task))) {
        every_counts[DIED + i] = 1;
        abort();
    }
    return pinfold_task_fail(task, 7, "%-380d", (int)i);
}

static void after_many_failures(pinfold_pool *pool)
{
    static int codes[4000];
    struct pinfold_call how = {.size = sizeof how, .chunk = 2000, .codes = codes};

    if (none_isolated())
        return;
    every_clear();
    CHECK(pinfold_map(pool, wordy_then_dead, &how, NULL, 0, NULL, 0, 4000, NULL) == 7);
    for (int i = 0; i < 4000; i++) {
        CHECK(every_counts[RUN + i] == 1);
        CHECK(codes[i] == (every_counts[DIED + i] ? PINFOLD_E_TASK_SIGNAL : 7));
    }
}

static void killed_while_idle(pinfold_pool *pool)
{
    double end = every_now() + every_patience(20);
    struct pinfold_worker w;
    int number = isolated(pool, &w);
    int64_t pid;

    if (none_isolated())
        return;
    settle(pool, &w);
    pid = w.pid;
    for (int i = 0; i < 10; i++) {
        CHECK(kill((pid_t)pid, SIGKILL) == 0);
        CHECK(every_squares(pool, NULL, 100));
        while (w.pid == pid && every_now() < end) {
            pinfold_poll(pool, 0.001);
            pinfold_pool_worker(pool, number, &w);
        }
        CHECK(w.pid != pid && w.number == number);
        CHECK(every_squares(pool, NULL, 100)); /* one that never did anything is given up */
        pid = w.pid;
    }
}

static int leave_a_child(pinfold_task *task)
{
    pid_t child;

    if (!every_isolated(pinfold_task_worker(task)) || every_counts[CHILD]++ > 0)
        return 0;
    child = fork();
    if (child == 0)
        for (;;)
            pause();
    every_counts[0] = child;
    abort();
}

static void with_its_children(pinfold_pool *pool)
{
    double end = every_now() + every_patience(20);

    if (none_isolated())
        return;
    every_clear();
    CHECK(pinfold_map(pool, leave_a_child, NULL, NULL, 0, NULL, 0, 20, NULL) ==
          PINFOLD_E_TASK_SIGNAL);
    CHECK(every_counts[0] > 0);
    while (kill(every_counts[0], 0) == 0 && every_now() < end)
        pinfold_poll(pool, 0.005);
    CHECK(kill(every_counts[0], 0) != 0 && errno == ESRCH);
}

/* Half of a submitted task's result is there when it dies; its argument and result are as large as
 * the walk through all sizes wants. */
static int dies_or_doubles(pinfold_task *task)
{
    pinfold_bytes in = pinfold_task_arg(task);
    const int *way = in.data;
    unsigned char *out = pinfold_task_out(task, 2 * in.size);

    memcpy(out, in.data, in.size / 2);
    if (*way >= 0 && every_isolated(pinfold_task_worker(task)))
        die(*way);
    memcpy(out, in.data, in.size);
    memcpy(out + in.size, in.data, in.size);
    return 0;
}

static void submitted(pinfold_pool *pool)
{
    enum { N = 120, MOST = 400000 };
    static unsigned char bytes[MOST];
    pinfold_future *futures[N];
    int ways[N];

    for (int i = 0; i < N; i++) {
        size_t size = i % 20 == 0 ? MOST : i % 20 == 1 ? 60000 : 8 + (size_t)i;
        ways[i] = i % 10 ? -1 : i / 10 % WAYS;
        memset(bytes, i + 1, size);
        memcpy(bytes, &ways[i], sizeof ways[i]);
        CHECK(pinfold_submit(pool, dies_or_doubles, (pinfold_bytes){bytes, size}, NULL, &futures[i],
                             NULL) == 0);
    }
    for (int i = 0; i < N; i++) {
        size_t size = i % 20 == 0 ? MOST : i % 20 == 1 ? 60000 : 8 + (size_t)i;
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        pinfold_bytes result = {0};
        int code = pinfold_future_result(futures[i], &result, &err);
        if (code == 0) {
            CHECK(result.size == 2 * size &&
                  ((const unsigned char *)result.data)[size - 1] == i + 1);
            CHECK(memcmp(result.data, (const unsigned char *)result.data + size, size) == 0);
        } else if (CHECK(ways[i] >= 0)) {
            CHECK(code == verdicts[ways[i]].code && strstr(err.text, verdicts[ways[i]].text));
            CHECK(err.worker >= 0 && err.host[0]);
        }
        CHECK(code || ways[i] < 0 || every_ranks || every_inline ||
              every_threads); /* nobody died there */
        pinfold_future_free(futures[i]);
    }
}

/* Writes as many bytes as it is told; or dies. */
static int writes_or_dies(pinfold_task *task)
{
    int size = *(const int *)pinfold_task_arg(task).data;

    if (size < 0)
        die(KILL);
    memset(pinfold_task_out(task, (size_t)size), 5, (size_t)size);
    return 0;
}

/* Short tasks before them make batches in which large results and a death are neighbours. */
static void beside_large_results(pinfold_pool *pool)
{
    enum { N = 1000, LARGE = 3 };
    static const int large[] = {100, 20000, 50000, 61000, 70000, 300000};
    pinfold_future *futures[N];

    if (none_isolated() || every_ranks)
        return;
    for (size_t round = 0; round < sizeof large / sizeof *large; round++) {
        int wrong = 0;
        for (int i = 0; i < N; i++) {
            int size = i == N / 2 ? -1 : i < N / 2 && i >= N / 2 - LARGE ? large[round] : 8;
            CHECK(pinfold_submit(pool, writes_or_dies, (pinfold_bytes){&size, sizeof size}, NULL,
                                 &futures[i], NULL) == 0);
        }
        for (int i = 0; i < N; i++) {
            int code = pinfold_future_result(futures[i], NULL, NULL);
            wrong += code != (i == N / 2 ? PINFOLD_E_TASK_SIGNAL : 0);
            pinfold_future_free(futures[i]);
        }
        CHECK(wrong == 0);
    }
}

__attribute__((noinline)) static void writes_to(volatile int *nowhere)
{
    *nowhere = 1;
    __asm__ volatile("");
}

static int crashes_in_a_function(pinfold_task *task)
{
    if (every_isolated(pinfold_task_worker(task)) && every_counts[BUDGET]-- > 0) {
        writes_to((int *)(uintptr_t)every_counts[0]);
        __asm__ volatile("");
    }
    return 0;
}

static void named(pinfold_pool *pool)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    if (none_isolated())
        return;
    if (EVERY_SANITIZED) {
        every_skip("the sanitizer sees the access first");
        return;
    }
    every_clear();
    every_counts[0] = 16;
    every_counts[BUDGET] = 1;
    if (pinfold_map(pool, crashes_in_a_function, NULL, NULL, 0, NULL, 0, 1000, &err) == 0 &&
        every_ranks) {
        every_skip("the other ranks were faster");
        return;
    }
    CHECK(err.code == PINFOLD_E_TASK_SIGNAL && err.status == SIGSEGV);
    if (!CHECK(strstr(err.text, "(SIGSEGV, Segmentation fault) at address 0x10 in writes_to+")) ||
        !CHECK(strstr(err.text, ", called by crashes_in_a_function+")))
        printf("# %s\n", err.text);
}

const struct every_test crash_tests[] = {
    {"segfault, abort, exit, _exit, kill: the item fails, all others are right", every_way, NULL},
    {"the function that crashed is named, and who called it", named, NULL},
    {"in the middle of large chunks", in_large_chunks, NULL},
    {"with payloads larger than a frame, and than the ring", large_payloads, NULL},
    {"behind more failures than the ring holds", after_many_failures, NULL},
    {"a worker killed while it is idle is replaced", killed_while_idle, NULL},
    {"what the task had started dies with it", with_its_children, NULL},
    {"submitted tasks that die fail alone, with payloads of any size", submitted, NULL},
    {"nobody is blamed for a neighbour, whatever the sizes of results", beside_large_results, NULL},
    {NULL, NULL, NULL},
};
