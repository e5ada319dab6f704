/* Progress: what the callback is told, and when. SPDX-License-Identifier: BSD-3-Clause */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "every.h"

struct watch {
    pinfold_pool *pool;
    uint64_t asked;   /* of the pool so far; UINT64_MAX: nobody knows */
    uint64_t unknown; /* calls in which the total was not known */
    int calls, ends, lasts;
    double time; /* of the last call */
    double every;
    struct pinfold_progress seen; /* the last one */
    void (*also)(struct watch *watch);
    pinfold_future *future;
};

static void look(void *data, const struct pinfold_progress *now)
{
    struct watch *watch = data;
    const struct pinfold_progress *seen = &watch->seen;
    uint64_t ended = now->done + now->failed + now->cancelled;
    uint64_t left = now->running + now->queued;
    double time = every_now();

    CHECK(now->size == sizeof *now);
    CHECK(now->done >= seen->done && now->failed >= seen->failed);
    CHECK(now->cancelled >= seen->cancelled && now->elapsed >= seen->elapsed);
    CHECK(now->rate >= 0 && watch->lasts == 0);
    if (watch->asked != UINT64_MAX)
        CHECK(ended + left == watch->asked);
    if (now->total)
        CHECK(now->finished + left == now->total && now->finished <= ended);
    if (now->total && left == 0)
        CHECK(now->left == 0);
    if (!now->total)
        CHECK(now->left < 0);
    if (left && watch->calls) /* nothing is told twice, nor too often */
        CHECK(ended != seen->done + seen->failed + seen->cancelled ||
              now->running != seen->running || now->queued != seen->queued);
    if (left && watch->calls && watch->every > 0)
        CHECK(time - watch->time >= watch->every * 0.99);
    watch->seen = *now;
    watch->time = time;
    watch->calls++;
    watch->unknown += now->total == 0;
    watch->ends += now->total && left == 0 && !now->last;
    watch->lasts += now->last;
    if (watch->also)
        watch->also(watch);
}

/* A pool that tells `watch` whenever it may. */
static pinfold_pool *open_watched(struct watch *watch, double every)
{
    struct pinfold_options options = every_options;

    options.on_progress = look;
    options.progress_data = watch;
    options.progress_every = every;
    *watch = (struct watch){.every = every > 1e-6 ? every : 0};
    return watch->pool = every_open(&options);
}

/* The call that is over was told of to its end. */
static void ended_with(const struct watch *watch, uint64_t done, uint64_t failed,
                       uint64_t cancelled)
{
    const struct pinfold_progress *seen = &watch->seen;

    if (CHECK(seen->done == done && seen->failed == failed && seen->cancelled == cancelled) &&
        CHECK(seen->running == 0 && seen->queued == 0 && seen->finished == seen->total))
        return;
    printf("# %llu done, %llu failed, %llu cancelled, %llu running, %llu queued, %llu of %llu\n",
           (unsigned long long)seen->done, (unsigned long long)seen->failed,
           (unsigned long long)seen->cancelled, (unsigned long long)seen->running,
           (unsigned long long)seen->queued, (unsigned long long)seen->finished,
           (unsigned long long)seen->total);
}

static void close_watched(struct watch *watch)
{
    every_close(watch->pool);
    if (watch->pool)
        CHECK(watch->lasts == 1 && watch->seen.last);
}

/* ---- the verbs */
static int tenth_fails(pinfold_task *task)
{
    every_spin(20e-6);
    return pinfold_task_index(task) % 10 == 3 ? 7 : 0;
}

static int range_fails(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    (void)task, (void)in, (void)out;
    every_spin(1e-6 * (double)count);
    for (size_t i = first; i < first + count; i++)
        if (i % 1000 == 3)
            return 7;
    return 0;
}

static void plus(void *into, const void *other, pinfold_bytes shared)
{
    (void)shared;
    *(int64_t *)into += *(const int64_t *)other;
}

static void maps(void)
{
    struct watch watch;
    pinfold_pool *pool = open_watched(&watch, 1e-9);
    int64_t in[100] = {0}, sum = 0;

    if (pool) {
        watch.asked = 1000;
        CHECK(pinfold_map(pool, tenth_fails, NULL, NULL, 0, NULL, 0, 1000, NULL) == 7);
        ended_with(&watch, 900, 100, 0);
        CHECK(watch.seen.total == 1000 && watch.ends == 1);
        CHECK(watch.calls > 2 && watch.unknown == 0);
        watch.asked += 3000;
        CHECK(pinfold_map_range(pool, range_fails, NULL, NULL, 0, NULL, 0, 3000, NULL) == 7);
        ended_with(&watch, 900 + 2997, 103, 0);
        CHECK(watch.seen.total == 3000 && watch.ends == 2);
        watch.asked += 100;
        CHECK(pinfold_map_reduce(pool, every_square, plus, NULL, in, sizeof *in, &sum, sizeof sum,
                                 100, NULL) == 0);
        ended_with(&watch, 900 + 2997 + 100, 103, 0);
        CHECK(pinfold_map(pool, tenth_fails, NULL, NULL, 0, NULL, 0, 0, NULL) == 0);
        CHECK(watch.seen.total == 100 && watch.ends == 3);
        CHECK(watch.seen.elapsed > 0 && watch.seen.rate > 0);
    }
    close_watched(&watch);
    CHECK(!pool || watch.seen.elapsed > 0);
}

