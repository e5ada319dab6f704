/* watchdog.c - see watchdog.h. */
#include "base/watchdog.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

static void *watch(void *arg)
{
    struct pf_watchdog *dog = arg;
    struct timespec until = {dog->deadline / PF_S, dog->deadline % PF_S};
    int status = 0;

    pthread_mutex_lock(&dog->lock);
    while (!dog->off && status != ETIMEDOUT)
        status = pthread_cond_timedwait(&dog->called_off, &dog->lock, &until);
    if (!dog->off) {
        dprintf(STDERR_FILENO, "%s: %s\n", program_invocation_short_name, dog->text);
        _exit(PF_WATCHDOG_STATUS);
    }
    pthread_mutex_unlock(&dog->lock);
    return NULL;
}

void pf_watchdog_start(struct pf_watchdog *dog, int64_t deadline, const char *text)
{
    pthread_condattr_t monotonic;
    sigset_t all, before;

    *dog = (struct pf_watchdog){.deadline = deadline, .text = text};
    if (deadline == PF_NEVER)
        return;
    pthread_mutex_init(&dog->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&dog->called_off, &monotonic);
    pthread_condattr_destroy(&monotonic);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    dog->running = pthread_create(&dog->thread, NULL, watch, dog) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void pf_watchdog_stop(struct pf_watchdog *dog)
{
    if (!dog->running)
        return;
    pthread_mutex_lock(&dog->lock);
    dog->off = true;
    pthread_cond_signal(&dog->called_off);
    pthread_mutex_unlock(&dog->lock);
    pthread_join(dog->thread, NULL);
    pthread_cond_destroy(&dog->called_off);
    pthread_mutex_destroy(&dog->lock);
    dog->running = false;
}
