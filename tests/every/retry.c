/* Tasks that are tried again. Where a worker is a process of its own they die; elsewhere they fail
 * with a code of their own. SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "every.h"

#define RUN    5000                /* counts[RUN + i]: how often item i was run */
#define FIRST  10000               /* counts[FIRST + i]: 1 + the worker that tried it first */
#define SAME   (EVERY_COUNTS - 21) /* how many were tried twice in a row by one worker */
#define WRONG  (EVERY_COUNTS - 22) /* how many were told another attempt than it was */
#define TOLD   (EVERY_COUNTS - 23) /* how often a failure was reported */
#define ON_BAD (EVERY_COUNTS - 24) /* how many tasks the bad worker had */
#define BEGUN  (EVERY_COUNTS - 25)

static int die(const pinfold_task *task)
{
    if (every_isolated(pinfold_task_worker(task)))
        kill(getpid(), SIGKILL);
    return 7;
}

/* The same by chance, on whomever it is: where only one worker can die, it would be taken for bad. */
static int fail(const pinfold_task *task)
{
    return every_isolated(&(struct pinfold_worker){.rank = 1}) ? die(task) : 7;
}

static void note_attempt(const pinfold_task *task, size_t i)
{
    int worker = pinfold_task_worker(task)->number, attempt = ++every_counts[RUN + i];

    every_counts[WRONG] += pinfold_task_attempt(task) != attempt;
    if (attempt > 1)
        every_counts[SAME] += every_counts[FIRST + i] == 1 + worker;
    every_counts[FIRST + i] = 1 + worker;
}

/* Fails i % 4 times. */
static int fails_at_first(pinfold_task *task)
{
    size_t i = pinfold_task_index(task);

    note_attempt(task, i);
    if (every_counts[RUN + i] <= (int)(i % 4))
        return i % 8 < 4 ? 7 : fail(task);
    return every_square(task);
}

static void in_the_end(pinfold_pool *pool)
{
    static const size_t chunks[] = {0, 1, 20};

    for (size_t i = 0; i < sizeof chunks / sizeof *chunks; i++) {
        struct pinfold_call how = {.size = sizeof how, .chunk = chunks[i], .retries = 3};
        enum { N = 80 };
        int64_t in[N], out[N];
        struct pinfold_error err = PINFOLD_ERROR_INIT;

        every_clear();
        for (int k = 0; k < N; k++)
            in[k] = k, out[k] = -1;
        if (!CHECK(pinfold_map(pool, fails_at_first, &how, in, sizeof *in, out, sizeof *out, N,
                               &err) == 0))
            printf("# %s\n", err.text);
        for (int64_t k = 0; k < N; k++)
            CHECK(out[k] == k * k + k && every_counts[RUN + k] == k % 4 + 1);
        CHECK(every_counts[WRONG] == 0);
        CHECK(every_counts[SAME] == 0 || every_workers == 1);
    }
}

static int is_poison(size_t i)
{
    return i % 10 == 3;
}

static int poison(pinfold_task *task)
{
    size_t i = pinfold_task_index(task);

    note_attempt(task, i);
    return is_poison(i) ? die(task) : every_square(task);
}

static void told(void *data, const struct pinfold_error *error)
{
    (void)data;
    every_counts[TOLD]++;
    CHECK(is_poison((size_t)error->index) && error->attempt == 3);
    CHECK(error->worker >= 0 && error->host[0]);
    CHECK(error->code == 7 ||
          (error->code == PINFOLD_E_TASK_SIGNAL && error->status == SIGKILL && error->pid > 0));
}

