/* Workers that are replaced when they have run so many tasks. SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "every.h"

#define INITS    (EVERY_COUNTS - 1)
#define FINISHES (EVERY_COUNTS - 2)
#define PRELOADS (EVERY_COUNTS - 3)
#define MOST     64

struct seen {
    int worker, rank, generation, nth; /* nth: the task is the worker's so many-th since its init */
    int64_t pid, told_pid;
};

struct state {
    int generation, tasks;
};

static int init(const struct pinfold_worker *worker, pinfold_bytes arg, void **state, char *text,
                size_t text_size)
{
    struct state *mine = calloc(1, sizeof *mine);

    (void)arg, (void)text, (void)text_size;
    mine->generation = worker->generation;
    *state = mine;
    every_counts[INITS]++;
    return 0;
}

static void finish(const struct pinfold_worker *worker, void *state)
{
    if (((struct state *)state)->generation == worker->generation)
        every_counts[FINISHES]++;
    free(state);
}

static int preload(pinfold_bytes arg, char *text, size_t text_size)
{
    (void)arg, (void)text, (void)text_size;
    every_counts[PRELOADS]++;
    return 0;
}

static int who(pinfold_task *task)
{
    const struct pinfold_worker *worker = pinfold_task_worker(task);
    struct state *mine = pinfold_task_state(task);
    struct seen *seen = pinfold_task_out(task, sizeof *seen);

    if (mine->generation != worker->generation)
        return pinfold_task_fail(task, 1, "the state is of another generation");
    *seen = (struct seen){worker->number, worker->rank, worker->generation,
                          ++mine->tasks,  getpid(),     worker->pid};
    return 0;
}

/* Each worker's identity is constant for `term` tasks, then another one; `whole`: all terms but the
 * last are exactly so long. The number of generations. */
static int identities(const struct seen *seen, int n, int term, bool whole)
{
    int generations = 0;

    for (int w = 0; w < MOST; w++) {
        int last = -1, most = 0, tasks = 0;
        for (int i = 0; i < n; i++)
            if (seen[i].worker == w && seen[i].generation > last)
                last = seen[i].generation;
        for (int g = 0; g <= last; g++) {
            int64_t pid = 0;
            int nth = 0, run = 0;
            for (int i = 0; i < n; i++) {
                const struct seen *s = &seen[i];
                if (s->worker != w)
                    continue;
                if (s->generation == g) {
                    CHECK(s->pid == s->told_pid && (!pid || s->pid == pid)); /* constant */
                    pid = s->pid;
                    nth = s->nth > nth ? s->nth : nth;
                    run++;
                } else if (pid && every_isolated(&(struct pinfold_worker){.rank = s->rank})) {
                    CHECK(s->pid != pid); /* then another one */
                }
            }
            CHECK(run == nth && run <= term);
            CHECK(!whole || g == last || run == term);
            most = run > most ? run : most;
            tasks += run;
        }
        CHECK(tasks == 0 || most <= term);
        generations += last + 1;
    }
    return generations;
}

static pinfold_pool *open_with(int term, int workers)
{
    struct pinfold_options options = every_options;

    options.tasks_per_worker = term;
    options.init = init;
    options.finish = finish;
    if (workers)
        options.max_workers = workers;
    return every_open(&options);
}

/* What init and finish counted is this node's. */
static void close_and_count(pinfold_pool *pool)
{
    every_close(pool);
    if (pool)
        CHECK(every_counts[INITS] > 0 && every_counts[INITS] == every_counts[FINISHES]);
    every_clear();
}

static void one_worker_with_a_backlog(void)
{
    pinfold_pool *pool = open_with(2, 1);
    struct pinfold_worker w = {.size = sizeof w};
    pinfold_future *futures[6];
    struct seen seen[6];

    if (!pool)
        return;
    for (int i = 0; i < 6; i++)
        CHECK(pinfold_submit(pool, who, (pinfold_bytes){0}, NULL, &futures[i], NULL) == 0);
    for (int i = 0; i < 6; i++) {
        pinfold_bytes result = {0};
        CHECK(pinfold_future_result(futures[i], &result, NULL) == 0);
        memcpy(&seen[i], result.data, sizeof seen[i]);
        CHECK(seen[i].generation == i / 2 && seen[i].nth == i % 2 + 1);
        pinfold_future_free(futures[i]);
    }
    CHECK(identities(seen, 6, 2, true) == 3);
    for (double end = every_now() + every_patience(20); w.generation < 3 && every_now() < end;) {
        CHECK(pinfold_poll(pool, 0.001) == 0);
        CHECK(pinfold_pool_worker(pool, 0, &w) ==
              0); /* the next one is there before it is needed */
    }
    CHECK(w.generation == 3);
    CHECK(!every_isolated(&w) || w.pid != seen[5].pid);
    close_and_count(pool);
}

