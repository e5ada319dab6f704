/* steps.c - what progress.sh looks at: STEPS tasks that take a while each, and one of them fails.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *     steps [PINFOLD'S OPTIONS] [STEPS [MILLISECONDS [MAPS]]]
 */
#include <pinfold_main.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

static int step(pinfold_task *task)
{
    poll(NULL, 0, *(const int *)pinfold_task_arg(task).data);
    if (pinfold_task_index(task) == 4)
        return pinfold_task_fail(task, 7, "the fifth fails");
    *(int *)pinfold_task_out(task, sizeof(int)) = 1;
    return 0;
}

static void failed(void *data, const struct pinfold_error *error)
{
    (void)data;
    pinfold_log_stderr(NULL, 'n', error->text);
}

static int drive(pinfold_pool *pool, int argc, char **argv)
{
    int steps = argc > 1 ? atoi(argv[1]) : 10, time = argc > 2 ? atoi(argv[2]) : 100;
    int maps = argc > 3 ? atoi(argv[3]) : 1, sum = 0;
    struct pinfold_call how = {.size = sizeof how, .chunk = 1, .failed = failed, .key = "steps"};
    int *in = calloc((size_t)steps + 1, sizeof *in), *out = calloc((size_t)steps + 1, sizeof *out);

    for (int i = 0; i < steps; i++)
        in[i] = time;
    while (maps-- > 0) {
        pinfold_map(pool, step, &how, in, sizeof *in, out, sizeof *out, (size_t)steps, NULL);
        for (int i = 0; i < steps; i++)
            sum += out[i], out[i] = 0;
        printf("%d\n", sum);
        fflush(stdout);
    }
    free(in);
    free(out);
    return 0;
}

PINFOLD_MAIN(drive)
