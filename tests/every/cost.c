/* What a pool takes of the machine: memory, processes, CPU time. SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "every.h"

#define NOW  (EVERY_COUNTS - 1)
#define MOST (EVERY_COUNTS - 2)
#define GATE (EVERY_COUNTS - 3)
#define MB   ((size_t)1 << 20)

/* Of this process, in bytes. */
static double resident(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long all = 0, pages = 0;

    if (!file || fscanf(file, "%ld %ld", &all, &pages) != 2)
        pages = -1;
    if (file)
        fclose(file);
    return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* Turns a megabyte around; tells what its process has. */
static int large(pinfold_task *task)
{
    pinfold_bytes in = pinfold_task_arg(task);
    double *out = pinfold_task_out(task, in.size);

    memset(out, 3, in.size);
    *out = resident();
    return 0;
}

/* The worker with this number has run one more of those; what it has then. */
static double large_on(pinfold_pool *pool, int worker, const void *arg)
{
    struct pinfold_call how = {
        .size = sizeof how, .where = PINFOLD_ON_WORKER, .number = worker, .must = true};
    pinfold_future *future = NULL;
    pinfold_bytes result = {0};
    double has = 0;

    CHECK(pinfold_submit(pool, large, (pinfold_bytes){arg, MB}, &how, &future, NULL) == 0);
    if (CHECK(pinfold_future_result(future, &result, NULL) == 0))
        memcpy(&has, result.data, sizeof has);
    pinfold_future_free(future);
    return has;
}

static void memory_is_released(pinfold_pool *pool)
{
    enum { WARM = 20, N = 300 };
    int workers = pinfold_pool_workers(pool);
    double *before, mine = 0;
    char *arg;

    if (EVERY_SANITIZED) {
        every_skip("a sanitizer keeps for a while what was freed, and tells what was not");
        return;
    }
    before = calloc((size_t)workers, sizeof *before);
    arg = calloc(1, MB);
    if (!CHECK(before && arg))
        return;
    for (int i = 0; i < WARM + N; i++) {
        int worker = i % workers;
        double has = large_on(pool, worker, arg);
        if (i < WARM)
            before[worker] = has;
        if (i == WARM)
            mine = resident();
        CHECK(i < WARM || has - before[worker] < 100.0 * (double)MB);
    }
    CHECK(resident() - mine < 100.0 * (double)MB); /* 600 MB went through it */
    free(before);
    free(arg);
}

/* Leaves its core to the driver, which has much to do. */
static int gated(pinfold_task *task)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    double end = every_now() + every_patience(20);

    (void)task;
    while (every_counts[GATE] == 0) {
        if (every_now() > end)
            return 99;
        nanosleep(&moment, NULL);
    }
    return 0;
}

/* What the allocator has given out; 0: it does not say. */
static double allocated(void)
{
    struct mallinfo2 info = mallinfo2();

    return (double)(info.uordblks + info.hblkhd);
}

static void a_million_queued(pinfold_pool *pool)
{
    enum { N = 1000000 };
    pinfold_future **futures = calloc(N, sizeof *futures);
    double before, queued, after;
    int64_t arg = 1;
    int refused = 0;

    if (!CHECK(futures))
        return;
    every_clear();
    before = allocated();
    for (int i = 0; i < N; i++)
        refused += pinfold_submit(pool, gated, (pinfold_bytes){&arg, sizeof arg}, NULL, &futures[i],
                                  NULL) != 0;
    queued = allocated();
    CHECK(refused == 0);
    CHECK(pinfold_pool_cancel(pool) == 0);
    every_counts[GATE] = 1;
    for (int i = 0; i < N; i++) {
        CHECK(pinfold_future_wait(futures[i], PINFOLD_FOREVER, NULL) == 0);
        pinfold_future_free(futures[i]);
    }
    CHECK(pinfold_poll(pool, 0) == 0);
    after = allocated();
    free(futures);
    if (before == 0) {
        every_skip("this allocator tells no figures");
        return;
    }
    if (!CHECK((queued - before) / N < 256))
        printf("# %.0f bytes each\n", (queued - before) / N);
    CHECK(after - before < 20.0 * (double)MB);
}

/* ---- workers */
static int present(pinfold_task *task)
{
    int now = ++every_counts[NOW], most = every_counts[MOST];

    (void)task;
    while (now > most && !atomic_compare_exchange_weak(&every_counts[MOST], &most, now))
        ;
    every_spin(200e-6);
    every_counts[NOW]--;
    return 0;
}

static void never_more_than_wanted(pinfold_pool *pool)
{
    every_clear();
    CHECK(pinfold_pool_workers(pool) == every_workers);
    CHECK(pinfold_map(pool, present, NULL, NULL, 0, NULL, 0, 500, NULL) == 0);
    CHECK(every_counts[MOST] >= 1 && every_counts[MOST] <= every_workers);
    CHECK(every_counts[NOW] == 0);
}

static void size_1(void)
{
    pinfold_pool *pool;

    if (!every_ranks || every_workers > 1) {
        every_skip("this is not a communicator of size 1");
        return;
    }
    pool = every_open(&every_options);
    if (pool) {
        CHECK(pinfold_pool_workers(pool) == 1);
        CHECK(every_squares(pool, NULL, 1000));
    }
    every_close(pool);
}

