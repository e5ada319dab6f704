/* The journal: what a later run takes from it, and what it runs. SPDX-License-Identifier: BSD-3-Clause
 *
 * Every result has the moment in it at which it was made, so that a result that was taken from the
 * journal is the one of before, to the byte, and one that was made again is another. Ranks other than
 * the driver need not agree on the journal, and do not: they are given none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "every.h"

#define N 300

struct made {
    int64_t square, when, pid;
};

static char file[512];

static void forget(void)
{
    static const char *const ends[] = {"", ".results", "-wal", "-shm", "-journal"};
    const char *counts = getenv("EVERY_COUNTS");
    char path[600];

    snprintf(file, sizeof file, "%s.journal", counts ? counts : "/tmp/every");
    for (size_t i = 0; pinfold_is_driver() && i < sizeof ends / sizeof *ends; i++) {
        snprintf(path, sizeof path, "%s%s", file, ends[i]);
        unlink(path);
    }
}

/* A worker's state is what the driver said: whether every tenth item fails. */
static int init(const struct pinfold_worker *worker, pinfold_bytes arg, void **state, char *text,
                size_t text_size)
{
    (void)worker, (void)text, (void)text_size;
    *state = calloc(1, sizeof(int));
    memcpy(*state, arg.data, sizeof(int));
    return 0;
}

static void finish(const struct pinfold_worker *worker, void *state)
{
    (void)worker;
    free(state);
}

static void make(struct made *made, int64_t x)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    *made = (struct made){x * x, now.tv_sec * 1000000000 + now.tv_nsec, getpid()};
}

static int square(pinfold_task *task)
{
    int64_t x;

    memcpy(&x, pinfold_task_arg(task).data, sizeof x);
    if (*(const int *)pinfold_task_state(task) && x % 10 == 9)
        return pinfold_task_fail(task, 5, "the tenth");
    make(pinfold_task_out(task, sizeof(struct made)), x);
    return 0;
}

static int square_range(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    (void)task, (void)first;
    for (size_t i = 0; i < count; i++)
        make((struct made *)out + i, ((const int64_t *)in)[i]);
    return 0;
}

/* A result of x bytes and a moment: some of them are too large for a row. */
static int grow(pinfold_task *task)
{
    int64_t x;
    struct made *made;
    unsigned char *rest;

    memcpy(&x, pinfold_task_arg(task).data, sizeof x);
    made = pinfold_task_out(task, sizeof *made + (size_t)x);
    make(made, x);
    rest = (unsigned char *)(made + 1);
    for (int64_t i = 0; i < x; i++)
        rest[i] = (unsigned char)(x + i);
    return 0;
}

/* Opens a pool with the journal. False: this rank has no part in what follows. */
static bool opened(pinfold_pool **pool, int fails, int workers)
{
    struct pinfold_options options = every_options;
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int code;

    options.init = init;
    options.finish = finish;
    options.init_arg = (pinfold_bytes){&fails, sizeof fails};
    options.journal = pinfold_is_driver() ? file : NULL;
    if (workers)
        options.max_workers = workers;
    code = pinfold_pool_open(pool, &options, &err);
    if (code == PINFOLD_E_UNSUPPORTED)
        every_skip("this build has no journal");
    else if (!CHECK(code == 0))
        fprintf(stderr, "every: %s\n", err.text);
    return *pool != NULL;
}

static struct pinfold_call call(const char *key)
{
    return (struct pinfold_call){.size = sizeof(struct pinfold_call), .key = key};
}

static void fill(int64_t *in)
{
    for (int64_t i = 0; i < N; i++)
        in[i] = i;
}

/* How many results are those of before; all of them are right. */
static int same(const struct made *before, const struct made *now, const int64_t *in)
{
    int n = 0;

    for (int i = 0; i < N; i++) {
        CHECK(now[i].square == in[i] * in[i]);
        n += memcmp(&before[i], &now[i], sizeof *now) == 0;
    }
    return n;
}

static void takes_what_is_done(void)
{
    static struct made before[N], now[N];
    int64_t in[N];
    int codes[N];
    struct pinfold_call how = call("squares");
    pinfold_pool *pool;

    forget();
    fill(in);
    how.codes = codes;
    if (opened(&pool, 0, 0)) {
        CHECK(pinfold_map(pool, square, &how, in, sizeof *in, before, sizeof *before, N, NULL) ==
              0);
        every_close(pool);
    }
    for (int run = 0; run < 2; run++) { /* also with another number of workers */
        if (!opened(&pool, 0, run ? 1 : 0))
            continue;
        memset(now, 0, sizeof now);
        memset(codes, 1, sizeof codes);
        CHECK(pinfold_map(pool, square, &how, in, sizeof *in, now, sizeof *now, N, NULL) == 0);
        CHECK(memcmp(before, now, sizeof now) == 0);
        for (int i = 0; i < N; i++)
            CHECK(codes[i] == 0);
        every_close(pool);
    }
    forget();
}