static void poison_ends(pinfold_pool *pool)
{
    enum { N = 60 };
    static int64_t in[N], out[N];
    static int codes[N];
    struct pinfold_call how = {.size = sizeof how, .codes = codes, .failed = told, .retries = 2};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int code;

    every_clear();
    for (int i = 0; i < N; i++)
        in[i] = i, out[i] = -1;
    code = pinfold_map(pool, poison, &how, in, sizeof *in, out, sizeof *out, N, &err);
    CHECK(code == codes[3] && err.index == 3 && err.attempt == 3);
    for (int64_t i = 0; i < N; i++) {
        CHECK(every_counts[RUN + i] == (is_poison((size_t)i) ? 3 : 1));
        CHECK(is_poison((size_t)i) ? codes[i] != 0 && out[i] == -1
                                   : codes[i] == 0 && out[i] == i * i + i);
    }
    CHECK(every_counts[TOLD] == N / 10 && every_counts[WRONG] == 0);
    CHECK(every_squares(pool, NULL, 100));
}

/* Without retries there is one attempt. */
static void none(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int64_t in[4] = {0}, out[4];

    every_clear();
    CHECK(pinfold_map(pool, poison, &how, in, sizeof *in, out, sizeof *out, 4, &err) != 0);
    CHECK(err.attempt == 1 && err.index == 3 && every_counts[RUN + 3] == 1);
    how.retries = -1;
    CHECK(pinfold_map(pool, poison, &how, in, sizeof *in, out, sizeof *out, 4, &err) ==
          PINFOLD_E_ARGUMENT);
    how.retries = 1001;
    CHECK(pinfold_submit(pool, poison, (pinfold_bytes){0}, &how, NULL, &err) == PINFOLD_E_ARGUMENT);
    CHECK(strstr(err.text, "retries"));
}

static int late_once(pinfold_task *task)
{
    double end = every_now() + every_patience(30);

    note_attempt(task, pinfold_task_index(task));
    if (pinfold_task_attempt(task) > 1 || pinfold_task_index(task) != 2)
        return every_square(task);
    if (every_isolated(pinfold_task_worker(task)))
        for (;;)
            pause();
    while (!pinfold_task_cancelled(task) && every_now() < end)
        ;
    return 0;
}

static void after_its_time(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .retries = 1, .limit = every_patience(0.2)};
    int64_t in[5] = {1, 2, 3, 4, 5}, out[5];

    every_clear();
    CHECK(pinfold_map(pool, late_once, &how, in, sizeof *in, out, sizeof *out, 5, NULL) == 0);
    CHECK(out[2] == 9 + 2 && every_counts[RUN + 2] == 2 && every_counts[WRONG] == 0);
}

static int range(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    for (size_t i = first; i < first + count; i++) {
        if (i == 7 && count > 1)
            return 5;
        if (i == 7 && pinfold_task_attempt(task) < 3)
            return die(task);
        ((int64_t *)out)[i - first] = -((const int64_t *)in)[i - first];
    }
    return 0;
}

static void of_ranges(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .retries = 2, .chunk = 10};
    int64_t in[30], out[30];

    for (int i = 0; i < 30; i++)
        in[i] = i, out[i] = 1;
    CHECK(pinfold_map_range(pool, range, &how, in, sizeof *in, out, sizeof *out, 30, NULL) == 0);
    for (int i = 0; i < 30; i++)
        CHECK(out[i] == -i);
    how.retries = 1;
    CHECK(pinfold_map_range(pool, range, &how, in, sizeof *in, out, sizeof *out, 30, NULL) != 0);
}

/* ---- submitted: the argument says which, and may be large */
static int number_fails_at_first(pinfold_task *task)
{
    pinfold_bytes in = pinfold_task_arg(task);
    size_t i = *(const size_t *)in.data;

    note_attempt(task, i);
    if (every_counts[RUN + i] <= (int)(i % 3))
        return fail(task);
    memcpy(pinfold_task_out(task, in.size), in.data, in.size);
    return 0;
}

