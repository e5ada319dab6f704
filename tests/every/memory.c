/* Values that find no memory: who has none says so, and goes on. SPDX-License-Identifier: BSD-3-Clause
 *
 * A process's own address space is limited, to what it has and SLACK more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "every.h"

#define MB    ((size_t)1 << 20)
#define SLACK (48 * MB)
#define MUCH  (128 * MB)

static bool limit(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    struct rlimit rlimit;
    size_t pages = 0;
    void *volatile much; /* or a compiler does without it */

    if (!file || fscanf(file, "%zu", &pages) != 1 || getrlimit(RLIMIT_AS, &rlimit) != 0)
        abort();
    fclose(file);
    rlimit.rlim_cur = pages * (size_t)sysconf(_SC_PAGESIZE) + SLACK;
    setrlimit(RLIMIT_AS, &rlimit);
    much = malloc(MUCH);
    free(much);
    return !much;
}

static void unlimit(void)
{
    struct rlimit rlimit;

    getrlimit(RLIMIT_AS, &rlimit);
    rlimit.rlim_cur = rlimit.rlim_max;
    setrlimit(RLIMIT_AS, &rlimit);
}

static int init(const struct pinfold_worker *worker, pinfold_bytes arg, void **state, char *text,
                size_t text_size)
{
    (void)worker, (void)arg, (void)state;
    snprintf(text, text_size, "no limit holds here");
    return !limit();
}

static void finish(const struct pinfold_worker *worker, void *state)
{
    (void)worker, (void)state;
    unlimit(); /* a rank goes on */
}

static int take(pinfold_task *task)
{
    *(size_t *)pinfold_task_out(task, sizeof(size_t)) = pinfold_task_arg(task).size;
    return 0;
}

static int take_shared(pinfold_task *task)
{
    *(size_t *)pinfold_task_out(task, sizeof(size_t)) = pinfold_task_shared(task).size;
    return 0;
}

/* Makes as much as it is told to, and does not look whether there is room for it. */
static int make(pinfold_task *task)
{
    size_t size;

    memcpy(&size, pinfold_task_arg(task).data, sizeof size);
    pinfold_task_out(task, size);
    return 0;
}

/* Makes do with less. */
static int make_do(pinfold_task *task)
{
    if (!pinfold_task_out(task, MUCH))
        strcpy(pinfold_task_out(task, 5), "less");
    return 0;
}

static int run(pinfold_pool *pool, pinfold_fn *fn, const void *data, size_t size,
               pinfold_future **future, struct pinfold_error *err)
{
    pinfold_bytes result;

    CHECK(pinfold_submit(pool, fn, (pinfold_bytes){data, size}, NULL, future, err) == 0);
    return pinfold_future_result(*future, &result, err);
}

static void fails(pinfold_pool *pool, pinfold_fn *fn, const void *data, size_t size, int code,
                  const char *text)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future;

    CHECK(run(pool, fn, data, size, &future, &err) == code);
    if (!CHECK(err.code == code && strstr(err.text, text) && err.worker >= 0 && err.host[0]))
        printf("# %d: %s\n", err.code, err.text);
    pinfold_future_free(future);
    CHECK(run(pool, take, "abcd", 4, &future, &err) == 0);
    pinfold_future_free(future);
}

static const size_t much = MUCH;

static void on_a_worker(void)
{
    struct pinfold_options options = every_options;
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future;
    pinfold_bytes result;
    pinfold_pool *pool;
    char *data;
    size_t out[3];

    if (EVERY_SANITIZED || every_inline || every_threads) {
        every_skip("its memory cannot be limited alone");
        return;
    }
    options.init = init;
    options.finish = finish;
    pool = every_open(&options);
    if (!pool)
        return;
    data = calloc(1, MUCH);
    fails(pool, take, data, MUCH, PINFOLD_E_MEMORY, "out of memory for an input of 1342177");
    fails(pool, make, &much, sizeof much, PINFOLD_E_MEMORY,
          "out of memory for a result of 134217728 bytes");
    CHECK(run(pool, make_do, NULL, 0, &future, &err) == 0);
    CHECK(pinfold_future_result(future, &result, &err) == 0 && result.size == 5);
    pinfold_future_free(future);
    CHECK(pinfold_map(
              pool, take_shared,
              &(struct pinfold_call){.size = sizeof(struct pinfold_call), .shared = {data, MUCH}},
              NULL, 0, out, sizeof *out, 3, &err) == PINFOLD_E_MEMORY);
    CHECK(strstr(err.text, "out of memory for shared bytes of 1342"));
    CHECK(pinfold_map(pool, take, NULL, data, MUCH, out, sizeof *out, 1, &err) == PINFOLD_E_MEMORY);
    CHECK(every_squares(pool, NULL, 100));
    free(data);
    every_close(pool);
}

static void on_the_driver(void)
{
    pinfold_pool *pool = every_open(&every_options);
    bool limited;

    if (!pool)
        return;
    limited = !EVERY_SANITIZED && limit();
    if (limited)
        fails(pool, make, &much, sizeof much, PINFOLD_E_MEMORY,
              "out of memory for a result of 1342177");
    else
        every_skip("its memory cannot be limited");
    unlimit();
    every_close(pool);
}

static void beyond_all(pinfold_pool *pool)
{
    static const size_t beyond = SIZE_MAX / 2;

    fails(pool, make, &beyond, sizeof beyond, PINFOLD_E_TOO_BIG, "bytes is more than 1 TiB");
}

const struct every_test memory_tests[] = {
    {"a worker without memory fails the item, and names its size", NULL, on_a_worker},
    {"so does a driver without memory", NULL, on_the_driver},
    {"a result of a size that makes no sense is refused", beyond_all, NULL},
    {NULL, NULL, NULL},
};
