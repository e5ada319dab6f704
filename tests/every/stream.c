/* Streams: inputs that are pulled, results that are pushed. SPDX-License-Identifier: BSD-3-Clause */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "every.h"

struct flow {
    pinfold_pool *pool;
    uint64_t n, pulled, pushed; /* n: so many inputs; UINT64_MAX: without end */
    uint64_t window; /* not more than so many may be on their way; 0: as many as it likes */
    uint64_t leave_at, wrong, failed;
    bool ordered, nosy;
    unsigned char *seen; /* by index, or NULL */
    int64_t buffer[1000];
};

/* Input i is the number i, in 8 to 8 + 8 * 99 bytes. */
static bool pull(void *data, pinfold_bytes *input)
{
    struct flow *flow = data;
    size_t words = 1 + flow->pulled % 100;

    if (flow->pulled == flow->n)
        return false;
    if (flow->window)
        CHECK(flow->pulled - flow->pushed < flow->window);
    if (flow->nosy)
        CHECK(pinfold_poll(flow->pool, 0) == PINFOLD_E_NESTED);
    for (size_t i = 0; i < words; i++)
        flow->buffer[i] = (int64_t)flow->pulled;
    *input = (pinfold_bytes){flow->buffer, words * sizeof(int64_t)};
    flow->pulled++;
    return true;
}

/* The result is as long as the input: its number squared. Every hundredth fails. */
static int work(pinfold_task *task)
{
    pinfold_bytes in = pinfold_task_arg(task);
    int64_t x = *(const int64_t *)in.data, *out = pinfold_task_out(task, in.size);

    if ((uint64_t)x != pinfold_task_index(task))
        return pinfold_task_fail(task, 9, "index %zu", pinfold_task_index(task));
    if (x % 100 == 37)
        return pinfold_task_fail(task, 4, "a thirty-seven");
    if (x % 32 == 0)
        every_spin(300e-6);
    for (size_t i = 0; i < in.size / sizeof *out; i++)
        out[i] = x * x;
    return 0;
}

static int push(void *data, uint64_t index, pinfold_bytes result, const struct pinfold_error *error)
{
    struct flow *flow = data;
    size_t words = 1 + index % 100;
    const int64_t *out = result.data;
    bool good;

    if (flow->nosy)
        CHECK(pinfold_poll(flow->pool, 0) == PINFOLD_E_NESTED);
    if (index % 100 == 37)
        good = error && error->code == 4 && error->index == (int64_t)index && error->host[0] &&
               strcmp(error->text, "a thirty-seven") == 0 && result.size == 0;
    else
        good = !error && result.size == words * sizeof *out &&
               out[words - 1] == (int64_t)(index * index);
    if (flow->ordered)
        good = good && index == flow->pushed;
    if (flow->seen)
        good = good && !flow->seen[index]++;
    flow->wrong += !good;
    flow->failed += error != NULL;
    flow->pushed++;
    return flow->leave_at && flow->pushed == flow->leave_at ? 5 : 0;
}

static void run(pinfold_pool *pool, uint64_t n, size_t window, size_t chunk, bool unordered)
{
    struct pinfold_call how = {
        .size = sizeof how, .window = window, .chunk = chunk, .unordered = unordered};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct flow flow = {.pool = pool, .n = n, .window = window, .ordered = !unordered};
    int code;

    flow.seen = calloc(n + 1, 1);
    code = pinfold_stream(pool, work, &how, pull, push, &flow, &err);
    CHECK(code == (n > 37 ? 4 : 0));
    if (code)
        CHECK(err.index == 37 && err.worker >= 0);
    CHECK(flow.wrong == 0 && flow.pulled == n && flow.pushed == n);
    CHECK(flow.failed == (n + 62) / 100);
    free(flow.seen);
}

static void in_order(pinfold_pool *pool)
{
    static const size_t windows[] = {0, 1, 2, 3, 10, 100, 5000}, chunks[] = {0, 1, 3, 1000};

    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++)
        for (size_t c = 0; c < sizeof chunks / sizeof *chunks; c++)
            run(pool, 500, windows[w], chunks[c], false);
}

