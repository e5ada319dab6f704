/* Pools over communicators: over all, over parts at once, one after the other.
 * SPDX-License-Identifier: BSD-3-Clause */
#include "guest.h"

#include <dirent.h>
#include <stdlib.h>

/* The ranks first .. last of the world; MPI_COMM_NULL on others. */
static MPI_Comm part(int first, int last)
{
    MPI_Comm comm;
    bool in = guest_rank >= first && guest_rank <= last;

    MPI_Comm_split(MPI_COMM_WORLD, in ? 1 : MPI_UNDEFINED, guest_rank, &comm);
    return comm;
}

static void over_the_world(void)
{
    struct pinfold_worker worker = {.size = sizeof worker};

    for (int i = 0; i < 3; i++) {
        pinfold_pool *pool = guest_open(MPI_COMM_WORLD, guest_size);
        if (pool)
            guest_use(pool, 7);
        for (int w = 0; pool && w < guest_size; w++)
            CHECK(pinfold_pool_worker(pool, w, &worker) == 0 && worker.rank == w);
        guest_close(pool);
    }
}

static void beside_the_usual_one(void)
{
    pinfold_pool *pool = NULL;

    for (int i = 0; i < 2; i++) {
        CHECK(pinfold_pool_open(&pool, &guest_options, NULL) == 0);
        CHECK(!pool == (guest_rank > 0));
        if (pool)
            guest_use(pool, 5);
        guest_close(pool);
        pool = guest_open(MPI_COMM_WORLD, guest_size);
        if (pool)
            guest_use(pool, 6);
        guest_close(pool);
    }
}

/* Where the workers of this driver's pool are bound to, by the first CPU; in taken[]. */
static void look_where(pinfold_pool *pool, int *taken, int *n)
{
    for (int w = 0; w < pinfold_pool_workers(pool); w++) {
        struct pinfold_worker worker = {.size = sizeof worker};
        CHECK(pinfold_pool_worker(pool, w, &worker) == 0);
        taken[(*n)++] = worker.bound ? atoi(worker.cpus) : -1;
    }
}

