/* Poll, wake, and signals that arrive at the driver. SPDX-License-Identifier: BSD-3-Clause */
#include <math.h>
#include <signal.h>
#include <sys/time.h>

#include "every.h"

static void poll_waits(pinfold_pool *pool)
{
    double start = every_now();

    CHECK(pinfold_poll(pool, 0) == 0);
    CHECK(every_now() - start < every_patience(2));
    start = every_now();
    CHECK(pinfold_poll(pool, 0.05) == 0);
    CHECK(every_now() - start >= 0.05);
    CHECK(pinfold_poll(pool, -1) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_poll(pool, (double)NAN) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_poll(NULL, 0) == PINFOLD_E_ARGUMENT);
}

static void wake_before_poll(pinfold_pool *pool)
{
    double start = every_now();

    pinfold_pool_wake(pool);
    pinfold_pool_wake(pool);
    CHECK(pinfold_poll(pool, 60) == 0);
    CHECK(every_now() - start < every_patience(10));
    start = every_now();
    CHECK(pinfold_poll(pool, 0.02) == 0);
    CHECK(every_now() - start >= 0.02); /* both wakes were one */
    pinfold_pool_wake(NULL);
}

static pinfold_pool *to_wake;
static volatile sig_atomic_t alarms;

static void on_alarm(int signal)
{
    (void)signal;
    alarms++;
    if (to_wake)
        pinfold_pool_wake(to_wake);
}

static void alarms_every(long first_us, long then_us, pinfold_pool *pool)
{
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval timer = {{0, then_us}, {0, first_us}};

    to_wake = pool;
    alarms = 0;
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void quiet(void)
{
    setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 0}}, NULL);
    to_wake = NULL;
    signal(SIGALRM, SIG_DFL);
}

static void wake_from_a_handler(pinfold_pool *pool)
{
    double start = every_now();

    alarms_every(50000, 0, pool);
    CHECK(pinfold_poll(pool, 60) == 0);
    CHECK(alarms == 1);
    CHECK(every_now() - start < every_patience(10));
    quiet();
}

/* Every system call of the driver is interrupted. */
static void signals_do_no_harm(pinfold_pool *pool)
{
    alarms_every(500, 500, pool);
    for (int i = 0; i < 20; i++)
        CHECK(every_squares(pool, NULL, 5000));
    CHECK(alarms > 0);
    quiet();
    pinfold_poll(pool, 0); /* the wake that is left */
    CHECK(every_squares(pool, NULL, 100));
}

const struct every_test wake_tests[] = {
    {"poll waits as long as it was told to", poll_waits, NULL},
    {"a wake before the poll counts, once", wake_before_poll, NULL},
    {"a signal handler wakes it", wake_from_a_handler, NULL},
    {"a map survives a rain of signals and wakes", signals_do_no_harm, NULL},
    {NULL, NULL, NULL},
};