static void unordered(pinfold_pool *pool)
{
    static const size_t windows[] = {0, 1, 7, 100};

    for (size_t w = 0; w < sizeof windows / sizeof *windows; w++)
        run(pool, 2000, windows[w], w, true);
}

static void lengths(pinfold_pool *pool)
{
    for (uint64_t n = 0; n < 12; n++) {
        run(pool, n, 3, 0, false);
        run(pool, n, 0, 0, true);
    }
}

static void endless(pinfold_pool *pool)
{
    for (int i = 0; i < 4; i++) {
        struct pinfold_call how = {
            .size = sizeof how, .unordered = i % 2, .window = i < 2 ? 50 : 0};
        struct flow flow = {.pool = pool, .n = UINT64_MAX, .ordered = i % 2 == 0, .leave_at = 3000};
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        CHECK(pinfold_stream(pool, work, &how, pull, push, &flow, &err) == 5);
        CHECK(err.code == 5 && flow.wrong == 0 && flow.pushed == 3000);
        CHECK(every_squares(pool, NULL, 100)); /* the rest was cancelled, and is in nobody's way */
    }
}

static void from_inside(pinfold_pool *pool)
{
    struct flow flow = {.pool = pool, .n = 30, .ordered = true, .nosy = true};

    CHECK(pinfold_stream(pool, work, NULL, pull, push, &flow, NULL) == 0);
    CHECK(flow.pushed == 30 && flow.wrong == 0);
}

/* The tenth and those behind it wait until nobody waits for them. */
static int ends_when_cancelled(pinfold_task *task)
{
    double end = every_now() + every_patience(20);

    while (pinfold_task_index(task) >= 10 && !pinfold_task_cancelled(task))
        if (every_now() > end)
            return 99;
    return 0;
}

static int count_good(void *data, uint64_t index, pinfold_bytes result,
                      const struct pinfold_error *error)
{
    struct flow *flow = data;

    (void)result;
    flow->wrong += error != NULL || index >= 10;
    flow->pushed++;
    return 0;
}

static void out_of_time(pinfold_pool *pool)
{
    struct pinfold_call how = {
        .size = sizeof how, .chunk = 1, .timeout = every_patience(0.3), .window = 40};
    struct flow flow = {.pool = pool, .n = UINT64_MAX};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    double begin = every_now();

    CHECK(pinfold_stream(pool, ends_when_cancelled, &how, pull, count_good, &flow, &err) ==
          PINFOLD_E_TIMEOUT);
    CHECK(every_now() - begin < how.timeout + every_patience(5));
    CHECK(flow.wrong == 0 && flow.pushed <= 10 && strstr(err.text, "unfinished"));
    CHECK(every_squares(pool, NULL, 100));
}

static int dies_sometimes(pinfold_task *task)
{
    pinfold_bytes in = pinfold_task_arg(task);

    if (pinfold_task_index(task) % 100 == 37 && every_isolated(pinfold_task_worker(task)))
        kill(getpid(), SIGKILL);
    memcpy(pinfold_task_out(task, in.size), in.data, in.size);
    return 0;
}

static int survived(void *data, uint64_t index, pinfold_bytes result,
                    const struct pinfold_error *error)
{
    struct flow *flow = data;

    if (index != flow->pushed++)
        flow->wrong++;
    else if (error)
        flow->wrong += index % 100 != 37 || error->code != PINFOLD_E_TASK_SIGNAL;
    else
        flow->wrong += *(const int64_t *)result.data != (int64_t)index;
    return 0;
}

static void deaths(pinfold_pool *pool)
{
    struct flow flow = {.pool = pool, .n = 1000};
    int code = pinfold_stream(pool, dies_sometimes, NULL, pull, survived, &flow, NULL);

    CHECK(code == 0 || code == PINFOLD_E_TASK_SIGNAL);
    CHECK(flow.pushed == 1000 && flow.wrong == 0);
}

static int shared_plus(pinfold_task *task)
{
    int64_t *out = pinfold_task_out(task, sizeof *out);

    *out = *(const int64_t *)pinfold_task_shared(task).data +
           *(const int64_t *)pinfold_task_arg(task).data;
    return 0;
}