static void all_workers(void)
{
    enum { N = 300 };
    static const int terms[] = {1, 7, 100, 1000};
    static struct seen seen[N];

    for (size_t t = 0; t < sizeof terms / sizeof *terms; t++)
        for (size_t chunk = 0; chunk < 3; chunk++) {
            struct pinfold_call how = {.size = sizeof how, .chunk = chunk * 20};
            int n = terms[t] == 1 ? 30 : N;
            pinfold_pool *pool = open_with(terms[t], 0);
            if (!pool)
                continue;
            CHECK(pinfold_map(pool, who, &how, NULL, 0, seen, sizeof *seen, (size_t)n, NULL) == 0);
            CHECK(identities(seen, n, terms[t], true) >= n / terms[t] / every_workers);
            close_and_count(pool);
        }
}

static int range(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    struct state *mine = pinfold_task_state(task);

    (void)in;
    mine->tasks += (int)count;
    for (size_t i = 0; i < count; i++)
        ((int *)out)[i] = (int)(first + i);
    return mine->tasks > 10;
}

static bool is_cancelled(pinfold_future *future)
{
    return pinfold_future_cancel(future) && pinfold_future_state(future) == PINFOLD_CANCELLED;
}

/* Nothing is lost, run twice or out of order, however it is handed out. */
static void everything_else(void)
{
    enum { N = 400 };
    pinfold_pool *pool = open_with(10, 0);
    static pinfold_future *futures[N];
    static int out[N];
    int cancelled = 0;

    if (!pool)
        return;
    CHECK(every_squares(pool, NULL, 1000));
    CHECK(pinfold_map_range(pool, range, NULL, NULL, 0, out, sizeof *out, N, NULL) == 0);
    for (int i = 0; i < N; i++)
        CHECK(out[i] == i);
    for (int i = 0; i < N; i++)
        CHECK(pinfold_submit(pool, who, (pinfold_bytes){0}, NULL, &futures[i], NULL) == 0);
    for (int i = N - 1; i >= 0; i -= 3)
        cancelled += is_cancelled(futures[i]);
    CHECK(cancelled > 0);
    for (int i = 0; i < N; i++) {
        int code = pinfold_future_result(futures[i], NULL, NULL);
        CHECK(code == 0 || code == PINFOLD_E_CANCELLED);
        cancelled -= code == PINFOLD_E_CANCELLED;
        pinfold_future_free(futures[i]);
    }
    CHECK(cancelled == 0);
    close_and_count(pool);
}

/* A process that was loaded stays loaded: the zygote's, or that of a worker which stays. */
static void preloaded_once(void)
{
    struct pinfold_options options = every_options;
    pinfold_pool *pool;

    if (every_ranks && !every_isolated(&(struct pinfold_worker){.rank = 1})) {
        every_skip("ranks that are not isolated load for themselves");
        return;
    }
    options.tasks_per_worker = 5;
    options.preload = preload;
    options.init = init;
    options.finish = finish;
    pool = every_open(&options);
    if (!pool)
        return;
    CHECK(every_squares(pool, NULL, 100));
    CHECK(every_counts[INITS] > every_workers);
    CHECK(every_counts[PRELOADS] == (every_threads ? 1 : every_workers));
    close_and_count(pool);
}

/* Items 5, 15, 25, ... end their worker before its term does. */
static int dies_sometimes(pinfold_task *task)
{
    if (pinfold_task_index(task) % 10 == 5 && every_isolated(pinfold_task_worker(task)))
        abort();
    return who(task);
}

static void beside_crashes(void)
{
    enum { N = 100 };
    static struct seen seen[N];
    static int codes[N];
    struct pinfold_call how = {.size = sizeof how, .codes = codes};
    pinfold_pool *pool = open_with(4, 0);
    int code, n = 0;

    if (!pool)
        return;
    code = pinfold_map(pool, dies_sometimes, &how, NULL, 0, seen, sizeof *seen, N, NULL);
    CHECK(code == 0 || code == PINFOLD_E_TASK_SIGNAL);
    for (int i = 0; i < N; i++) {
        CHECK(codes[i] == 0 || (codes[i] == PINFOLD_E_TASK_SIGNAL && i % 10 == 5));
        if (codes[i] == 0)
            seen[n++] = seen[i];
    }
    CHECK(identities(seen, n, 4, false) > 0);
    every_close(pool); /* who crashed had no finish */
    every_clear();
}

const struct every_test term_tests[] = {
    {"behaviour 15: recycle: one worker, terms of 2, 6 tasks: three identities, no deadlock", NULL,
     one_worker_with_a_backlog},
    {"behaviour 15: recycle: constant for N tasks, then another; init and finish each time", NULL,
     all_workers},
    {"behaviour 15: recycle: maps, ranges, futures and cancelled ones are whole", NULL,
     everything_else},
    {"behaviour 15: recycle: what preload did is not done again", NULL, preloaded_once},
    {"behaviour 15: recycle: a crash begins a term too", NULL, beside_crashes},
    {0},
};
