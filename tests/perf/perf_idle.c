/* perf_idle [--seconds S] [POOL OPTION...]: what share of a core a pool takes while nothing is
 * to be done and the driver sits in pinfold_poll: the driver's process by itself; and the worst
 * of the ranks, each with its helper and worker processes. Ranks of this node only.
 * SPDX-License-Identifier: BSD-3-Clause */
#include "pool.h"

#include <dirent.h>
#include <limits.h>
#include <unistd.h>

enum { MOST = 4096 };

struct process {
    pid_t pid, parent;
    double cpu;
};

static int parent_of(pid_t pid)
{
    char path[64], line[512], *end;
    int parent = 0;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return 0;
    /* The name, in parentheses, may hold anything. */
    if (fgets(line, sizeof line, file) != NULL && (end = strrchr(line, ')')) != NULL)
        sscanf(end + 1, " %*c %d", &parent);
    fclose(file);
    return parent;
}

/* All processes that run this program, with the CPU time that they have taken so far. */
static int look(struct process *found)
{
    char path[64], mine[PATH_MAX], other[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", mine, sizeof mine);
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    int n = 0;

    while (proc != NULL && n < MOST && (entry = readdir(proc)) != NULL) {
        pid_t pid = (pid_t)atoi(entry->d_name);
        clockid_t clock;
        if (pid <= 0)
            continue;
        snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
        if (readlink(path, other, sizeof other) != size || memcmp(mine, other, (size_t)size) != 0 ||
            clock_getcpuclockid(pid, &clock) != 0)
            continue;
        found[n++] = (struct process){pid, parent_of(pid), perf_clock(clock)};
    }
    if (proc != NULL)
        closedir(proc);
    return n;
}

static const struct process *find(const struct process *in, int n, pid_t pid)
{
    for (int i = 0; i < n; i++)
        if (in[i].pid == pid)
            return &in[i];
    return NULL;
}

/* The rank that a process belongs to: its outermost ancestor that runs this program too. */
static pid_t rank_of(const struct process *all, int n, const struct process *one)
{
    const struct process *up;
    while ((up = find(all, n, one->parent)) != NULL)
        one = up;
    return one->pid;
}

int main(int argc, char **argv)
{
    static struct process before[MOST], after[MOST];
    pinfold_pool *pool = perf_open(&argc, argv);
    if (pool == NULL)
        return 0;

    double seconds = perf_option(argc, argv, "--seconds", 3.0);
    pinfold_poll(pool, 0.3); /* what the opening left to do is not idling */
    int n = look(before);
    double start = perf_now();
    pinfold_poll(pool, seconds);
    double wall = perf_now() - start;
    int m = look(after);

    double driver = 0, worst = 0, all = 0;
    int ranks = 0;
    for (int i = 0; i < m; i++) {
        const struct process *then;
        double cpu = 0;
        if (after[i].pid == getpid() && (then = find(before, n, getpid())) != NULL)
            driver = after[i].cpu - then->cpu;
        if (rank_of(after, m, &after[i]) != after[i].pid)
            continue;
        ranks++;
        for (int k = 0; k < m; k++)
            if (rank_of(after, m, &after[k]) == after[i].pid &&
                (then = find(before, n, after[k].pid)) != NULL)
                cpu += after[k].cpu - then->cpu;
        all += cpu;
        if (cpu > worst)
            worst = cpu;
    }
    if (wall < 0.9 * seconds)
        fprintf(stderr, "perf_idle: pinfold_poll came back after %.3f s of %.3f\n", wall, seconds);
    printf("workers %d\nranks %d\nprocesses %d\nwall %.3f\n", pinfold_pool_workers(pool), ranks, m,
           wall);
    printf("driver %.5f\nrank %.5f\nall %.5f\n", driver / wall, worst / wall, all / wall);
    return pinfold_pool_close(pool) != 0;
}
