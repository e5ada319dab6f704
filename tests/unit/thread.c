/* The port of threads: work on all lanes, sleep, and threads that do not come back. */
#include "ports.h"

#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "port/thread.h"
#include "work/worker.h"

static atomic_int runs; /* of tasks that count */

static int id_of_thread(pinfold_task *task)
{
    *(int *)pinfold_task_out(task, sizeof(int)) = (int)syscall(SYS_gettid);
    return 0;
}

static int negate(pinfold_task *task)
{
    runs++;
    *(int *)pinfold_task_out(task, sizeof(int)) = -*(const int *)pinfold_task_arg(task).data;
    return 0;
}

/* Says "!" on the way in, and stays until it is let out. */
static sem_t inside, out;

static int stay(pinfold_task *task)
{
    runs++;
    sem_post(&inside);
    while (sem_wait(&out) != 0)
        ;
    *(int *)pinfold_task_out(task, sizeof(int)) = 1;
    return 0;
}

static int depth(pinfold_task *task)
{
    *(int *)pinfold_task_out(task, sizeof(int)) = 10 * pf_worker_depth() + pf_worker_threaded();
    return 0;
}

/* Bit 0: signals from outside are kept from it; bit 1: those that it causes are not. */
static int mask_of_signals(pinfold_task *task)
{
    sigset_t now;

    pthread_sigmask(SIG_BLOCK, NULL, &now);
    *(int *)pinfold_task_out(task, sizeof(int)) =
        (sigismember(&now, SIGINT) && sigismember(&now, SIGTERM) && sigismember(&now, SIGALRM)) +
        2 * !(sigismember(&now, SIGSEGV) || sigismember(&now, SIGFPE));
    return 0;
}

/* ---- */
static int entries(const char *path)
{
    DIR *folder = opendir(path);
    int n = 0;

    assert_non_null(folder);
    while (readdir(folder))
        n++;
    closedir(folder);
    return n;
}

static int threads(void)
{
    return entries("/proc/self/task");
}

static int descriptors(void)
{
    return entries("/proc/self/fd");
}

static void open_port(struct ear *ear, int lanes)
{
    memset(ear, 0, sizeof *ear);
    assert_int_equal(pf_thread_open(&ear->port, lanes, NULL), 0);
    assert_int_equal(ear->port->lanes, lanes);
}

static void close_port(struct ear *ear)
{
    ear->port->ops->close(ear->port);
}

/* What a function says on a lane. */
static int ask(struct ear *ear, int *at, int lane, pinfold_fn *fn)
{
    static uint64_t call = 1000;

    say_call(ear, lane, ++call, fn, sizeof(int), sizeof(int));
    say_batch(ear, lane, call, 0, 1, sizeof(int));
    expect(ear, at, lane, PF_RESULT, call, 0, 1);
    return ear->heard[*at - 1].value;
}

static void lanes__are_threads_of_their_own_one_deeper(void **state)
{
    struct ear ear;
    int ids[3], at = 0;

    (void)state;
    open_port(&ear, 3);
    for (int lane = 0; lane < 3; lane++) {
        ids[lane] = ask(&ear, &at, lane, id_of_thread);
        assert_int_not_equal(ids[lane], (int)syscall(SYS_gettid));
        for (int other = 0; other < lane; other++)
            assert_int_not_equal(ids[lane], ids[other]);
        assert_int_equal(ask(&ear, &at, lane, id_of_thread), ids[lane]);
        assert_int_equal(ask(&ear, &at, lane, depth), 21); /* the worker, and in it the task */
    }
    assert_int_equal(pf_worker_depth(), 0);
    assert_false(pf_worker_threaded());
    close_port(&ear);
}

static void signals__from_outside_are_the_drivers(void **state)
{
    sigset_t before, after;
    struct ear ear;
    int at = 0;

    (void)state;
    pthread_sigmask(SIG_BLOCK, NULL, &before);
    open_port(&ear, 1);
    pthread_sigmask(SIG_BLOCK, NULL, &after);
    assert_int_equal(sigismember(&after, SIGINT), sigismember(&before, SIGINT));
    assert_int_equal(ask(&ear, &at, 0, mask_of_signals), 3);
    close_port(&ear);
}

static void frames__go_up_and_down_in_order(void **state)
{
    enum { ROUNDS = 40, BATCHES = 3 };
    struct ear ear;
    uint64_t next[3] = {0};

    (void)state;
    open_port(&ear, 3);
    for (int lane = 0; lane < 3; lane++)
        say_call(&ear, lane, 1, negate, sizeof(int), sizeof(int));
    for (int round = 0; round < ROUNDS; round++) {
        int at = 0, left = 0;
        for (int lane = 0; lane < 3; lane++)
            for (uint64_t i = 0; i < BATCHES; i++, left += 2)
                say_batch(&ear, lane, 1, next[lane] + 2 * i, 2, sizeof(int));
        while (left > 0) {
            struct heard *heard = hear_next(&ear, &at);
            assert_int_equal(heard->kind, PF_RESULT);
            assert_int_equal(heard->first, next[heard->lane]);
            assert_int_equal(heard->value, -(int)heard->first);
            next[heard->lane] += heard->count;
            left -= (int)heard->count;
        }
        ear.n = 0;
    }
    for (int lane = 0; lane < 3; lane++)
        assert_int_equal(next[lane], 2 * BATCHES * ROUNDS);
    close_port(&ear);
}

