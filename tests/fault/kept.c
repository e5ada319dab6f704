/* A map with a journal, which may be killed and started again. SPDX-License-Identifier: BSD-3-Clause
 *
 * FAULT_RAN names a file to which each task that has run appends its item.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "fault.h"

enum { N = 400 };

static int runs_and_says_so(pinfold_task *task)
{
    const char *ran = getenv("FAULT_RAN");
    size_t item = pinfold_task_index(task);
    double end = fault_now() + 0.004;
    char line[32];
    int fd, n;

    while (fault_now() < end)
        ;
    *(size_t *)pinfold_task_out(task, sizeof item) = item * item + 1;
    fd = ran ? open(ran, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
    n = snprintf(line, sizeof line, "%zu\n", item);
    if (fd < 0 || write(fd, line, (size_t)n) != n)
        return 5;
    close(fd);
    return 0;
}

int fault_kept(pinfold_pool *pool, struct pinfold_options *options)
{
    static size_t out[N];
    struct pinfold_call how = {.size = sizeof how, .key = "kept"};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int wrong = 0, code;

    (void)options;
    code = pinfold_map(pool, runs_and_says_so, &how, NULL, 0, out, sizeof *out, N, &err);
    fault_tell("map", code, &err);
    for (size_t i = 0; i < N; i++)
        wrong += out[i] != i * i + 1 && (code == 0 || out[i] != 0);
    printf("wrong %d\n", wrong);
    return pinfold_pool_close(pool) != 0 || wrong || code != 0;
}
