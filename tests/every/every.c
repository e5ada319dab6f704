/* every.c - see every.h: main, TAP, and what the tests share. SPDX-License-Identifier: BSD-3-Clause
 *
 *     every [--expect WORKERS] [PINFOLD'S OPTIONS] [NOUN...]
 */
#include "every.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const struct {
    const char *noun;
    const struct every_test *tests;
} nouns[] = {
    {"options", options_tests},
    {"map", map_tests},
    {"errors", errors_tests},
    {"range", range_tests},
    {"shared", shared_tests},
    {"large", large_tests},
    {"memory", memory_tests},
    {"wake", wake_tests},
    {"identity", identity_tests},
    {"nest", nest_tests},
    {"module", module_tests},
    {"timeout", timeout_tests},
    {"crash", crash_tests},
    {"init", init_tests},
    {"pools", pools_tests},
    {"submit", submit_tests},
    {"future", future_tests},
    {"group", group_tests},
    {"random", random_tests},
    {"stop", stop_tests},
    {"stream", stream_tests},
    {"reduce", reduce_tests},
    {"wish", wish_tests},
    {"family", family_tests},
    {"progress", progress_tests},
    {"term", term_tests},
    {"early", early_tests},
    {"behaviour", behaviour_tests},
    {"cost", cost_tests},
    {"limit", limit_tests},
    {"retry", retry_tests},
    {"memory_limit", memory_limit_tests},
    {"journal", journal_tests},
};
#define NOUNS (sizeof nouns / sizeof *nouns)

struct pinfold_options every_options = {.size = sizeof every_options};
bool every_inline, every_threads, every_ranks;
int every_workers;
_Atomic int *every_counts;

static bool driver, failed;
static int count, not_ok, warnings;
static const char *skipped;
static char warning[1024];

bool every_check(bool condition, const char *text, const char *file, int line)
{
    const char *slash = strrchr(file, '/');

    if (condition)
        return true;
    if (!driver) {
        fprintf(stderr, "%s:%d, on a rank that is not the driver: %s\n", file, line, text);
        abort(); /* nobody counts tests there */
    }
    printf("# %s:%d: not so: %s\n", slash ? slash + 1 : file, line, text);
    failed = true;
    return false;
}

void every_skip(const char *why)
{
    skipped = why;
}

static void tell(const char *noun, const char *name)
{
    if (!driver)
        return;
    count++;
    not_ok += failed;
    printf("%s %d - %s: %s", failed ? "not ok" : "ok", count, noun, name);
    printf(skipped && !failed ? " # SKIP %s\n" : "\n", skipped);
    fflush(stdout);
    failed = false;
    skipped = NULL;
    every_clear(); /* other ranks are in the next open, or about to be */
}

static void hear(void *data, char level, const char *text)
{
    (void)data;
    if (level != 'w')
        return;
    warnings++;
    snprintf(warning, sizeof warning, "%s", text);
}

int every_warnings(const char **text)
{
    int n = warnings;

    warnings = 0;
    if (text)
        *text = warning;
    return n;
}

pinfold_pool *every_open(const struct pinfold_options *options)
{
    pinfold_pool *pool = NULL;
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    if (!CHECK(pinfold_pool_open(&pool, options, &err) == 0))
        fprintf(stderr, "every: %s\n", err.text);
    CHECK(driver == (pool != NULL));
    return pool;
}

void every_close(pinfold_pool *pool)
{
    CHECK(pinfold_pool_close(pool) == 0);
}

void every_refuse(const struct pinfold_options *options, int code, struct pinfold_error *err)
{
    struct pinfold_error own = PINFOLD_ERROR_INIT;
    pinfold_pool *pool = (pinfold_pool *)&own; /* not NULL: open has to set it */
    int got;

    err = err ? err : &own;
    got = pinfold_pool_open(&pool, options, err);
    if (!CHECK(got == code))
        fprintf(stderr, "every: %d, not %d: %s\n", got, code, err->text);
    CHECK(pool == NULL);
    CHECK(err->code == code);
    CHECK(err->text[0] && !strchr(err->text, '\n'));
}

bool every_isolated(const struct pinfold_worker *worker)
{
    if (every_ranks)
        return worker->rank == 0 || !every_options.isolate ||
               strcmp(every_options.isolate, "on") == 0;
    return !every_inline && !every_threads;
}

void every_clear(void)
{
    for (int i = 0; i < EVERY_COUNTS; i++)
        every_counts[i] = 0;
}