static void frames__of_megabytes_are_one_frame(void **state)
{
    enum { SIZE = 3000000 };
    struct ear ear;
    int at = 0;

    (void)state;
    open_port(&ear, 1);
    say_call(&ear, 0, 1, negate, SIZE, SIZE);
    say_batch(&ear, 0, 1, 5, 1, SIZE);
    expect(&ear, &at, 0, PF_RESULT, 1, 5, 1);
    assert_int_equal(ear.heard[0].value, -5);
    close_port(&ear);
}

/* What is answered when the driver is about to sleep ends the sleep, and nothing else does. */
static void arm__lets_sleep_until_the_bell_is_rung(void **state)
{
    struct pf_nap nap = {.until = PF_NEVER};
    struct ear ear;
    int at = 0;

    (void)state;
    open_port(&ear, 2);
    assert_int_equal(ear.port->ops->poll(ear.port, ear_sink, &ear), 0);
    assert_false(ear.port->ops->arm(ear.port, &nap));
    assert_int_equal(nap.nfds, 1);
    assert_int_equal(poll(nap.fds, 1, 0), 0);
    say_call(&ear, 1, 1, negate, sizeof(int), sizeof(int));
    say_batch(&ear, 1, 1, 7, 1, sizeof(int));
    assert_int_equal(poll(nap.fds, 1, 30000), 1);
    expect(&ear, &at, 1, PF_RESULT, 1, 7, 1);
    assert_int_equal(poll(nap.fds, 1, 0), 0); /* it was taken note of */
    say_batch(&ear, 1, 1, 8, 1, sizeof(int));
    expect(&ear, &at, 1, PF_RESULT, 1, 8, 1); /* not armed: without the bell */
    close_port(&ear);
}

static int64_t cpu_time(void)
{
    struct rusage use;

    getrusage(RUSAGE_SELF, &use);
    return (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * PF_S +
           (use.ru_utime.tv_usec + use.ru_stime.tv_usec) * PF_US;
}

static void idle_threads__burn_no_time(void **state)
{
    struct ear ear;
    int64_t before;
    int at = 0;

    (void)state;
    open_port(&ear, 4);
    for (int lane = 0; lane < 4; lane++)
        ask(&ear, &at, lane, id_of_thread);
    before = cpu_time();
    for (int i = 0; i < 3; i++) {
        struct pf_nap nap = {.until = pf_now() + 100 * PF_MS};
        ear.port->ops->poll(ear.port, ear_sink, &ear);
        if (!ear.port->ops->arm(ear.port, &nap))
            pf_nap_take(&nap);
    }
    assert_true(cpu_time() - before < 50 * PF_MS);
    close_port(&ear);
}

static void workers__are_never_lost_alone(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct ear ear;

    (void)state;
    open_port(&ear, 1);
    assert_int_equal(ear.port->ops->revive(ear.port, 0, &err), PINFOLD_E_UNSUPPORTED);
    close_port(&ear);
}

static void stop__is_answered_with_bye(void **state)
{
    struct ear ear;
    int at = 0;

    (void)state;
    open_port(&ear, 1);
    say_stop(&ear, 0);
    expect(&ear, &at, 0, PF_BYE, 0, 0, 0);
    close_port(&ear);
}

static void close__ends_threads_that_were_told_nothing_and_leaves_nothing(void **state)
{
    int before = threads(), files = descriptors();
    struct ear ear;

    (void)state;
    open_port(&ear, 5);
    assert_int_equal(threads(), before + 5);
    close_port(&ear);
    eventually(threads() == before); /* the kernel is a moment behind pthread_join */
    assert_int_equal(descriptors(), files);
}

/* The first of two lanes stays in its task, with more to do, an init's finish owed or not: it is
 * left behind, and what it comes back to is not there, and not missed. */
static void close__leaves_a_thread_behind_that_comes_back_to_nothing(void **state)
{
    int before = threads(), files = descriptors(), at = 0;
    struct ear ear;

    (void)state;
    runs = 0;
    open_port(&ear, 2);
    say_call(&ear, 0, 1, stay, sizeof(int), sizeof(int));
    say_batch(&ear, 0, 1, 0, 3, sizeof(int)); /* more items of the same batch, */
    say_batch(&ear, 0, 1, 3, 3, sizeof(int)); /* and more batches */
    ask(&ear, &at, 1, id_of_thread);
    sem_wait(&inside);
    say_stop(&ear, 0);
    assert_false(ear.port->ops->kill(ear.port, 0));
    close_port(&ear);
    assert_int_equal(runs, 1);
    eventually(threads() == before + 1);
    memset(&ear, 0xA5, sizeof ear);
    sem_post(&out); /* one more item of the batch may be begun: it has not looked up from it */
    sem_post(&out);
    sem_post(&out);
    eventually(threads() == before);
    assert_true(runs <= 3); /* the second batch is not run */
    assert_int_equal(descriptors(), files);
}

static int set_up(void **state)
{
    (void)state;
    return sem_init(&inside, 0, 0) || sem_init(&out, 0, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, set_up)
    const struct CMUnitTest tests[] = {
        TEST(lanes__are_threads_of_their_own_one_deeper),
        TEST(signals__from_outside_are_the_drivers),
        TEST(frames__go_up_and_down_in_order),
        TEST(frames__of_megabytes_are_one_frame),
        TEST(arm__lets_sleep_until_the_bell_is_rung),
        TEST(idle_threads__burn_no_time),
        TEST(workers__are_never_lost_alone),
        TEST(stop__is_answered_with_bye),
        TEST(close__ends_threads_that_were_told_nothing_and_leaves_nothing),
        TEST(close__leaves_a_thread_behind_that_comes_back_to_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