static int sum(void *data, uint64_t index, pinfold_bytes result, const struct pinfold_error *error)
{
    struct flow *flow = data;

    flow->wrong += error || *(const int64_t *)result.data != 1000 + (int64_t)index;
    return 0;
}

static void shared_bytes(pinfold_pool *pool)
{
    int64_t thousand = 1000;
    struct pinfold_call how = {.size = sizeof how, .shared = {&thousand, sizeof thousand}};
    struct flow flow = {.pool = pool, .n = 300};

    CHECK(pinfold_stream(pool, shared_plus, &how, pull, sum, &flow, NULL) == 0);
    CHECK(flow.wrong == 0);
}

static void nonsense(pinfold_pool *pool)
{
    struct flow flow = {.pool = pool, .n = 3};
    int codes[3];
    struct pinfold_call how = {.size = sizeof how, .codes = codes}, late = {.timeout = -1};

    CHECK(pinfold_stream(pool, NULL, NULL, pull, push, &flow, NULL) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_stream(pool, work, NULL, NULL, push, &flow, NULL) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_stream(pool, work, NULL, pull, NULL, &flow, NULL) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_stream(pool, work, &how, pull, push, &flow, NULL) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_stream(pool, work, &late, pull, push, &flow, NULL) == PINFOLD_E_ARGUMENT);
    CHECK(flow.pulled == 0);
}

/* ---- map_bytes, which is made of one */
static int repeat(pinfold_task *task)
{
    pinfold_bytes in = pinfold_task_arg(task);
    size_t times = pinfold_task_index(task) % 5;
    unsigned char *out = pinfold_task_out(task, times * in.size);

    if (pinfold_task_index(task) == 77)
        return 7;
    for (size_t i = 0; i < times; i++)
        memcpy(out + i * in.size, in.data, in.size);
    return 0;
}

static void any_sizes(pinfold_pool *pool)
{
    enum { N = 400 };
    static unsigned char bytes[70000];
    static pinfold_bytes in[N], out[N];
    int codes[N];
    struct pinfold_call how = {.size = sizeof how, .codes = codes};
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    memset(bytes, 3, sizeof bytes);
    for (size_t i = 0; i < N; i++)
        in[i] = (pinfold_bytes){bytes, i % 50 ? i : i * 170};
    CHECK(pinfold_map_bytes(pool, repeat, &how, in, out, N, &err) == 7);
    CHECK(err.index == 77 && err.code == 7);
    for (size_t i = 0; i < N; i++) {
        const unsigned char *data = out[i].data;
        CHECK(codes[i] == (i == 77 ? 7 : 0));
        CHECK(out[i].size == (i == 77 ? 0 : i % 5 * in[i].size) && !data == !out[i].size);
        for (size_t j = 0; j < out[i].size; j++)
            if (data[j] != 3)
                CHECK(!"a byte is wrong");
        free((void *)(uintptr_t)data);
    }
    CHECK(pinfold_map_bytes(pool, repeat, NULL, NULL, NULL, 0, NULL) == 0);
    CHECK(pinfold_map_bytes(pool, repeat, NULL, in, NULL, 1, NULL) == PINFOLD_E_ARGUMENT);
}

const struct every_test stream_tests[] = {
    {"behaviour 5: a window bounds what is pulled, in order, at every window and chunk",
     .shared = in_order},
    {"behaviour 6: unordered it delivers the same set", .shared = unordered},
    {"behaviour 5: empty and short streams", .shared = lengths},
    {"behaviour 5: an endless stream is left early, ordered and unordered", .shared = endless},
    {"nobody can wait from inside pull and push", .shared = from_inside},
    {"out of time, what was finished was delivered", .shared = out_of_time},
    {"inputs that kill their worker fail alone, in their place", .shared = deaths},
    {"shared bytes reach every task", .shared = shared_bytes},
    {"nonsense is refused, and nothing is pulled", .shared = nonsense},
    {"a map over values of any size", .shared = any_sizes},
    {0},
};
