/* Who the workers are. SPDX-License-Identifier: BSD-3-Clause */
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "every.h"

#define MOST 64

static void known_to_the_driver(pinfold_pool *pool)
{
    int n = pinfold_pool_workers(pool);
    struct pinfold_worker w[MOST];
    int slots[MOST] = {0};

    CHECK(n == every_workers && n <= MOST);
    for (int i = 0; i < n && i < MOST; i++) {
        w[i] = (struct pinfold_worker){.size = sizeof w[i]};
        CHECK(pinfold_pool_worker(pool, i, &w[i]) == 0);
        CHECK(w[i].number == i && w[i].pid > 0 && w[i].width >= (every_inline ? 0 : 1));
        CHECK(w[i].host && w[i].host[0] && w[i].cpus && w[i].cpus[0]);
        if (!CHECK(w[i].node >= 0 && w[i].node < MOST && (w[i].node == 0 || every_ranks)))
            return;
        CHECK(w[i].slot == slots[w[i].node]++);
        CHECK(w[i].rank == 0 || every_ranks);
        if (w[i].node == 0) /* on other nodes it may be anybody's number */
            CHECK((w[i].pid == getpid()) == (every_inline || every_threads));
        for (int j = 0; j < i; j++) {
            CHECK(w[j].node <= w[i].node);
            if (w[j].node == w[i].node)
                CHECK((w[j].pid == w[i].pid) == every_threads);
            CHECK(!every_ranks || w[j].rank < w[i].rank);
        }
    }
    CHECK(pinfold_pool_worker(pool, -1, &w[0]) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_pool_worker(pool, n, &w[0]) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_pool_worker(NULL, 0, &w[0]) == PINFOLD_E_ARGUMENT);
    CHECK(pinfold_pool_workers(NULL) == 0);
}

struct self {
    int number, rank, node, slot, width, bound;
    long pid, own_pid;
    char host[64], cpus[256];
};

/* Until every worker has begun a task: else a few could do all, before the others hear of it. */
static void wait_for_all(void)
{
    double end = every_now() + every_patience(10);

    for (int i = 0; i < every_workers; i++)
        while (every_counts[i] == 0 && every_now() < end)
            sched_yield();
}

static int who_am_i(pinfold_task *task)
{
    const struct pinfold_worker *w = pinfold_task_worker(task);
    struct self *self = pinfold_task_out(task, sizeof *self);

    *self = (struct self){w->number, w->rank,      w->node,  w->slot, w->width,
                          w->bound,  (long)w->pid, getpid(), "",      ""};
    snprintf(self->host, sizeof self->host, "%s", w->host);
    snprintf(self->cpus, sizeof self->cpus, "%.255s", w->cpus);
    every_counts[w->number] = 1;
    wait_for_all();
    return 0;
}

static void known_to_themselves(pinfold_pool *pool)
{
    static struct self out[20 * MOST];
    int n = pinfold_pool_workers(pool), seen[MOST] = {0};
    struct pinfold_call how = {.size = sizeof how, .chunk = 1};

    every_clear();
    CHECK(pinfold_map(pool, who_am_i, &how, NULL, 0, out, sizeof *out, (size_t)n * 20, NULL) == 0);
    for (int i = 0; i < 20 * n; i++) {
        struct pinfold_worker w = {.size = sizeof w};
        if (!CHECK(pinfold_pool_worker(pool, out[i].number, &w) == 0))
            return;
        CHECK(out[i].rank == w.rank && out[i].node == w.node && out[i].slot == w.slot);
        CHECK(out[i].width == w.width && out[i].bound == w.bound);
        CHECK(out[i].pid == w.pid && out[i].own_pid == w.pid);
        CHECK(strcmp(out[i].host, w.host) == 0 && strncmp(out[i].cpus, w.cpus, 255) == 0);
        seen[out[i].number]++;
    }
    for (int i = 0; i < n; i++)
        CHECK(seen[i] > 0); /* all take part */
}

static int my_name(pinfold_task *task)
{
    return prctl(PR_GET_NAME, pinfold_task_out(task, 16)) ? -1 : 0;
}

/* Those who read /proc/PID/stat as words, Slurm's proctrack/linuxproc among them, would not see
 * them, and so not kill them. */
static void names_of_one_word(pinfold_pool *pool)
{
    static char out[20 * MOST][16];
    struct pinfold_call how = {.size = sizeof how, .chunk = 1};
    int n = 20 * pinfold_pool_workers(pool);

    if (every_inline) {
        every_skip("the worker is the driver, and has its name");
        return;
    }
    CHECK(pinfold_map(pool, my_name, &how, NULL, 0, out, sizeof *out, (size_t)n, NULL) == 0);
    for (int i = 0; i < n; i++)
        CHECK(strchr(out[i], 'w') && !strpbrk(out[i], " \t\n"));
}

/* The CPUs that the thread which runs the task may use, against those that it is told. */
static int where_am_i(pinfold_task *task)
{
    const char *at = pinfold_task_worker(task)->cpus;
    cpu_set_t *set = CPU_ALLOC(8192);
    size_t size = CPU_ALLOC_SIZE(8192);
    int listed = 0, wrong = 0;
    char *end;

    CPU_ZERO_S(size, set);
    wrong += sched_getaffinity(0, size, set) != 0;
    for (; *at; at = *end ? end + 1 : end) {
        wrong += !CPU_ISSET_S((size_t)strtol(at, &end, 10), size, set);
        listed++;
    }
    wrong += CPU_COUNT_S(size, set) != listed;
    CPU_FREE(set);
    return wrong;
}

static void sit_where_they_say(pinfold_pool *pool)
{
    struct pinfold_call how = {.size = sizeof how, .chunk = 1};

    CHECK(pinfold_map(pool, where_am_i, &how, NULL, 0, NULL, 0,
                      (size_t)pinfold_pool_workers(pool) * 20, NULL) == 0);
}

static void smaller_structs(pinfold_pool *pool)
{
    struct pinfold_worker w;

    memset(&w, 0x5A, sizeof w);
    w.size = offsetof(struct pinfold_worker, slot);
    CHECK(pinfold_pool_worker(pool, 0, &w) == 0);
    CHECK(w.number == 0 && w.node == 0 && w.slot == 0x5A5A5A5A && w.width == 0x5A5A5A5A);
    CHECK(w.size == offsetof(struct pinfold_worker, slot));
    memset(&w, 0x5A, sizeof w);
    w.size = 0;
    CHECK(pinfold_pool_worker(pool, 0, &w) == 0);
    CHECK(w.slot == 0 && w.host && w.host[0]);
}

const struct every_test identity_tests[] = {
    {"the driver knows them all", known_to_the_driver, NULL},
    {"they know themselves, and all take part", known_to_themselves, NULL},
    {"the system knows them by names without blanks", names_of_one_word, NULL},
    {"they sit where they say", sit_where_they_say, NULL},
    {"a caller with a smaller struct gets no more than that", smaller_structs, NULL},
    {NULL, NULL, NULL},
};
