/* zygote.c - see zygote.h. */
#include "work/zygote.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/bind.h"
#include "work/cell.h"
#include "work/preload.h"

/* The one in the middle tells the cell's pid and is gone; the cell begins when the nurse is its
 * parent. That comes right after the other's exit, hence no more than a yield between looks.
 *
 * A preload may have SIGCHLD ignored. The one in the middle may not: should the cell die while it
 * is still its child, nobody would ever hear of it. */
static void fork_cell(int socket, const int fds[PF_DUCT_FDS], pid_t nurse)
{
    pid_t middle = fork(), got;
    int status = 0;

    if (middle == 0) {
        struct pf_zygote_answer answer = {.what = PF_ZYGOTE_CELL};
        struct sigaction plain = {.sa_handler = SIG_DFL}, loaded;
        pid_t self = getpid();
        sigaction(SIGCHLD, &plain, &loaded);
        answer.pid = fork();
        if (answer.pid == 0) {
            sigaction(SIGCHLD, &loaded, NULL);
            prctl(PR_SET_NAME, "pinfold-cell");
            close(socket);
            while (getppid() == self)
                sched_yield();
            pf_cell_run(fds, nurse); /* which ends if the parent is another one than that */
        }
        if (answer.pid > 0 && pf_send(socket, &answer, sizeof answer, NULL, 0) != 1)
            kill((pid_t)answer.pid, SIGKILL); /* nobody will know of it */
        _exit(answer.pid > 0 ? 0 : 1);
    }
    if (middle < 0)
        _exit(1); /* the nurse makes another zygote, a limited number of times */
    do
        got = waitpid(middle, &status, 0);
    while (got < 0 && errno == EINTR);
    if (got == middle && status != 0) /* ECHILD: what preload set up for signals took it */
        _exit(1);
}

_Noreturn void pf_zygote_run(int socket, const struct pf_order *order, int preload, pid_t nurse)
{
    struct pf_zygote_answer first = {.what = PF_ZYGOTE_READY};

    prctl(PR_SET_NAME, "pinfold-zygote");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != nurse)
        _exit(1);
    setpgid(0, 0);
    if (order->bound)
        pf_bind_apply(&order->cpus); /* refused: the cell will say so */
    if (pf_preload_run(preload, first.text, sizeof first.text) != 0)
        first.what = PF_ZYGOTE_FAILED;
    pf_send(socket, &first, sizeof first, NULL, 0);
    if (first.what == PF_ZYGOTE_FAILED)
        _exit(1);
    close(preload);
    fflush(NULL);
    for (;;) {
        struct pf_order next;
        struct pollfd readable = {.fd = socket, .events = POLLIN};
        int fds[PF_DUCT_FDS];
        int got;

        poll(&readable, 1, -1);
        got = pf_receive(socket, &next, sizeof next, fds, PF_DUCT_FDS);
        if (got < 0)
            _exit(0);
        if (got == 0)
            continue;
        fork_cell(socket, fds, nurse);
        for (int i = 0; i < PF_DUCT_FDS; i++)
            close(fds[i]);
    }
}
