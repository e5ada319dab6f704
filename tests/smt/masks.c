/* masks.c - prints who each worker is said to be bound to, and what the kernel says.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One line for each worker, columns separated by tabs:
 *
 *     worker  cpus  proc  task  host  rank
 *
 * `cpus` is what the pool reports; `proc` is Cpus_allowed_list of /proc/PID/status, read by the
 * driver while the worker waits ("-" on another host); `task` is the same of the thread that
 * runs tasks, read by a task. The kernel's "0-1,4" is written as "0,1,4".
 */
#include <pinfold_main.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct mask {
    char cpus[2048];
};

/* What `path` has as Cpus_allowed_list, ranges written out. Empty when it cannot be read. */
static void read_mask(const char *path, struct mask *mask)
{
    char line[4096];
    FILE *f = fopen(path, "r");

    mask->cpus[0] = '\0';
    if (f == NULL)
        return;
    while (fgets(line, sizeof line, f) != NULL) {
        size_t used = 0;
        char *at;

        if (strncmp(line, "Cpus_allowed_list:", 18) != 0)
            continue;
        for (at = line + 18; *at == ' ' || *at == '\t' || *at == ',';) {
            long first = strtol(at + 1, &at, 10), last = first;

            if (*at == '-')
                last = strtol(at + 1, &at, 10);
            for (; first <= last && used < sizeof mask->cpus - 16; first++)
                used += (size_t)snprintf(mask->cpus + used, 16, used ? ",%ld" : "%ld", first);
        }
        break;
    }
    fclose(f);
}

struct seen {
    int worker;
    struct mask mask;
};

static int look(pinfold_task *task)
{
    struct seen *seen = pinfold_task_out(task, sizeof *seen);

    seen->worker = pinfold_task_worker(task)->number;
    read_mask("/proc/thread-self/status", &seen->mask);
    return 0;
}

static int drive(pinfold_pool *pool, int argc, char **argv)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pinfold_call how = {.size = sizeof how, .chunk = 1};
    int n = pinfold_pool_workers(pool), missing = n;
    struct seen *out = calloc((size_t)n, sizeof *out);
    struct mask *task = calloc((size_t)n, sizeof *task);
    char here[256] = "";

    (void)argv;
    if (argc > 1 || out == NULL || task == NULL) {
        fputs("masks: takes no arguments\n", stderr);
        free(out);
        free(task);
        return 2;
    }
    /* Who takes an item is the pool's affair, so ask until everybody has answered. */
    for (int round = 0; round < 1000 && missing > 0; round++) {
        if (pinfold_map(pool, look, &how, NULL, 0, out, sizeof *out, (size_t)n, &err) != 0) {
            fprintf(stderr, "masks: %s\n", err.text);
            break;
        }
        for (int i = 0; i < n; i++) {
            struct mask *m = &task[out[i].worker];

            missing -= m->cpus[0] == '\0' && out[i].mask.cpus[0] != '\0';
            *m = out[i].mask;
        }
    }
    gethostname(here, sizeof here - 1);
    puts("worker\tcpus\tproc\ttask\thost\trank");
    for (int i = 0; i < n; i++) {
        struct pinfold_worker w = {.size = sizeof w};
        struct mask proc = {"-"};
        char path[64];

        if (pinfold_pool_worker(pool, i, &w) != 0)
            continue;
        if (strcmp(w.host, here) == 0) {
            snprintf(path, sizeof path, "/proc/%lld/status", (long long)w.pid);
            read_mask(path, &proc);
        }
        printf("%d\t%s\t%s\t%s\t%s\t%d\n", w.number, w.cpus, proc.cpus,
               task[i].cpus[0] ? task[i].cpus : "-", w.host, w.rank);
    }
    free(out);
    free(task);
    return missing > 0;
}

PINFOLD_MAIN(drive)