/* ---- streams */
struct flow {
    int64_t next, n; /* n < 0: without end */
    uint64_t pushed, leave_at;
};

static bool pull(void *data, pinfold_bytes *input)
{
    struct flow *flow = data;

    if (flow->next == flow->n)
        return false;
    flow->next++;
    *input = (pinfold_bytes){&flow->next, sizeof flow->next};
    return true;
}

static int push(void *data, uint64_t index, pinfold_bytes result, const struct pinfold_error *error)
{
    struct flow *flow = data;

    (void)index, (void)result, (void)error;
    flow->pushed++;
    return flow->leave_at && flow->pushed == flow->leave_at ? 5 : 0;
}

static void streams(void)
{
    struct watch watch;
    pinfold_pool *pool = open_watched(&watch, 1e-9);
    struct pinfold_call how = {.size = sizeof how, .window = 20};
    struct flow finite = {.n = 500}, endless = {.n = -1, .leave_at = 300};
    pinfold_bytes in[400] = {{NULL, 0}}, out[400];
    uint64_t ended;

    if (pool) {
        watch.asked = UINT64_MAX;
        CHECK(pinfold_stream(pool, tenth_fails, &how, pull, push, &finite, NULL) == 7);
        CHECK(watch.unknown > 0); /* as long as it goes on */
        ended_with(&watch, 450, 50, 0);
        CHECK(watch.seen.total == 500);
        watch.unknown = 0;
        watch.asked = 500 + 400;
        CHECK(pinfold_map_bytes(pool, tenth_fails, &how, in, out, 400, NULL) == 7);
        CHECK(watch.unknown == 0); /* it has an end that is known */
        ended_with(&watch, 450 + 360, 90, 0);
        CHECK(watch.seen.total == 400);
        watch.asked = UINT64_MAX;
        CHECK(pinfold_stream(pool, tenth_fails, &how, pull, push, &endless, NULL) == 5);
        ended = watch.seen.done + watch.seen.failed + watch.seen.cancelled;
        CHECK(ended == 900 + (uint64_t)endless.next); /* the rest was cancelled */
        CHECK(watch.seen.finished == watch.seen.total && watch.seen.finished == ended - 900);
    }
    close_watched(&watch);
}

/* ---- futures */
static int short_task(pinfold_task *task)
{
    (void)task;
    every_spin(50e-6);
    return 0;
}

static void futures(void)
{
    enum { N = 600 };
    struct watch watch;
    pinfold_pool *pool = open_watched(&watch, 1e-9);
    pinfold_future *futures[N];
    uint64_t cancelled = 0;

    for (int i = 0; pool && i < N; i++)
        CHECK(pinfold_submit(pool, short_task, (pinfold_bytes){NULL, 0}, NULL, &futures[i], NULL) ==
              0);
    CHECK(watch.calls == 0); /* nobody waited yet */
    watch.asked = N;
    if (pool) {
        CHECK(pinfold_future_wait(futures[0], PINFOLD_FOREVER, NULL) == 0);
        cancelled += pinfold_future_cancel(futures[N - 1]);
        CHECK(pinfold_pool_cancel(pool) == 0);
        for (int i = 0; i < N; i++)
            CHECK(pinfold_future_wait(futures[i], PINFOLD_FOREVER, NULL) == 0);
        CHECK(pinfold_poll(pool, 0) == 0);
        cancelled = 0;
        for (int i = 0; i < N; i++)
            cancelled += pinfold_future_state(futures[i]) == PINFOLD_CANCELLED;
        ended_with(&watch, N - cancelled, 0, cancelled);
    }
    for (int i = 0; pool && i < N; i++)
        pinfold_future_free(futures[i]);
    close_watched(&watch);
}

static void close_tells(void)
{
    enum { N = 300 };
    struct watch watch;
    pinfold_pool *pool = open_watched(&watch, 1e9);

    watch.asked = N;
    for (int i = 0; pool && i < N; i++)
        CHECK(pinfold_submit(pool, short_task, (pinfold_bytes){NULL, 0}, NULL, NULL, NULL) == 0);
    close_watched(&watch);
    if (pool) {
        ended_with(&watch, N, 0, 0);
        CHECK(watch.calls == 2); /* nothing is left, and that was the last of it */
    }
}

