/* every.h - the conformance suite: what holds on every backend, seen through the public API alone.
 *
 * One program, started in every way that there is (inline.sh, processes.sh, ranks.sh, ...). It
 * prints TAP on the driver. A test is a sentence and a function, which is run either on the
 * driver, over one pool that all of these share (so that each also shows that the ones before it
 * left the pool in order); or on all ranks, to open pools of its own.
 */
#ifndef EVERY_H
#define EVERY_H

#include <pinfold.h>
#include <stdatomic.h>

struct every_test {
    const char *name;
    void (*shared)(pinfold_pool *pool); /* one of the two */
    void (*alone)(void);
};

extern const struct every_test behaviour_tests[], cost_tests[], crash_tests[], early_tests[],
    errors_tests[], family_tests[], future_tests[], group_tests[], identity_tests[], init_tests[],
    journal_tests[], large_tests[], limit_tests[], map_tests[], memory_tests[],
    memory_limit_tests[], module_tests[], nest_tests[], options_tests[], pools_tests[],
    progress_tests[], random_tests[], range_tests[], reduce_tests[], retry_tests[], shared_tests[],
    stop_tests[], stream_tests[], submit_tests[], term_tests[], timeout_tests[], wake_tests[],
    wish_tests[];

/* The test has failed, unless `condition`. Any rank. */
#define CHECK(condition) every_check(condition, #condition, __FILE__, __LINE__)
bool every_check(bool condition, const char *text, const char *file, int line);

/* The test shows nothing here, because of `why`. */
void every_skip(const char *why);

/* What the command line says; copy it, and add to it. */
extern struct pinfold_options every_options;
extern bool every_inline, every_threads, every_ranks; /* the backend; none: local processes */
extern int every_workers;                             /* how many there have to be */

/* Opens a pool that must open. NULL on ranks that have served. */
pinfold_pool *every_open(const struct pinfold_options *options);
void every_close(pinfold_pool *pool); /* must go well; NULL is allowed */

/* Opens a pool that must fail with this code, on every rank. */
void every_refuse(const struct pinfold_options *options, int code, struct pinfold_error *err);

/* Whether this worker's death costs no more than its task. */
bool every_isolated(const struct pinfold_worker *worker);

/* Counters that all workers of this node and the driver see. The driver clears them. */
#define EVERY_COUNTS 20000
extern _Atomic int *every_counts;
void every_clear(void);

/* Whether this build watches its memory or threads, and so takes more of both. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define EVERY_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define EVERY_SANITIZED true
#endif
#endif
#ifndef EVERY_SANITIZED
#define EVERY_SANITIZED false
#endif

/* Time, and deadlines that grow with the harness's patience. */
double every_now(void);
double every_patience(double seconds);
void every_spin(double seconds); /* works for as long as that */

/* How often the log was told a warning since the last call, and the last one's text. */
int every_warnings(const char **text);

/* In a task: waits until it is cancelled; false: so many seconds went by in vain. */
bool every_cancelled(pinfold_task *task, double seconds);

/* The work of many tests: out = in * in + index, on int64_t. */
int every_square(pinfold_task *task);
bool every_squares(pinfold_pool *pool, const struct pinfold_call *how, size_t n);

#endif