static void submitted(pinfold_pool *pool)
{
    enum { N = 30, LARGE = 2 << 20 };
    struct pinfold_call how = {.size = sizeof how, .retries = 2};
    pinfold_future *futures[N];
    size_t *bytes = calloc(1, LARGE);

    every_clear();
    for (size_t i = 0; i < N; i++) {
        bytes[0] = i;
        CHECK(pinfold_submit(pool, number_fails_at_first,
                             (pinfold_bytes){bytes, i % 10 == 5 ? LARGE : 16}, &how, &futures[i],
                             NULL) == 0);
    }
    for (size_t i = 0; i < N; i++) {
        pinfold_bytes result = {0};
        CHECK(pinfold_future_result(futures[i], &result, NULL) == 0);
        CHECK(result.size == (i % 10 == 5 ? LARGE : 16) && *(const size_t *)result.data == i);
        CHECK(every_counts[RUN + i] == (int)(i % 3) + 1);
        pinfold_future_free(futures[i]);
    }
    CHECK(every_counts[WRONG] == 0 && (every_counts[SAME] == 0 || every_workers == 1));
    free(bytes);
}

static int child(pinfold_task *task)
{
    note_attempt(task, *(const size_t *)pinfold_task_arg(task).data);
    return pinfold_task_attempt(task) < 3 ? fail(task) : 0;
}

static int parent(pinfold_task *task)
{
    every_counts[BEGUN]++;
    for (size_t i = 0; i < 10; i++)
        if (pinfold_task_submit(task, child, (pinfold_bytes){&i, sizeof i}, NULL) != 0)
            return 98;
    return pinfold_task_attempt(task) < 2 ? 8 : 0;
}

static void families(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .retries = 2};
    pinfold_future *future;

    every_clear();
    CHECK(pinfold_submit(pool, parent, (pinfold_bytes){0}, &how, &future, NULL) == 0);
    CHECK(pinfold_future_result(future, NULL, NULL) == 0);
    CHECK(every_counts[BEGUN] == 2 && every_counts[WRONG] == 0);
    for (int i = 0; i < 10; i++)
        CHECK(every_counts[RUN + i] == 3); /* what the first attempt made was dropped */
    pinfold_future_free(future);
}

/* What must run on one worker is tried again there. */
static void where_it_must(pinfold_pool *pool)
{
    struct pinfold_call how = {
        .size = sizeof how, .retries = 3, .where = PINFOLD_ON_WORKER, .must = true};
    int64_t in[8] = {0}, out[8];

    every_clear();
    CHECK(pinfold_map(pool, fails_at_first, &how, in, sizeof *in, out, sizeof *out, 8, NULL) == 0);
    CHECK(every_counts[WRONG] == 0 && every_counts[SAME] > 0);
    how.must = false;
    every_clear();
    CHECK(pinfold_map(pool, fails_at_first, &how, in, sizeof *in, out, sizeof *out, 8, NULL) == 0);
}

/* Nobody is left behind by what waits to be tried again. */
static int always_fails(pinfold_task *task)
{
    every_counts[BEGUN]++;
    every_spin(1e-3);
    (void)task;
    return 7;
}

static void out_of_time(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .retries = 1000, .timeout = 0.1};

    CHECK(pinfold_map(pool, always_fails, &how, NULL, 0, NULL, 0, 500, NULL) == PINFOLD_E_TIMEOUT);
    CHECK(every_squares(pool, NULL, 100));
}

/* ---- a bad node: all that worker 0 begins dies, where that can be */
static int dies_on_0(pinfold_task *task)
{
    const struct pinfold_worker *me = pinfold_task_worker(task);

    if (me->number == 0 && every_isolated(me)) {
        every_counts[ON_BAD]++;
        die(task);
    }
    every_spin(200e-6);
    return every_square(task);
}

static int asides(pinfold_pool *pool)
{
    int n = 0;

    for (int i = 0; i < pinfold_pool_workers(pool); i++) {
        struct pinfold_worker worker = {.size = sizeof worker};
        CHECK(pinfold_pool_worker(pool, i, &worker) == 0);
        n += worker.aside;
        CHECK(!worker.aside || i == 0);
    }
    return n;
}

