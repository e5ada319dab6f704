/* unit.h - what the unit tests share. */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "pinfold.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* Looks again and again until the condition holds. Where it never does, the test has failed. */
#define eventually(condition)                                                                      \
    do {                                                                                           \
        int64_t eventually_ = pf_now() + 30 * PF_S;                                                \
        while (!(condition)) {                                                                     \
            assert_true(pf_now() < eventually_);                                                   \
            poll(NULL, 0, 1);                                                                      \
        }                                                                                          \
    } while (0)

/* A forked child that does not outlive the test. 0 in the child. */
static inline pid_t fork_child(void)
{
    pid_t parent = getpid(), pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(99);
    }
    return pid;
}

/* Repeatable random numbers: below `n`. */
static inline uint64_t random_below(uint64_t *seed, uint64_t n)
{
    *seed ^= *seed << 13; /* Marsaglia's xorshift */
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return (*seed >> 11) % n;
}

#endif