static void runs_what_changed(void)
{
    static struct made before[N], now[N];
    int64_t in[N], shared = 1;
    struct pinfold_call how = call("squares");
    pinfold_pool *pool;

    forget();
    fill(in);
    if (opened(&pool, 0, 0)) {
        CHECK(pinfold_map(pool, square, &how, in, sizeof *in, before, sizeof *before, N, NULL) ==
              0);
        every_close(pool);
    }
    if (opened(&pool, 0, 0)) {
        for (int i = 0; i < N; i += 3)
            in[i] = -i - 1000;
        CHECK(pinfold_map(pool, square, &how, in, sizeof *in, now, sizeof *now, N, NULL) == 0);
        CHECK(same(before, now, in) == N - N / 3);
        CHECK(pinfold_map(pool, square, &how, in, sizeof *in, before, sizeof *now, N, NULL) == 0);
        CHECK(same(before, now, in) == N); /* those are kept too */
        fill(in);                          /* what was kept first is still there */
        CHECK(pinfold_map(pool, square, &how, in, sizeof *in, now, sizeof *now, N, NULL) == 0);
        CHECK(same(before, now, in) == N - N / 3);
        memcpy(before, now, sizeof now);
        how.shared = (pinfold_bytes){&shared, sizeof shared}; /* with it, all are others */
        CHECK(pinfold_map(pool, square, &how, in, sizeof *in, now, sizeof *now, N, NULL) == 0);
        CHECK(same(before, now, in) == 0);
        how = call("another key");
        CHECK(pinfold_map(pool, square, &how, in, sizeof *in, now, sizeof *now, N, NULL) == 0);
        CHECK(same(before, now, in) == 0);
        every_close(pool);
    }
    forget();
}

/* More items than before, of which the first are known; and less. */
static void takes_a_part(void)
{
    static struct made before[N], now[N];
    int64_t in[N];
    struct pinfold_call how = call("squares");
    pinfold_pool *pool;

    forget();
    fill(in);
    if (opened(&pool, 0, 0)) {
        CHECK(pinfold_map(pool, square, &how, in, sizeof *in, before, sizeof *before, 100, NULL) ==
              0);
        CHECK(pinfold_map(pool, square, &how, in, sizeof *in, now, sizeof *now, N, NULL) == 0);
        CHECK(same(before, now, in) == 100);
        CHECK(pinfold_map(pool, square, &how, in, sizeof *in, before, sizeof *now, 50, NULL) == 0);
        CHECK(memcmp(before, now, 50 * sizeof *now) == 0);
        every_close(pool);
    }
    forget();
}

static void runs_what_failed(void)
{
    static struct made before[N], now[N];
    int64_t in[N];
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pinfold_call how = call("squares");
    pinfold_pool *pool;

    forget();
    fill(in);
    if (opened(&pool, 1, 0)) {
        CHECK(pinfold_map(pool, square, &how, in, sizeof *in, before, sizeof *before, N, &err) ==
              5);
        CHECK(err.index == 9);
        CHECK(pinfold_map(pool, square, &how, in, sizeof *in, now, sizeof *now, N, &err) == 5);
        CHECK(err.index == 9); /* again, of those alone that are run again */
        every_close(pool);
    }
    if (opened(&pool, 0, 0)) {
        CHECK(pinfold_map(pool, square, &how, in, sizeof *in, now, sizeof *now, N, NULL) == 0);
        CHECK(same(before, now, in) == N - N / 10);
        every_close(pool);
    }
    forget();
}

static void takes_ranges(void)
{
    static struct made before[N], now[N];
    int64_t in[N];
    struct pinfold_call how = call("ranges");
    pinfold_pool *pool;

    forget();
    fill(in);
    for (int run = 0; run < 2; run++) {
        if (!opened(&pool, 0, 0))
            continue;
        in[7] = run ? 7000 : 7;
        CHECK(pinfold_map_range(pool, square_range, &how, in, sizeof *in, run ? now : before,
                                sizeof *now, N, NULL) == 0);
        if (run)
            CHECK(same(before, now, in) == N - 1);
        every_close(pool);
    }
    forget();
}

static void check_bytes(const pinfold_bytes *out, int64_t x)
{
    const struct made *made = out->data;
    const unsigned char *rest = (const unsigned char *)(made + 1);

    if (!CHECK(out->size == sizeof *made + (size_t)x))
        return;
    CHECK(made->square == x * x);
    for (int64_t i = 0; i < x; i++)
        CHECK(rest[i] == (unsigned char)(x + i));
}

