/* Maps whose results become one. SPDX-License-Identifier: BSD-3-Clause */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "every.h"

/* 1 / (i + 1): a sum whose last bits depend on the order of the additions. */
static int harmonic(pinfold_task *task)
{
    *(double *)pinfold_task_out(task, sizeof(double)) =
        1.0 / (double)(pinfold_task_index(task) + 1);
    return 0;
}

static void add(void *into, const void *other, pinfold_bytes shared)
{
    (void)shared;
    *(double *)into += *(const double *)other;
}

/* The same along the tree, without a pool: items first .. first + size - 1, as far as n goes. */
static double along_the_tree(size_t first, size_t size, size_t n)
{
    double left;

    if (size == 1)
        return 1.0 / (double)(first + 1);
    left = along_the_tree(first, size / 2, n);
    return first + size / 2 < n ? left + along_the_tree(first + size / 2, size / 2, n) : left;
}

static void same_bits(pinfold_pool *pool)
{
    static const size_t lengths[] = {1, 2, 3, 4, 5, 6, 7, 8, 63, 64, 65, 1000, 4097, 100000};
    static const size_t chunks[] = {0, 1, 3, 64, 100, 5000};

    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++)
        for (size_t c = 0; c < sizeof chunks / sizeof *chunks; c++) {
            struct pinfold_call how = {.size = sizeof how, .chunk = chunks[c]};
            struct pinfold_error err = PINFOLD_ERROR_INIT;
            double sum = -1, expected = along_the_tree(0, 1u << 17, lengths[l]);
            if (lengths[l] > 5000 && chunks[c] == 1)
                continue;
            CHECK(pinfold_map_reduce(pool, harmonic, add, &how, NULL, 0, &sum, sizeof sum,
                                     lengths[l], &err) == 0);
            CHECK(memcmp(&sum, &expected, sizeof sum) == 0);
        }
}

/* Strings are not numbers: the order must hold, and nothing be left out or taken twice. */
struct words {
    char text[1500];
};

static int word(pinfold_task *task)
{
    struct words *words = pinfold_task_out(task, sizeof *words);

    words->text[0] = (char)('a' + *(const int *)pinfold_task_arg(task).data);
    if (pinfold_task_index(task) % 50 == 0)
        every_spin(200e-6);
    return 0;
}

static void append(void *into, const void *other, pinfold_bytes shared)
{
    struct words *words = into;
    size_t length = strlen(words->text), longest = sizeof words->text - 1;
    const char *more = ((const struct words *)other)->text;

    if (length + strlen(more) <= longest && memcmp(shared.data, "abc", 4) == 0)
        strcpy(words->text + length, more);
}

static void in_order(pinfold_pool *pool)
{
    enum { N = 1001 };
    struct pinfold_call how = {.size = sizeof how, .shared = {"abc", 4}};
    static struct words words;
    int in[N];

    for (int i = 0; i < N; i++)
        in[i] = i * 7 % 26;
    for (how.chunk = 0; how.chunk < 40; how.chunk += 13) {
        CHECK(pinfold_map_reduce(pool, word, append, &how, in, sizeof *in, &words, sizeof words, N,
                                 NULL) == 0);
        CHECK(strlen(words.text) == N);
        for (int i = 0; i < N; i++)
            if (words.text[i] != 'a' + in[i]) {
                CHECK(!"a letter is out of its place");
                break;
            }
    }
}

static int sometimes(pinfold_task *task)
{
    if (pinfold_task_index(task) % 1000 == 321)
        return pinfold_task_fail(task, 6, "item %zu", pinfold_task_index(task));
    return harmonic(task);
}

static void failures(pinfold_pool *pool)
{
    enum { N = 3000 };
    static int codes[N];
    struct pinfold_call how = {.size = sizeof how, .codes = codes};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    double sum = 77;

    CHECK(pinfold_map_reduce(pool, sometimes, add, &how, NULL, 0, &sum, sizeof sum, N, &err) == 6);
    CHECK(err.index == 321 && strcmp(err.text, "item 321") == 0 && sum == 77);
    for (int i = 0; i < N; i++)
        CHECK(codes[i] == (i % 1000 == 321 ? 6 : 0));
}

/* Each of these dies once. The counters tell it. */
static int dies_once(pinfold_task *task)
{
    size_t i = pinfold_task_index(task);

    if (i % 500 == 123 && every_isolated(pinfold_task_worker(task)) && every_counts[i]++ == 0)
        kill(getpid(), SIGKILL);
    return harmonic(task);
}

static void deaths(pinfold_pool *pool)
{
    enum { N = 2000 };
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    double sum = 77, expected = along_the_tree(0, 2048, N);
    int code;

    every_clear();
    code = pinfold_map_reduce(pool, dies_once, add, NULL, NULL, 0, &sum, sizeof sum, N, &err);
    /* One that died in a batch of many was run again by itself, and then went well; alone it has
     * failed. In both cases the others are right. */
    if (code == 0)
        CHECK(memcmp(&sum, &expected, sizeof sum) == 0);
    else
        CHECK(code == PINFOLD_E_TASK_SIGNAL && err.index % 500 == 123 && sum == 77);
}

static void nonsense(pinfold_pool *pool)
{
    double sum = 77;

    CHECK(pinfold_map_reduce(pool, NULL, add, NULL, NULL, 0, &sum, 8, 1, NULL) ==
          PINFOLD_E_ARGUMENT);
    CHECK(pinfold_map_reduce(pool, harmonic, NULL, NULL, NULL, 0, &sum, 8, 1, NULL) ==
          PINFOLD_E_ARGUMENT);
    CHECK(pinfold_map_reduce(pool, harmonic, add, NULL, NULL, 0, &sum, 0, 1, NULL) ==
          PINFOLD_E_ARGUMENT);
    CHECK(pinfold_map_reduce(pool, harmonic, add, NULL, NULL, 0, NULL, 8, 1, NULL) ==
          PINFOLD_E_ARGUMENT);
    CHECK(pinfold_map_reduce(pool, harmonic, add, NULL, NULL, 0, &sum, 8, 0, NULL) == 0);
    CHECK(sum == 77);
}

const struct every_test reduce_tests[] = {
    {"a floating-point sum is the same bits at every chunk", .shared = same_bits},
    {"results are combined in the order of the items", .shared = in_order},
    {"when items fail, the one with the lowest index is named", .shared = failures},
    {"when workers die, nothing is lost or taken twice", .shared = deaths},
    {"nonsense is refused; nothing is reduced to nothing", .shared = nonsense},
    {0},
};