static void bad_node(void)
{
    enum { N = 2000 };
    static int64_t in[N], out[N];
    struct pinfold_call how = {.size = sizeof how, .retries = 1};
    pinfold_pool *pool = every_open(&every_options);
    const char *text = "";
    struct pinfold_worker first = {.size = sizeof first};

    if (!pool)
        return;
    every_clear();
    for (int i = 0; i < N; i++)
        in[i] = i, out[i] = -1;
    pinfold_pool_worker(pool, 0, &first);
    if (every_workers < 2 || !every_isolated(&first)) {
        every_skip("there is no worker that could be put aside");
    } else {
        /* One retry is enough for all, since no second attempt is wasted on it. */
        CHECK(pinfold_map(pool, dies_on_0, &how, in, sizeof *in, out, sizeof *out, N, NULL) == 0);
        for (int64_t i = 0; i < N; i++)
            CHECK(out[i] == i * i + i);
        CHECK(every_counts[ON_BAD] >= 5 && every_counts[ON_BAD] < N / 4);
        CHECK(asides(pool) == 1);
        CHECK(every_warnings(&text) == 1 && strstr(text, "worker 0 ") && strstr(text, "aside"));
        every_counts[ON_BAD] = 0;
        CHECK(pinfold_map(pool, dies_on_0, NULL, in, sizeof *in, out, sizeof *out, N, NULL) == 0);
        CHECK(every_counts[ON_BAD] == 0);
        how.where = PINFOLD_ON_WORKER; /* a wish that it alone could grant */
        CHECK(every_squares(pool, &how, 100));
        how.must = true;
        CHECK(every_squares(pool, &how, 100));
    }
    every_close(pool);
}

/* Many that fail wherever they are put nobody aside. */
static int mostly_poison(pinfold_task *task)
{
    return pinfold_task_index(task) % 3 ? die(task) : every_square(task);
}

static int dies_at_first(pinfold_task *task)
{
    bool bad = pinfold_task_index(task) % 4 && pinfold_task_attempt(task) == 1;

    return bad ? fail(task) : every_square(task);
}

static void bad_tasks(void)
{
    enum { N = 120 };
    static int64_t in[N], out[N];
    struct pinfold_call how = {.size = sizeof how, .retries = 2};
    pinfold_pool *pool = every_open(&every_options);

    if (!pool)
        return;
    CHECK(pinfold_map(pool, mostly_poison, &how, in, sizeof *in, out, sizeof *out, N, NULL) != 0);
    for (int64_t i = 0; i < N; i += 3)
        CHECK(out[i] == i);
    /* Nor do those that die at first, on whom they may. */
    CHECK(pinfold_map(pool, dies_at_first, &how, in, sizeof *in, out, sizeof *out, N, NULL) == 0);
    CHECK(asides(pool) == 0 && every_warnings(NULL) == 0);
    every_close(pool);
}

const struct every_test retry_tests[] = {
    {"behaviour 18: a retry counts one that overran its limit", .shared = after_its_time},
    {"behaviour 19: a poison task ends after its retries, and is reported", .shared = poison_ends},
    {"each is tried until it goes well, elsewhere where that can be", .shared = in_the_end},
    {"without retries there is one attempt", .shared = none},
    {"of ranges, when the culprit is found", .shared = of_ranges},
    {"of submitted tasks, of any size", .shared = submitted},
    {"of a task that makes tasks, and of each of these", .shared = families},
    {"what must run on one worker is tried again there", .shared = where_it_must},
    {"what waits to be tried again ends with its call", .shared = out_of_time},
    {"behaviour 19: a bad node does not eat all attempts, and is put aside", .alone = bad_node},
    {"many bad tasks put nobody aside", .alone = bad_tasks},
    {0},
};
