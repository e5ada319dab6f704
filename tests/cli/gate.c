/* gate.c - what early.sh and template.sh look at: N tasks, which wait at a gate.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 *     gate [PINFOLD'S OPTIONS] FOLDER N [COMMAND]
 *
 * Each task that is not done yet (FOLDER/done.I) makes FOLDER/begun.I, waits until FOLDER/open is there
 * or a minute has passed, runs COMMAND if there is one, and makes done.I: so it goes on where it left
 * off. Prints how many are done, and ends with 5 if that is not all.
 */
#include <fcntl.h>
#include <pinfold_main.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool there(const char *folder, const char *name, int number)
{
    char path[4096];

    snprintf(path, sizeof path, number < 0 ? "%s/%s" : "%s/%s.%d", folder, name, number);
    return access(path, F_OK) == 0;
}

static void make(const char *folder, const char *name, int number)
{
    char path[4096];
    int fd;

    snprintf(path, sizeof path, "%s/%s.%d", folder, name, number);
    fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
}

/* A signal that does nothing may come all the same. */
static int pass(pinfold_task *task)
{
    const char *folder = pinfold_task_shared(task).data, *command = folder + strlen(folder) + 1;
    int number = (int)pinfold_task_index(task);

    if (there(folder, "done", number))
        return 0;
    make(folder, "begun", number);
    for (int i = 0; i < 6000 && !there(folder, "open", -1); i++)
        poll(NULL, 0, 10);
    if (*command && system(command) != 0)
        return pinfold_task_fail(task, 1, "%s fails", command);
    make(folder, "done", number);
    return 0;
}

static int drive(pinfold_pool *pool, int argc, char **argv)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pinfold_call how = {.size = sizeof how, .chunk = 2};
    size_t folder = strlen(argv[1]) + 1, command = argc > 3 ? strlen(argv[3]) + 1 : 1;
    int n = atoi(argv[2]), done = 0;
    char *shared = calloc(1, folder + command);

    memcpy(shared, argv[1], folder);
    memcpy(shared + folder, argc > 3 ? argv[3] : "", command);
    how.shared = (pinfold_bytes){shared, folder + command};
    if (pinfold_map(pool, pass, &how, NULL, 0, NULL, 0, (size_t)n, &err) != 0)
        fprintf(stderr, "gate: %s\n", err.text);
    for (int i = 0; i < n; i++)
        done += there(argv[1], "done", i);
    printf("%d\n", done);
    free(shared);
    return done < n ? 5 : 0;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    return pinfold_main(argc, argv, "gate FOLDER N [COMMAND]", NULL, drive);
}