/* A tree of 127 nodes, each of them a task; eight of the leaves fail, and with them the root. */
static int node(pinfold_task *task)
{
    int64_t number = *(const int64_t *)pinfold_task_arg(task).data;

    for (int64_t child = 2 * number; number < 64 && child <= 2 * number + 1; child++)
        if (pinfold_task_submit(task, node, (pinfold_bytes){&child, sizeof child}, NULL) != 0)
            return 9;
    return number >= 64 && number % 8 == 3 ? 7 : 0;
}

static void families(void)
{
    struct watch watch;
    pinfold_pool *pool = open_watched(&watch, 1e-9);
    pinfold_future *root = NULL;
    int64_t number = 1;

    if (pool) {
        watch.asked = UINT64_MAX;
        CHECK(pinfold_submit(pool, node, (pinfold_bytes){&number, sizeof number}, NULL, &root,
                             NULL) == 0);
        CHECK(pinfold_future_result(root, NULL, NULL) == 7);
        pinfold_future_free(root);
        /* A worker may run what a task makes by itself: then nobody else knows of it. */
        CHECK(watch.seen.total >= 1 && watch.seen.total <= 127);
        CHECK(watch.seen.failed >= 1 && watch.seen.failed <= 8 + 1);
        ended_with(&watch, watch.seen.total - watch.seen.failed, watch.seen.failed, 0);
    }
    close_watched(&watch);
}

/* ---- what does not end well */
static int waits_until_cancelled(pinfold_task *task)
{
    double end = every_now() + every_patience(20);

    while (pinfold_task_index(task) >= 10 && !pinfold_task_cancelled(task))
        if (every_now() > end)
            return 99;
    return 0;
}

static void out_of_time(void)
{
    struct watch watch;
    pinfold_pool *pool = open_watched(&watch, 1e-9);
    struct pinfold_call how = {.size = sizeof how, .chunk = 1, .timeout = every_patience(0.3)};
    struct flow flow = {.n = 1000};

    if (pool) {
        watch.asked = 100;
        CHECK(pinfold_map(pool, waits_until_cancelled, &how, NULL, 0, NULL, 0, 100, NULL) ==
              PINFOLD_E_TIMEOUT);
        CHECK(watch.seen.done <= 10 && watch.seen.failed == 0);
        ended_with(&watch, watch.seen.done, 0, 100 - watch.seen.done);
        watch.asked = UINT64_MAX;
        CHECK(pinfold_stream(pool, waits_until_cancelled, &how, pull, push, &flow, NULL) ==
              PINFOLD_E_TIMEOUT);
        CHECK(watch.seen.failed == 0 && watch.seen.finished == (uint64_t)flow.next);
        ended_with(&watch, watch.seen.done, 0, 100 + (uint64_t)flow.next - watch.seen.done);
    }
    close_watched(&watch);
}

static int dies(pinfold_task *task)
{
    if (pinfold_task_index(task) % 10 == 3 && every_isolated(pinfold_task_worker(task)))
        kill(getpid(), SIGKILL);
    return 0;
}

static void deaths(void)
{
    enum { N = 50 };
    struct watch watch;
    pinfold_pool *pool = open_watched(&watch, 1e-9);
    int codes[N];
    struct pinfold_call how = {.size = sizeof how, .codes = codes};
    uint64_t failed = 0;

    if (pool) {
        watch.asked = N;
        pinfold_map(pool, dies, &how, NULL, 0, NULL, 0, N, NULL);
        for (int i = 0; i < N; i++)
            failed += codes[i] != 0;
        ended_with(&watch, N - failed, failed, 0);
    }
    close_watched(&watch);
}

/* ---- when */
static void not_too_often(void)
{
    struct watch watch;
    pinfold_pool *pool = open_watched(&watch, 0.05);
    struct pinfold_call how = {.size = sizeof how, .chunk = 1};
    double begin = every_now(), took;

    if (pool) {
        watch.asked = 3000;
        CHECK(pinfold_map(pool, tenth_fails, &how, NULL, 0, NULL, 0, 3000, NULL) == 7);
        took = every_now() - begin;
        CHECK(watch.calls >= 1 && watch.calls <= 1 + (int)(took / 0.05));
        ended_with(&watch, 2700, 300, 0);
        watch.every = 0;
        for (int i = 0; i < 5; i++) { /* each of them has an end */
            int ends = watch.ends;
            watch.asked += 10;
            CHECK(pinfold_map(pool, tenth_fails, &how, NULL, 0, NULL, 0, 10, NULL) == 7);
            CHECK(watch.ends == ends + 1 && watch.seen.total == 10);
        }
    }
    close_watched(&watch);
}

static int half_a_second(pinfold_task *task)
{
    (void)task;
    every_spin(0.5);
    return 0;
}