/* ---- the death of a driver */
/* Whether the process is gone, or dead and not yet taken note of by its parent. */
static bool gone(int64_t pid)
{
    char path[64], state = 'Z';
    FILE *file;

    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    file = fopen(path, "re");
    if (!file)
        return true;
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 'Z';
    fclose(file);
    return state == 'Z';
}

/* Names in memory that is shared by name: of segments, semaphores. */
static int segments(pid_t pid)
{
    char path[64], line[512];
    FILE *file;
    int n = 0;

    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        n += strstr(line, "/dev/shm/") != NULL || strstr(line, "/SYSV") != NULL;
    if (file)
        fclose(file);
    return n;
}

static int spins(pinfold_task *task)
{
    (void)task;
    every_counts[NOW]++;
    every_spin(every_patience(20));
    return 0;
}

/* A driver of its own: tells who its workers are, and works until it is killed. */
static _Noreturn void drive_until_killed(int to)
{
    struct pinfold_options options = every_options;
    int64_t pids[1 + 64] = {0};
    pinfold_pool *pool = NULL;
    int n = 0;

    options.log = NULL;
    if (pinfold_pool_open(&pool, &options, NULL) != 0)
        _exit(1);
    for (int i = 0; i < pinfold_pool_workers(pool) && i < 64; i++) {
        struct pinfold_worker w = {.size = sizeof w};
        pinfold_pool_worker(pool, i, &w);
        pids[1 + n++] = w.pid;
    }
    pids[0] = n;
    if (write(to, pids, sizeof pids) != sizeof pids)
        _exit(1);
    pinfold_map(pool, spins, NULL, NULL, 0, NULL, 0, 1000, NULL);
    _exit(1);
}

static void driver_dies(void)
{
    double end = every_now() + every_patience(20);
    int64_t pids[1 + 64];
    int ends[2], status = 0, left;
    pid_t driver;

    if (every_ranks) {
        every_skip("tests/fault/ranks.sh kills drivers of ranks");
        return;
    }
    every_clear();
    if (!CHECK(pipe(ends) == 0))
        return;
    driver = fork();
    if (driver == 0)
        drive_until_killed(ends[1]);
    close(ends[1]);
    CHECK(driver > 0 && read(ends[0], pids, sizeof pids) == sizeof pids);
    close(ends[0]);
    CHECK(pids[0] == every_workers);
    while (every_counts[NOW] == 0 && every_now() < end)
        ; /* until a worker is at work */
    CHECK(every_counts[NOW] > 0);
    CHECK(segments(driver) == 0 && segments((pid_t)pids[1]) == 0);
    CHECK(kill(driver, SIGKILL) == 0);
    CHECK(waitpid(driver, &status, 0) == driver && WIFSIGNALED(status));
    end = every_now() + every_patience(5);
    do {
        left = 0;
        for (int i = 0; i < pids[0]; i++)
            left += !gone(pids[1 + i]);
    } while (left > 0 && every_now() < end);
    CHECK(left == 0);
}

/* ---- idle */
static int used(pinfold_task *task)
{
    return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, pinfold_task_out(task, sizeof(struct timespec)));
}

static double seconds(const struct timespec *t)
{
    return (double)t->tv_sec + 1e-9 * (double)t->tv_nsec;
}

/* What the process of the worker has used. */
static double used_by(pinfold_pool *pool, int worker)
{
    struct pinfold_call how = {
        .size = sizeof how, .where = PINFOLD_ON_WORKER, .number = worker, .must = true};
    struct timespec t = {0};

    CHECK(pinfold_map(pool, used, &how, NULL, 0, &t, sizeof t, 1, NULL) == 0);
    return seconds(&t);
}

static void idle(pinfold_pool *pool)
{
    enum { WORKERS = 64 };
    int n = pinfold_pool_workers(pool);
    struct timespec mine = {0}, later = {0};
    double before[WORKERS], begin, took;

    if (!CHECK(n <= WORKERS))
        return;
    CHECK(pinfold_map(pool, present, NULL, NULL, 0, NULL, 0, 500, NULL) == 0);
    for (int i = 0; i < n; i++)
        before[i] = used_by(pool, i);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &mine);
    begin = every_now();
    CHECK(pinfold_poll(pool, 1) == 0); /* nothing is to be done meanwhile */
    took = every_now() - begin;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &later);
    CHECK(took >= 0.9);
    if (!CHECK(seconds(&later) - seconds(&mine) < 0.25 * took))
        printf("# the driver: %g of %g s\n", seconds(&later) - seconds(&mine), took);
    for (int i = 0; i < n; i++) {
        double more = used_by(pool, i) - before[i];
        if (!CHECK(more < 0.25 * took))
            printf("# worker %d: %g of %g s\n", i, more, took);
    }
}

const struct every_test cost_tests[] = {
    {"behaviour 20: memory of arguments and results is released", .shared = memory_is_released},
    {"behaviour 20: a million queued tasks cost less than 256 bytes each",
     .shared = a_million_queued},
    {"behaviour 21: never more than the wanted number of workers run at once",
     .shared = never_more_than_wanted},
    {"behaviour 21: a communicator of size 1 works", .alone = size_1},
    {"behaviour 22: a driver that dies leaves no worker behind, and no shared-memory segment",
     .alone = driver_dies},
    {"behaviour 23: idle workers and an idle driver burn no CPU", .shared = idle},
    {0},
};
