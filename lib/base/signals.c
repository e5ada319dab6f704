/* signals.c - see signals.h.
 *
 * A signal is the process's, and so are these: the handler counts, and rings a bell that all pools
 * sleep on. The bell is never closed, since a handler may be about to ring it in another thread. */
#include "base/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/standard.h"

static const int signals[] = {SIGUSR1, SIGUSR2};
#define SIGNALS (int)(sizeof signals / sizeof *signals)

/* A process fact (HACKING.md). */
static struct {
    atomic_bool early, status;
    atomic_int bell; /* and 1, so that 0 is none */
    int taken;
    struct sigaction before[SIGNALS];
} here;

bool pf_signals_untouched(void)
{
    for (int i = 0; i < SIGNALS; i++) {
        struct sigaction now;
        if (sigaction(signals[i], NULL, &now) != 0 || now.sa_handler != SIG_DFL)
            return false;
    }
    return true;
}

static void handle(int signal)
{
    uint64_t one = 1;
    int saved = errno;

    atomic_store(signal == SIGUSR1 ? &here.early : &here.status, true);
    ssize_t ignored = write(atomic_load(&here.bell) - 1, &one, sizeof one);
    (void)ignored;
    errno = saved;
}

void pf_signals_take(void)
{
    struct sigaction ours = {.sa_handler = handle, .sa_flags = SA_RESTART};

    if (here.taken++ > 0)
        return;
    pf_standard_fill();
    if (!atomic_load(&here.bell)) /* without one, they are noticed later */
        atomic_store(&here.bell, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) + 1);
    sigemptyset(&ours.sa_mask);
    for (int i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &ours, &here.before[i]);
}

void pf_signals_release(void)
{
    if (here.taken == 0 || --here.taken > 0)
        return;
    for (int i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &here.before[i], NULL);
}

bool pf_signals_taken(void)
{
    return here.taken > 0;
}

static void nothing(int signal)
{
    (void)signal;
}

void pf_signals_bear(void)
{
    struct sigaction ours = {.sa_handler = nothing, .sa_flags = SA_RESTART};

    sigemptyset(&ours.sa_mask);
    for (int i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &ours, NULL);
}

bool pf_signals_early(void)
{
    return atomic_load(&here.early);
}

bool pf_signals_status(void)
{
    return atomic_exchange(&here.status, false);
}

int pf_signals_bell(void)
{
    return atomic_load(&here.bell) - 1;
}

void pf_signals_quiet(void)
{
    uint64_t rings;
    ssize_t ignored = read(pf_signals_bell(), &rings, sizeof rings); /* EAGAIN: it did not ring */

    (void)ignored;
}