/* While a task runs, once: that it runs. */
static void nothing_new(void)
{
    struct watch watch;
    pinfold_pool *pool = open_watched(&watch, 0.01);
    int calls;

    if (pool) {
        CHECK(pinfold_poll(pool, 0.05) == 0);
        CHECK(watch.calls == 0); /* nothing was asked */
        watch.asked = 1;
        CHECK(pinfold_map(pool, half_a_second, NULL, NULL, 0, NULL, 0, 1, NULL) == 0);
        CHECK(watch.calls >= 1 && watch.calls <= 2);
        ended_with(&watch, 1, 0, 0);
        calls = watch.calls;
        CHECK(pinfold_poll(pool, 0.05) == 0);
        CHECK(watch.calls == calls);
    }
    close_watched(&watch);
}

static void unused(void)
{
    struct watch watch;
    pinfold_pool *pool = open_watched(&watch, 1e-9);

    if (pool)
        CHECK(pinfold_poll(pool, 0) == 0);
    every_close(pool);
    CHECK(watch.calls == 0);
}

/* ---- from inside */
static void busy(struct watch *watch)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    CHECK(pinfold_poll(watch->pool, 0) == PINFOLD_E_NESTED);
    CHECK(pinfold_map(watch->pool, short_task, NULL, NULL, 0, NULL, 0, 1, &err) ==
          PINFOLD_E_NESTED);
    CHECK(strstr(err.text, "callback"));
    CHECK(pinfold_pool_close(watch->pool) == PINFOLD_E_NESTED);
    if (watch->seen.last) {
        CHECK(pinfold_submit(watch->pool, short_task, (pinfold_bytes){NULL, 0}, NULL, NULL, NULL) ==
              PINFOLD_E_CLOSING);
    } else if (!watch->future) {
        CHECK(pinfold_submit(watch->pool, short_task, (pinfold_bytes){NULL, 0}, NULL,
                             &watch->future, NULL) == 0);
        watch->asked++;
    }
}

static void note(pinfold_future *future, void *data)
{
    (void)future;
    ++*(int *)data;
}

static void cancels(struct watch *watch)
{
    if (watch->future)
        pinfold_future_cancel(watch->future);
}

static void from_inside(void)
{
    struct watch watch;
    pinfold_pool *pool = open_watched(&watch, 1e-9);
    pinfold_future *first = NULL;
    int noted = 0;

    if (pool) {
        watch.also = busy;
        watch.asked = 100;
        CHECK(pinfold_map(pool, short_task, NULL, NULL, 0, NULL, 0, 100, NULL) == 0);
        CHECK(watch.future != NULL);
        CHECK(pinfold_future_result(watch.future, NULL, NULL) == 0);
        pinfold_future_free(watch.future);
        watch.also = cancels; /* whom nothing else would wake */
        watch.asked += 201;
        watch.future = NULL;
        CHECK(pinfold_submit(pool, short_task, (pinfold_bytes){NULL, 0}, NULL, &first, NULL) == 0);
        for (int i = 0; i < 200; i++) {
            pinfold_future_free(watch.future);
            CHECK(pinfold_submit(pool, short_task, (pinfold_bytes){NULL, 0}, NULL, &watch.future,
                                 NULL) == 0);
        }
        CHECK(pinfold_future_then(watch.future, note, &noted, NULL) == 0);
        CHECK(pinfold_future_wait(watch.future, every_patience(30), NULL) == 0);
        CHECK(pinfold_poll(pool, 0) == 0 && noted == 1);
        pinfold_future_free(watch.future);
        pinfold_future_free(first);
        watch.also = busy;
    }
    close_watched(&watch);
}

static void nonsense(void)
{
    struct pinfold_options options = every_options;
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    options.progress_every = -1;
    every_refuse(&options, PINFOLD_E_ARGUMENT, &err);
    options.progress_every = 0;
    options.progress = "sometimes";
    every_refuse(&options, PINFOLD_E_ARGUMENT, &err);
}

const struct every_test progress_tests[] = {
    {"the numbers of maps add up, and each ends with all of them", .alone = maps},
    {"a stream's total is not known until it ends", .alone = streams},
    {"tasks that are submitted, and cancelled, are counted", .alone = futures},
    {"tasks that tasks make, and that travel, are counted", .alone = families},
    {"close tells what nobody waited for, and that it is the last", .alone = close_tells},
    {"what a time-out leaves behind counts as cancelled", .alone = out_of_time},
    {"items that kill their worker count as failed", .alone = deaths},
    {"it is not told more often than asked, but for the end", .alone = not_too_often},
    {"while nothing changes, nothing is told", .alone = nothing_new},
    {"a pool that is not used tells nothing", .alone = unused},
    {"the callback may submit and cancel, and cannot wait", .alone = from_inside},
    {"nonsense is refused", .alone = nonsense},
    {0},
};
