/* trial.c - see trial.h. */
#include "host/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Whoever handles signals in this program has no part in it, and no core is left behind. */
static void prepare(unsigned seconds)
{
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGXCPU};
    struct rlimit none = {0, 0}, time = {seconds, seconds};
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    for (unsigned i = 0; i < sizeof deadly / sizeof *deadly; i++)
        signal(deadly[i], SIG_DFL);
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_CPU, &time);
    if (null >= 0)
        dup2(null, STDERR_FILENO);
}

bool pf_trial_survives(void (*attempt)(void *data), void *data, unsigned seconds)
{
    pid_t pid = fork(), got;
    int status;

    if (pid < 0)
        return true;
    if (pid == 0) {
        prepare(seconds);
        attempt(data);
        _exit(0);
    }
    do
        got = waitpid(pid, &status, 0);
    while (got < 0 && errno == EINTR);
    return got < 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