/* Of all ranks' drivers together: no two workers on one core, where there is one for each. */
static void nobody_meets(const int *taken, int n)
{
    struct pinfold_machine machine = {.size = sizeof machine};
    int all[64] = {0}, mine[64] = {0}, workers;

    CHECK(pinfold_machine_count(&machine, NULL) == 0);
    MPI_Allreduce(&n, &workers, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    CHECK(workers == guest_size);
    for (int i = 0; i < n; i++)
        if (taken[i] >= 0 && taken[i] < 64)
            mine[taken[i]]++;
    MPI_Allreduce(mine, all, 64, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
    if (guest_size > machine.usable_cores)
        return;
    for (int cpu = 0; cpu < 64; cpu++)
        CHECK(all[cpu] <= 1);
    for (int i = 0; i < n; i++)
        CHECK(taken[i] >= 0);
}

/* Their drivers are the lowest ranks of each, then the highest. They meet while both are open. */
static void halves(void)
{
    for (int sign = 1; sign >= -1; sign -= 2) {
        int half = guest_rank % 2, size, taken[64], n = 0;
        int other = sign > 0 ? 1 - guest_rank : 2 * guest_size - 3 - guest_rank;
        pinfold_pool *pool;
        MPI_Comm comm;

        MPI_Comm_split(MPI_COMM_WORLD, half, sign * guest_rank, &comm);
        MPI_Comm_size(comm, &size);
        pool = guest_open(comm, size);
        if (pool) {
            int theirs = -1;
            if (guest_size > 1)
                MPI_Sendrecv(&half, 1, MPI_INT, other, 3, &theirs, 1, MPI_INT, other, 3,
                             MPI_COMM_WORLD, MPI_STATUS_IGNORE);
            CHECK(guest_size == 1 || theirs == 1 - half);
            look_where(pool, taken, &n);
            for (int i = 0; i < 20; i++)
                guest_use(pool, 10 * i + half);
        }
        guest_close(pool);
        MPI_Comm_free(&comm);
        nobody_meets(taken, n);
    }
}

static void each_alone(void)
{
    pinfold_pool *pool = guest_open(MPI_COMM_SELF, 1);
    int taken[64], n = 0;

    if (pool) {
        MPI_Barrier(MPI_COMM_WORLD); /* all are open */
        look_where(pool, taken, &n);
        guest_use(pool, guest_rank);
        MPI_Barrier(MPI_COMM_WORLD);
    }
    guest_close(pool);
    nobody_meets(taken, n);
}

static void overlapping(void)
{
    MPI_Comm comms[] = {part(0, guest_size / 2), part(guest_size / 2, guest_size - 1),
                        part(0, guest_size - 1), part(guest_size - 1, guest_size - 1)};

    for (int i = 0; i < 8; i++) {
        MPI_Comm comm = comms[i % 4];
        pinfold_pool *pool;
        int size;
        if (comm == MPI_COMM_NULL)
            continue;
        MPI_Comm_size(comm, &size);
        pool = guest_open(comm, size);
        if (pool)
            guest_use(pool, i);
        guest_close(pool);
    }
    for (int i = 0; i < 4; i++)
        if (comms[i] != MPI_COMM_NULL)
            MPI_Comm_free(&comms[i]);
}

/* World rank 0 drives a pool over {0, 1} and one over {0, 2, ...}. */
static void two_of_one_driver(void)
{
    MPI_Comm near, far;
    pinfold_pool *a = NULL, *b = NULL;

    if (guest_size < 3) {
        guest_skip("three ranks are needed");
        return;
    }
    near = part(0, 1);
    MPI_Comm_split(MPI_COMM_WORLD, guest_rank != 1 ? 1 : MPI_UNDEFINED, guest_rank, &far);
    for (int i = 0; i < 2; i++) {
        if (near != MPI_COMM_NULL)
            a = guest_open(near, 2);
        if (far != MPI_COMM_NULL)
            b = guest_open(far, guest_size - 1);
        for (int j = 0; a && j < 5; j++) {
            guest_use(a, j);
            guest_use(b, -j);
        }
        guest_close(i ? a : b);
        guest_close(i ? b : a);
        a = b = NULL;
    }
    if (near != MPI_COMM_NULL)
        MPI_Comm_free(&near);
    if (far != MPI_COMM_NULL)
        MPI_Comm_free(&far);
}

static void without_a_worker_of_the_driver(void)
{
    struct pinfold_options before = guest_options;

    if (guest_size < 2) {
        guest_skip("two ranks are needed");
        return;
    }
    guest_options.driver = "only";
    pinfold_pool *pool = guest_open(MPI_COMM_WORLD, guest_size - 1);
    if (pool)
        guest_use(pool, 3);
    guest_close(pool);
    guest_options.driver = NULL;
    guest_options.max_workers = 1; /* the others wait for the end */
    pool = guest_open(MPI_COMM_WORLD, 1);
    if (pool)
        guest_use(pool, 4);
    guest_close(pool);
    guest_options = before;
}

static int descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int n = 0;

    while (folder && readdir(folder))
        n++;
    if (folder)
        closedir(folder);
    return n;
}

static void many(void)
{
    int before = 0;

    for (int i = 0; i < 60; i++) {
        if (i == 3)
            before = descriptors(); /* MPI opens some of its own at first */
        guest_close(guest_open(MPI_COMM_WORLD, guest_size));
    }
    CHECK(descriptors() == before);
}

const struct guest_test pools_tests[] = {
    {"a pool over all ranks, three times", over_the_world},
    {"pinfold_pool_open and pools over communicators follow each other", beside_the_usual_one},
    {"two halves at once, each with its driver, results and places", halves},
    {"a pool over each rank alone, at once", each_alone},
    {"pools over communicators that overlap, one after the other", overlapping},
    {"two pools of one driver, with different workers", two_of_one_driver},
    {"driver = only, and fewer workers than ranks", without_a_worker_of_the_driver},
    {"sixty in a row: no descriptor is left", many},
    {NULL, NULL},
};