/* A file, for the ranks; else memory that processes inherit. */
static void map_counts(void)
{
    size_t size = EVERY_COUNTS * sizeof *every_counts;
    const char *path = getenv("EVERY_COUNTS");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;

    every_counts =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
    if (every_counts == MAP_FAILED) {
        perror("every: counts");
        exit(1);
    }
    if (fd >= 0)
        close(fd);
}

double every_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double every_patience(double seconds)
{
    const char *text = getenv("PINFOLD_TEST_PATIENCE");
    double times = text ? atof(text) : 1;

    return times > 1 ? times * seconds : seconds;
}

void every_spin(double seconds)
{
    double end = every_now() + seconds;

    while (every_now() < end)
        ;
}

bool every_cancelled(pinfold_task *task, double seconds)
{
    double end = every_now() + every_patience(seconds);

    while (!pinfold_task_cancelled(task))
        if (every_now() > end)
            return false;
    return true;
}

int every_square(pinfold_task *task)
{
    const int64_t *x = pinfold_task_arg(task).data;

    *(int64_t *)pinfold_task_out(task, sizeof *x) = *x * *x + (int64_t)pinfold_task_index(task);
    return 0;
}

bool every_squares(pinfold_pool *pool, const struct pinfold_call *how, size_t n)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int64_t *in = calloc(n + 1, sizeof *in), *out = calloc(n + 1, sizeof *out);
    bool good = in && out;

    for (size_t i = 0; good && i < n; i++)
        in[i] = (int64_t)(n - i) * 7 - 3, out[i] = -1;
    good = good &&
           pinfold_map(pool, every_square, how, in, sizeof *in, out, sizeof *out, n, &err) == 0;
    for (size_t i = 0; good && i < n; i++)
        good = out[i] == in[i] * in[i] + (int64_t)i;
    if (!good)
        printf("# squares of %zu items: %s\n", n, err.text);
    free(in);
    free(out);
    return good;
}

static bool is_word_of(const char *word, const char *list)
{
    size_t size = strlen(word);

    for (const char *at = list; at && (at = strstr(at, word)); at += size)
        if ((at == list || at[-1] == ' ') && (at[size] == ' ' || !at[size]))
            return true;
    return false;
}

/* EVERY_LESS names nouns that take long, and that another way has shown. */
static bool wanted(const char *noun, int argc, char **argv)
{
    bool none = true;

    for (int i = 1; i < argc; i++) {
        none = false;
        if (strcmp(argv[i], noun) == 0)
            return true;
    }
    return none && !is_word_of(noun, getenv("EVERY_LESS"));
}

static void no_warnings(const char *noun)
{
    if (!driver)
        return;
    CHECK(every_warnings(NULL) == 0);
    if (failed)
        printf("# %s\n", warning);
    tell(noun, "no warning that was not asked for");
}

/* All nouns twice: first over the shared pool, then alone. */
static void run_all(int argc, char **argv)
{
    pinfold_pool *pool = every_open(&every_options);

    for (size_t i = 0; pool && i < NOUNS; i++)
        for (const struct every_test *test = nouns[i].tests; test->name; test++)
            if (test->shared && wanted(nouns[i].noun, argc, argv)) {
                test->shared(pool);
                tell(nouns[i].noun, test->name);
            }
    every_close(pool);
    no_warnings("shared");
    for (size_t i = 0; i < NOUNS; i++)
        for (const struct every_test *test = nouns[i].tests; test->name; test++)
            if (test->alone && wanted(nouns[i].noun, argc, argv)) {
                test->alone();
                tell(nouns[i].noun, test->name);
            }
    no_warnings("alone");
}

static void after_the_end(void)
{
    every_refuse(&every_options, PINFOLD_E_OVER, NULL);
    tell("finalize", "there are no pools after it");
}

int main(int argc, char **argv)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    const char *backend;

    setvbuf(stdout, NULL, _IOLBF, 0);
    driver = pinfold_is_driver();
    every_options.log = hear;
    if (pinfold_options_parse(&every_options, &argc, argv, &err) != 0) {
        fprintf(stderr, "every: %s\n", err.text);
        return 1;
    }
    if (argc > 2 && strcmp(argv[1], "--expect") == 0) {
        every_workers = atoi(argv[2]);
        argc -= 2;
        argv += 2;
    }
    backend = every_options.backend ? every_options.backend : "";
    every_inline = strcmp(backend, "inline") == 0;
    every_threads = strcmp(backend, "threads") == 0;
    every_ranks = strcmp(backend, "mpi") == 0;
    map_counts();
    run_all(argc, argv);
    pinfold_finalize();
    after_the_end();
    if (driver)
        printf("1..%d\n", count);
    return not_ok > 0;
}
