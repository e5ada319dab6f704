/* Pools inside tasks. SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "every.h"

static pinfold_pool *outer; /* only where the worker is the driver itself is it not NULL */

static int use_the_outer(pinfold_task *task)
{
    int want = outer ? PINFOLD_E_NESTED : PINFOLD_E_ARGUMENT, got[3];

    (void)task;
    got[0] = pinfold_map(outer, every_square, NULL, NULL, 0, NULL, 0, 1, NULL);
    got[1] = pinfold_poll(outer, 0);
    got[2] = outer ? pinfold_pool_close(outer) : want;
    return got[0] != want || got[1] != want || got[2] != want;
}

static void the_outer_pool_is_refused(pinfold_pool *pool)
{
    outer = pool;
    CHECK(pinfold_map(pool, use_the_outer, NULL, NULL, 0, NULL, 0, 10, NULL) == 0);
    outer = NULL;
    CHECK(every_squares(pool, NULL, 10));
}

static bool within(const char *inner, const char *outer_list)
{
    char *list = strdup(inner), *save = NULL;
    bool all = list != NULL;

    for (char *cpu = strtok_r(list, ",", &save); all && cpu; cpu = strtok_r(NULL, ",", &save)) {
        char of[8192], want[32];
        snprintf(of, sizeof of, ",%s,", outer_list);
        snprintf(want, sizeof want, ",%s,", cpu);
        all = strstr(of, want) != NULL;
    }
    free(list);
    return all;
}

/* The input is the backend: 'i' or 'p'. */
static int open_another(pinfold_task *task)
{
    const char *backend =
        *(const char *)pinfold_task_arg(task).data == 'i' ? "inline" : "processes";
    struct pinfold_options options = {.size = sizeof options, .backend = backend};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pinfold_worker w = {.size = sizeof w};
    int64_t in[50], out[50];
    pinfold_pool *pool;

    if (pinfold_pool_open(&pool, &options, &err) != 0)
        return pinfold_task_fail(task, 1, "open: %s", err.text);
    for (int i = 0; pinfold_pool_worker(pool, i, &w) == 0; i++)
        if (!within(w.cpus, pinfold_task_worker(task)->cpus))
            return pinfold_task_fail(task, 2, "CPUs %s of %s", w.cpus,
                                     pinfold_task_worker(task)->cpus);
    for (int i = 0; i < 50; i++)
        in[i] = i;
    if (pinfold_map(pool, every_square, NULL, in, sizeof *in, out, sizeof *out, 50, &err) != 0)
        return pinfold_task_fail(task, 3, "map: %s", err.text);
    for (int64_t i = 0; i < 50; i++)
        if (out[i] != i * i + i)
            return pinfold_task_fail(task, 4, "wrong at %d", (int)i);
    if (pinfold_pool_close(pool) != 0)
        return pinfold_task_fail(task, 5, "close");
    return 0;
}

static void a_pool_in_a_task(pinfold_pool *pool)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    if (every_threads) {
        every_skip("a worker thread opens none");
        return;
    }
    if (!CHECK(pinfold_map(pool, open_another, NULL, "iiipppii", 1, NULL, 0, 8, &err) == 0))
        printf("# %s\n", err.text);
    CHECK(every_squares(pool, NULL, 100));
}

static int open_refused(pinfold_task *task)
{
    static const char *const backends[] = {NULL, "inline", "threads", "processes", "mpi"};
    struct pinfold_options options = {.size = sizeof options,
                                      .backend = backends[pinfold_task_index(task) % 5]};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_pool *pool = (pinfold_pool *)task; /* not NULL: open has to set it */

    if (pinfold_pool_open(&pool, &options, &err) != PINFOLD_E_UNSUPPORTED || pool)
        return pinfold_task_fail(task, 1, "open: %d %s", err.code, err.text);
    return strstr(err.text, "worker thread") ? 0 : 2;
}

static void none_on_a_worker_thread(pinfold_pool *pool)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    if (!every_threads) {
        every_skip("these workers are no threads");
        return;
    }
    if (!CHECK(pinfold_map(pool, open_refused, NULL, NULL, 0, NULL, 0, 50, &err) == 0))
        printf("# %s\n", err.text);
    CHECK(every_squares(pool, NULL, 100));
    every_close(every_open(&every_options)); /* the driver's thread may */
}

static int open_mpi(pinfold_task *task)
{
    struct pinfold_options options = {.size = sizeof options, .backend = "mpi"};
    pinfold_pool *pool = (pinfold_pool *)task; /* not NULL: open has to set it */

    return pinfold_pool_open(&pool, &options, NULL) !=
               (every_threads ? PINFOLD_E_UNSUPPORTED : PINFOLD_E_NESTED) ||
           pool;
}

static void never_mpi(pinfold_pool *pool)
{
    CHECK(pinfold_map(pool, open_mpi, NULL, NULL, 0, NULL, 0, 4, NULL) == 0);
}

const struct every_test nest_tests[] = {
    {"a task cannot use the pool that it runs in", the_outer_pool_is_refused, NULL},
    {"a task opens a pool of its own, which lives in its worker's place", a_pool_in_a_task, NULL},
    {"but none over MPI", never_mpi, NULL},
    {"and a task on a worker thread none at all", none_on_a_worker_thread, NULL},
    {NULL, NULL, NULL},
};
