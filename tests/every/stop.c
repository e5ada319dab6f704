/* Futures that are stopped while their tasks run. SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "every.h"

#define GATE  (EVERY_COUNTS - 1) /* tasks wait until it is not 0 */
#define STUCK (EVERY_COUNTS - 2) /* tasks that waited in vain */
#define SEEN  (EVERY_COUNTS - 3) /* tasks that saw that they are cancelled */
#define BEGUN (EVERY_COUNTS - 4)

static pinfold_bytes number(const int *i)
{
    return (pinfold_bytes){i, sizeof *i};
}

/* Until it is told to. */
static int until_stopped(pinfold_task *task)
{
    every_counts[BEGUN]++;
    if (!every_cancelled(task, 30)) {
        every_counts[STUCK]++;
        return 99;
    }
    every_counts[SEEN]++;
    return 0;
}

/* Inline nothing runs before somebody waits, and then nobody could stop it. */
static void wait_for_begin(pinfold_pool *pool)
{
    double end = every_now() + every_patience(30);

    while (!every_inline && every_counts[BEGUN] == 0 && every_now() < end)
        pinfold_poll(pool, 0.001);
}

static void ends_stopped(pinfold_future *future, struct pinfold_error *err)
{
    CHECK(pinfold_future_result(future, NULL, err) == PINFOLD_E_CANCELLED);
    if (!CHECK(strstr(err->text, "stopped") || strstr(err->text, "cancelled before it ran")))
        printf("# %s\n", err->text);
    CHECK(!pinfold_future_stop(future) || pinfold_future_state(future) == PINFOLD_CANCELLED);
}

static void looks(pinfold_pool *pool)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future = NULL;

    every_clear();
    CHECK(pinfold_submit(pool, until_stopped, (pinfold_bytes){0}, NULL, &future, NULL) == 0);
    wait_for_begin(pool);
    CHECK(pinfold_future_stop(future) && pinfold_future_stop(future));
    ends_stopped(future, &err);
    CHECK(every_inline || err.worker >= 0);
    CHECK(every_counts[SEEN] == every_counts[BEGUN] && every_counts[STUCK] == 0);
    pinfold_future_free(future);
    CHECK(!pinfold_future_stop(NULL));
    CHECK(every_squares(pool, NULL, 100));
}

/* Counts that it was run, behind the gate. */
static int held(pinfold_task *task)
{
    double end = every_now() + every_patience(30);
    const int *i = pinfold_task_arg(task).data;

    every_counts[*i]++;
    while (every_counts[GATE] == 0)
        if (every_now() > end)
            return 99;
    *(int *)pinfold_task_out(task, sizeof *i) = *i + 1;
    return 0;
}

/* Every second one of those that are with a worker, and of those that are not. */
static void among_others(pinfold_pool *pool)
{
    enum { N = 400 };
    static pinfold_future *futures[N];
    static bool waited[N];
    int stopped = 0;

    every_clear();
    for (int i = 0; i < N; i++)
        CHECK(pinfold_submit(pool, held, number(&i), NULL, &futures[i], NULL) == 0);
    for (int i = 1; i < N; i += 2) {
        waited[i] = pinfold_future_state(futures[i]) == PINFOLD_PENDING;
        CHECK(pinfold_future_stop(futures[i]));
        CHECK(!waited[i] || pinfold_future_state(futures[i]) == PINFOLD_CANCELLED);
    }
    every_counts[GATE] = 1;
    for (int i = 0; i < N; i++) {
        pinfold_bytes result = {0};
        int code = pinfold_future_result(futures[i], &result, NULL);
        if (code == 0)
            CHECK(*(const int *)result.data == i + 1 && every_counts[i] == 1);
        CHECK(code == 0 || (i % 2 && code == PINFOLD_E_CANCELLED));
        CHECK(!waited[i] || (code != 0 && every_counts[i] == 0));
        stopped += code != 0;
        pinfold_future_free(futures[i]);
    }
    CHECK(stopped > 0);
    CHECK(every_squares(pool, NULL, 100));
}

static int fails(pinfold_task *task)
{
    double end = every_now() + every_patience(30);

    (void)task;
    every_counts[BEGUN]++;
    while (every_counts[GATE] == 0 && every_now() < end)
        ;
    return 7;
}

static void not_again(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .retries = 5};
    pinfold_future *future = NULL;
    int code;

    every_clear();
    CHECK(pinfold_submit(pool, fails, (pinfold_bytes){0}, &how, &future, NULL) == 0);
    wait_for_begin(pool);
    CHECK(pinfold_future_stop(future));
    every_counts[GATE] = 1;
    code = pinfold_future_result(future, NULL, NULL);
    CHECK(code == 7 || code == PINFOLD_E_CANCELLED);
    CHECK(every_counts[BEGUN] == !every_inline);
    pinfold_future_free(future);
}

#define CHILDREN 200

static int makes_many(pinfold_task *task)
{
    for (int i = 0; i < CHILDREN; i++)
        if (pinfold_task_submit(task, until_stopped, (pinfold_bytes){0}, NULL) != 0)
            return 1;
    return 0;
}

static void with_its_family(pinfold_pool *pool)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future = NULL;

    every_clear();
    CHECK(pinfold_submit(pool, makes_many, (pinfold_bytes){0}, NULL, &future, NULL) == 0);
    wait_for_begin(pool);
    CHECK(pinfold_future_state(future) == PINFOLD_RUNNING || every_inline);
    CHECK(pinfold_future_stop(future));
    ends_stopped(future, &err);
    CHECK(every_counts[BEGUN] < CHILDREN && every_counts[STUCK] == 0);
    pinfold_future_free(future);
    CHECK(every_squares(pool, NULL, 100));
}

/* Does not look, where its process can be killed for that. */
static int deaf(pinfold_task *task)
{
    if (!every_isolated(pinfold_task_worker(task)))
        return until_stopped(task);
    every_counts[BEGUN]++;
    for (;;)
        pause();
}

static void by_force(void)
{
    struct pinfold_options options = every_options;
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future = NULL, *others[20];
    pinfold_pool *pool;

    options.grace = 0.2;
    pool = every_open(&options);
    if (!pool)
        return;
    every_clear();
    every_counts[GATE] = 1;
    CHECK(pinfold_submit(pool, deaf, (pinfold_bytes){0}, NULL, &future, NULL) == 0);
    for (int i = 0; i < 20; i++)
        CHECK(pinfold_submit(pool, held, number(&i), NULL, &others[i], NULL) == 0);
    wait_for_begin(pool);
    CHECK(pinfold_future_stop(future));
    ends_stopped(future, &err);
    if (err.pid) {
        CHECK(err.status == SIGKILL && strstr(err.text, "killed"));
        CHECK(kill((pid_t)err.pid, 0) != 0 && errno == ESRCH);
    }
    CHECK(err.pid || every_counts[SEEN] || every_inline);
    for (int i = 0; i < 20; i++) {
        CHECK(pinfold_future_result(others[i], NULL, NULL) == 0);
        CHECK(every_counts[i] == 1);
        pinfold_future_free(others[i]);
    }
    pinfold_future_free(future);
    every_close(pool);
}

const struct every_test stop_tests[] = {
    {"a task that looks is stopped, and fails as cancelled", .shared = looks},
    {"those are stopped that are meant, and no others", .shared = among_others},
    {"what is stopped is not tried again", .shared = not_again},
    {"a family is stopped with all that it has made", .shared = with_its_family},
    {"a task that does not look is killed, and nobody else", .alone = by_force},
    {0},
};