static void takes_values_of_any_size(void)
{
    pinfold_bytes in[N], out[2][N] = {0};
    int64_t x[N];
    int n = 0, codes[N];
    struct pinfold_call how = call("bytes");
    pinfold_pool *pool;
    bool here = false;

    forget();
    for (int i = 0; i < N; i++) {
        x[i] = i % 3 ? i : 20 * i;
        in[i] = (pinfold_bytes){&x[i], sizeof x[i]};
    }
    for (int run = 0; run < 2; run++) {
        if (!opened(&pool, 0, 0))
            continue;
        here = true;
        if (run)
            x[150] = 3;
        memset(codes, 1, sizeof codes);
        how.codes = codes;
        CHECK(pinfold_map_bytes(pool, grow, &how, in, out[run], N, NULL) == 0);
        for (int i = 0; i < N; i++) {
            CHECK(codes[i] == 0);
            check_bytes(&out[run][i], x[i]);
        }
        every_close(pool);
    }
    for (int i = 0; here && i < N; i++)
        n += out[0][i].size == out[1][i].size &&
             memcmp(out[0][i].data, out[1][i].data, out[1][i].size) == 0;
    CHECK(!here || n == N - 1);
    for (int i = 0; i < 2 * N; i++)
        free((void *)(uintptr_t)out[i / N][i % N].data);
    forget();
}

/* Bytes that are gone count as not done. */
static void runs_what_is_torn(void)
{
    pinfold_bytes in[2], out[2] = {0}, again[2] = {0};
    int64_t x[2] = {1000, 2};
    struct pinfold_call how = call("bytes");
    char path[600];
    pinfold_pool *pool;

    forget();
    snprintf(path, sizeof path, "%s.results", file);
    in[0] = (pinfold_bytes){&x[0], sizeof x[0]};
    in[1] = (pinfold_bytes){&x[1], sizeof x[1]};
    if (opened(&pool, 0, 0)) {
        CHECK(pinfold_map_bytes(pool, grow, &how, in, out, 2, NULL) == 0);
        every_close(pool);
        CHECK(truncate(path, 500) == 0);
    }
    if (opened(&pool, 0, 0)) {
        CHECK(pinfold_map_bytes(pool, grow, &how, in, again, 2, NULL) == 0);
        check_bytes(&again[0], 1000);
        CHECK(memcmp(out[0].data, again[0].data, again[0].size) != 0);
        CHECK(memcmp(out[1].data, again[1].data, again[1].size) == 0);
        every_close(pool);
    }
    for (int i = 0; i < 2; i++) {
        free((void *)(uintptr_t)out[i].data);
        free((void *)(uintptr_t)again[i].data);
    }
    forget();
}

static void wants_a_name(void)
{
    int64_t in[4] = {1, 2, 3, 4};
    struct made out[4];
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pinfold_call how = call("k");
    pinfold_pool *pool;

    forget();
    if (opened(&pool, 0, 0)) {
        CHECK(pinfold_map(pool, square, NULL, in, sizeof *in, out, sizeof *out, 4, &err) ==
              PINFOLD_E_ARGUMENT);
        CHECK(strstr(err.text, "needs a key") != NULL);
        CHECK(pinfold_map(pool, square, &how, in, sizeof *in, out, sizeof *out, 4, &err) == 0);
        every_close(pool);
    }
    forget();
}

static void is_refused_by_all(void)
{
    struct pinfold_options options = every_options;
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_pool *pool;

    options.journal = "/no/such/folder/journal";
    if (opened(&pool, 0, 0))
        every_close(pool);
    if (pinfold_is_driver()) {
        int code = pinfold_pool_open(&pool, &options, &err);
        CHECK(code == PINFOLD_E_JOURNAL || code == PINFOLD_E_UNSUPPORTED);
        CHECK(strstr(err.text, "/no/such/folder/journal") != NULL);
    } else {
        CHECK(pinfold_pool_open(&pool, &options, &err) != 0 && pool == NULL);
    }
    options.journal = NULL;
    options.journal_results = "some";
    every_refuse(&options, PINFOLD_E_ARGUMENT, NULL);
    every_close(every_open(&every_options));
    forget();
}

const struct every_test journal_tests[] = {
    {"a later run takes what is done, to the byte", NULL, takes_what_is_done},
    {"and runs items whose arguments changed", NULL, runs_what_changed},
    {"and those that were not there", NULL, takes_a_part},
    {"and those that failed", NULL, runs_what_failed},
    {"it takes items of ranges", NULL, takes_ranges},
    {"and values of any size", NULL, takes_values_of_any_size},
    {"and runs what lost its bytes", NULL, runs_what_is_torn},
    {"a map without a key or a name is refused", NULL, wants_a_name},
    {"who cannot open its journal opens no pool", NULL, is_refused_by_all},
    {NULL, NULL, NULL},
};
