/* Modes that do harm to the processes behind the pool. SPDX-License-Identifier: BSD-3-Clause */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fault.h"

/* The first child of `parent` whose name is `name`; 0: there is none. */
static pid_t child_named(pid_t parent, const char *name)
{
    char path[64], comm[32];
    FILE *list, *file;
    int pid, found = 0;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
    list = fopen(path, "re");
    while (list && !found && fscanf(list, "%d", &pid) == 1) {
        snprintf(path, sizeof path, "/proc/%d/comm", pid);
        file = fopen(path, "re");
        if (file && fgets(comm, sizeof comm, file) && strncmp(comm, name, strlen(name)) == 0)
            found = pid;
        if (file)
            fclose(file);
    }
    if (list)
        fclose(list);
    return found;
}

static pid_t the_nursery(void)
{
    return child_named(getpid(), "pinfold-nursery");
}

static int segfault_odd(pinfold_task *task)
{
    if (pinfold_task_index(task) % 2)
        raise(SIGSEGV);
    *(int *)pinfold_task_out(task, sizeof(int)) = (int)pinfold_task_index(task);
    return 0;
}

/* 1,000 segmentation faults in one map: exactly these fail. */
int fault_segfaults(pinfold_pool *pool, struct pinfold_options *options)
{
    enum { N = 2000 };
    static int out[N], codes[N];
    struct pinfold_call how = {.size = sizeof how, .codes = codes};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int wrong = 0;

    (void)options;
    memset(out, -1, sizeof out);
    fault_tell("map", pinfold_map(pool, segfault_odd, &how, NULL, 0, out, sizeof *out, N, &err),
               &err);
    for (int i = 0; i < N; i++)
        wrong += codes[i] != (i % 2 ? PINFOLD_E_TASK_SIGNAL : 0) || out[i] != (i % 2 ? -1 : i);
    printf("wrong %d\n", wrong);
    return pinfold_pool_close(pool) != 0 || wrong;
}

static int loaded;

int fault_preload(pinfold_bytes arg, char *text, size_t text_size)
{
    (void)arg, (void)text, (void)text_size;
    loaded = 1;
    return 0;
}

static int segfault_once(pinfold_task *task)
{
    if (!loaded)
        return 5;
    if (pinfold_task_index(task) == 10)
        raise(SIGSEGV);
    return 0;
}

static void kill_zygote(void *data, const struct pinfold_error *error)
{
    pid_t nursery = the_nursery(), zygote = nursery ? child_named(nursery, "pinfold-zygote") : 0;

    (void)error;
    if (zygote && kill(zygote, SIGKILL) == 0)
        ++*(int *)data;
}

/* Kills a zygote 20 times before a worker has to be replaced, and 20 times while it is. */
int fault_zygotes(pinfold_pool *pool, struct pinfold_options *options)
{
    int killed = 0, wrong = 0;

    (void)options;
    for (int i = 0; i < 20; i++) {
        int codes[50];
        struct pinfold_call how = {
            .size = sizeof how, .codes = codes, .failed = kill_zygote, .data = &killed};
        kill_zygote(&killed, NULL);
        pinfold_map(pool, segfault_once, &how, NULL, 0, NULL, 0, 50, NULL);
        for (int k = 0; k < 50; k++)
            wrong += codes[k] != (k == 10 ? PINFOLD_E_TASK_SIGNAL : 0);
    }
    printf("killed %d wrong %d\n", killed, wrong);
    return pinfold_pool_close(pool) != 0 || wrong || killed < 20;
}

static int nothing(pinfold_task *task)
{
    (void)task;
    return 0;
}

static int broken_pool(pinfold_pool *pool, struct pinfold_options *options, pinfold_fn *fn)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    double start = fault_now();
    int bad = 0;

    bad += fault_tell("map", pinfold_map(pool, fn, NULL, NULL, 0, NULL, 0, 1000, &err), &err) !=
           PINFOLD_E_BROKEN;
    bad += pinfold_map(pool, nothing, NULL, NULL, 0, NULL, 0, 1, &err) != PINFOLD_E_BROKEN;
    bad += pinfold_poll(pool, 0) != PINFOLD_E_BROKEN;
    bad += fault_tell("close", pinfold_pool_close(pool), &err) != PINFOLD_E_BROKEN;
    printf("promptly %d\n", fault_now() - start < 5);
    bad += fault_now() - start >= 5;
    /* The next pool is as good as ever. */
    if (fault_tell("open", pinfold_pool_open(&pool, options, &err), &err) != 0)
        return 1;
    bad += fault_tell("map", pinfold_map(pool, nothing, NULL, NULL, 0, NULL, 0, 1000, &err), &err);
    return bad + pinfold_pool_close(pool);
}

int fault_nursery(pinfold_pool *pool, struct pinfold_options *options)
{
    pid_t nursery = the_nursery();

    siginfo_t dead;

    /* It is our child: wait until it is dead, and leave it to the library. */
    if (!nursery || kill(nursery, SIGKILL) != 0 ||
        waitid(P_PID, (id_t)nursery, &dead, WEXITED | WNOWAIT) != 0)
        return 1;
    return broken_pool(pool, options, nothing);
}

static int kill_parent(pinfold_task *task)
{
    if (pinfold_task_index(task) == 100) {
        kill(getppid(), SIGKILL);
        fault_sleep(); /* its own death follows */
    }
    return 0;
}

/* The same from inside a task, in the middle of a map. */
int fault_from_task(pinfold_pool *pool, struct pinfold_options *options)
{
    return broken_pool(pool, options, kill_parent);
}
