/* Modes in which somebody else does the harm. SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fault.h"

static int a_moment(pinfold_task *task)
{
    double end = fault_now() + 0.005;

    (void)task;
    while (fault_now() < end)
        ;
    return 0;
}

/* Tells who is who, then works until it is killed, a minute at most. */
int fault_spin(pinfold_pool *pool, struct pinfold_options *options)
{
    double end = fault_now() + 60;
    struct pinfold_worker w = {.size = sizeof w};

    (void)options;
    printf("driver %d\n", (int)getpid());
    for (int i = 0; pinfold_pool_worker(pool, i, &w) == 0; i++)
        printf("worker %d rank %d pid %d\n", w.number, w.rank, (int)w.pid);
    fflush(stdout);
    while (fault_now() < end)
        if (pinfold_map(pool, a_moment, NULL, NULL, 0, NULL, 0, 100, NULL) != 0)
            return 1;
    return pinfold_pool_close(pool);
}

/* Leaves a process that is in no group of its worker's, and whose parent is gone. */
static int leaves_a_daemon(pinfold_task *task)
{
    pid_t child = fork();

    (void)task;
    if (child == 0) {
        setsid();
        if (fork() == 0)
            fault_sleep();
        _exit(0);
    }
    return child < 0;
}

/* As spin, and each worker has such processes. */
int fault_daemons(pinfold_pool *pool, struct pinfold_options *options)
{
    if (pinfold_map(pool, leaves_a_daemon, NULL, NULL, 0, NULL, 0, 10, NULL) != 0)
        return 1;
    return fault_spin(pool, options);
}

static int never_returns(pinfold_task *task)
{
    if (pinfold_task_index(task) == (size_t) * (const int *)pinfold_task_shared(task).data)
        fault_sleep();
    return 0;
}

/* An item that never returns, on the last worker: the map's time is over, the others go on, and
 * close does not wait for ever. */
int fault_hang(pinfold_pool *pool, struct pinfold_options *options)
{
    int n = pinfold_pool_workers(pool), last = n - 1;
    struct pinfold_call how = {
        .size = sizeof how, .timeout = 0.5, .chunk = 1, .shared = {&last, sizeof last}};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    double start;
    int code;

    (void)options;
    fault_tell("timeout", pinfold_map(pool, never_returns, &how, NULL, 0, NULL, 0, (size_t)n, &err),
               &err);
    how.timeout = 20;
    last = -1;
    if (n > 1)
        fault_tell("next", pinfold_map(pool, never_returns, &how, NULL, 0, NULL, 0, 1000, &err),
                   &err);
    start = fault_now();
    code = pinfold_pool_close(pool);
    printf("close %d after %d s\n", code, (int)(fault_now() - start));
    fflush(stdout);
    return 0;
}

/* Known to tasks in threads alone: ranks do not set it, and cells are copies from before. */
static int64_t driver;

static int leaves(pinfold_task *task)
{
    if (pinfold_task_worker(task)->rank > 0 ||
        (pinfold_task_worker(task)->pid == driver && pinfold_task_index(task) == 500))
        exit(7);
    return a_moment(task);
}

/* An item that calls exit on a rank without isolation. */
int fault_exit(pinfold_pool *pool, struct pinfold_options *options)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    (void)options;
    driver = getpid();
    fault_tell("map", pinfold_map(pool, leaves, NULL, NULL, 0, NULL, 0, 1000, &err), &err);
    return pinfold_pool_close(pool);
}

/* The others do not come to the second open. */
int fault_absent(pinfold_pool *pool, struct pinfold_options *options)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    double start = fault_now();

    pinfold_pool_close(pool);
    options->open_timeout = 1;
    fault_tell("open", pinfold_pool_open(&pool, options, &err), &err);
    return fault_now() - start < 30 ? 3 : 4;
}

/* Exits with the pool open. */
int fault_leave(pinfold_pool *pool, struct pinfold_options *options)
{
    (void)options;
    pinfold_map(pool, a_moment, NULL, NULL, 0, NULL, 0, 10, NULL);
    exit(0);
}

_Noreturn void fault_sleep(void)
{
    for (;;)
        pause();
}
