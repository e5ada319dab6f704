/* Lives of MPI and Pinfold together, each a process's own. SPDX-License-Identifier: BSD-3-Clause */
#include "guest.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static void start(int wanted)
{
    int level;

    MPI_Init_thread(NULL, NULL, wanted, &level);
    MPI_Comm_rank(MPI_COMM_WORLD, &guest_rank);
    MPI_Comm_size(MPI_COMM_WORLD, &guest_size);
}

/* "guest: TEXT", once in a job. */
static void say(bool me, const char *text)
{
    if (me)
        fprintf(stderr, "guest: %s\n", text);
}

static bool launched(void)
{
    return getenv("OMPI_COMM_WORLD_RANK") || getenv("PMI_RANK");
}

static bool over(void)
{
    int flag;

    MPI_Finalized(&flag);
    return flag;
}

/* pinfold_pool_open after a plain MPI_Init, which stays the user's. */
static int up(int who)
{
    int sum = 0;

    (void)who;
    MPI_Init(NULL, NULL);
    MPI_Comm_rank(MPI_COMM_WORLD, &guest_rank);
    MPI_Comm_size(MPI_COMM_WORLD, &guest_size);
    for (int i = 0; i < 2; i++) {
        pinfold_pool *pool = NULL;
        CHECK(pinfold_pool_open(&pool, &guest_options, NULL) == 0 && !pool == (guest_rank > 0));
        if (pool && launched()) /* else the workers are local: by the number of cores */
            CHECK(pinfold_pool_workers(pool) == guest_size);
        if (pool)
            guest_use(pool, 3);
        guest_close(pool);
        MPI_Allreduce(&(int){1}, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
        CHECK(sum == guest_size);
    }
    pinfold_finalize();
    CHECK(!over());
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    return guest_failed();
}

/* The same with pinfold_prepare before it, and local pools first. */
static int prepared(int who)
{
    static const char *const words[] = {"processes", "threads", "inline"};

    (void)who;
    CHECK(pinfold_prepare(NULL) == 0 && guest_child() > 0);
    for (int i = 0; i < 3; i++) {
        struct pinfold_options options = guest_options;
        pinfold_pool *pool = NULL;
        options.backend = words[i];
        options.max_workers = 2;
        if (launched())
            break; /* a pool that all ranks come to starts MPI */
        CHECK(pinfold_pool_open(&pool, &options, NULL) == 0 && pool);
        guest_use(pool, 2);
        guest_close(pool);
    }
    return up(0);
}

static int wait_a_little(pinfold_task *task)
{
    (void)task;
    poll(NULL, 0, 20);
    return 0;
}

/* MPI_Finalize with pools open and tasks submitted, and no pinfold_finalize. `who` 0: over halves;
 * 1: the usual pool; 2: one after the other, and the usual one closed. */
static int left(int who)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_pool *pool = NULL, *none = NULL;
    pinfold_future *future = NULL;
    MPI_Comm half;
    long child;

    start(MPI_THREAD_FUNNELED);
    child = guest_child(); /* Open MPI's own, without a launcher */
    if (who > 0)
        CHECK(pinfold_pool_open(&pool, &guest_options, NULL) == 0);
    if (who == 2)
        guest_close(pool);
    if (who != 1) {
        MPI_Comm_split(MPI_COMM_WORLD, guest_rank % 2, 0, &half);
        CHECK(pinfold_pool_open_comm(&pool, half, &guest_options, NULL) == 0);
    }
    for (int i = 0; pool && i < 100; i++)
        CHECK(pinfold_submit(pool, wait_a_little, (pinfold_bytes){NULL, 0}, NULL,
                             i ? NULL : &future, NULL) == 0);
    MPI_Finalize();
    if (future)
        CHECK(pinfold_future_state(future) == PINFOLD_FINISHED);
    pinfold_future_free(future);
    CHECK(over() && (guest_child() == 0 || guest_child() == child));
    CHECK(pinfold_pool_open_comm(&none, MPI_COMM_WORLD, NULL, &err) == PINFOLD_E_OVER);
    pinfold_finalize();
    return guest_failed();
}

/* Pinfold starts MPI, and the user ends it. */
static int ours(int who)
{
    pinfold_pool *pool = NULL;

    (void)who;
    CHECK(pinfold_pool_open(&pool, &guest_options, NULL) == 0);
    if (pool)
        guest_use(pool, 1);
    guest_close(pool);
    MPI_Finalize();
    CHECK(over());
    return guest_failed();
}

static void refused(bool me, MPI_Comm comm)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_pool *pool = NULL;

    CHECK(pinfold_pool_open_comm(&pool, comm, NULL, &err) == err.code && err.code && !pool);
    say(me, err.text);
}

static int unstarted(int who)
{
    (void)who;
    refused(true, MPI_COMM_WORLD);
    return guest_failed();
}

/* MPI was not told of threads. */
static int single(int who)
{
    pinfold_pool *pool = NULL;

    (void)who;
    MPI_Init(NULL, NULL);
    MPI_Comm_rank(MPI_COMM_WORLD, &guest_rank);
    CHECK(pinfold_pool_open_comm(&pool, MPI_COMM_WORLD, &guest_options, NULL) == 0);
    if (pool)
        guest_use(pool, 1);
    guest_close(pool);
    pinfold_finalize();
    MPI_Finalize();
    return guest_failed();
}

static int ended(int who)
{
    (void)who;
    start(MPI_THREAD_FUNNELED);
    MPI_Finalize();
    refused(guest_rank == 0, MPI_COMM_WORLD);
    return guest_failed();
}

static int late_prepare(int who)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    (void)who;
    start(MPI_THREAD_FUNNELED);
    CHECK(pinfold_prepare(&err) == PINFOLD_E_MPI);
    say(guest_rank == 0, err.text);
    MPI_Finalize();
    return guest_failed();
}

static void *from_another_thread(void *data)
{
    (void)data;
    refused(guest_rank == 0, MPI_COMM_WORLD);
    return NULL;
}

static int thread(int who)
{
    pthread_t other;

    (void)who;
    start(MPI_THREAD_FUNNELED);
    CHECK(pthread_create(&other, NULL, from_another_thread, NULL) == 0);
    pthread_join(other, NULL);
    MPI_Finalize();
    return guest_failed();
}

/* Rank `who` comes when the others have given up. Then it gives up too. */
static int come_late(int who, bool usual)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pinfold_options options = guest_options;
    pinfold_pool *pool = NULL;
    int given_up = 0;

    options.open_timeout = 1;
    start(MPI_THREAD_FUNNELED);
    for (int rank = 0; guest_rank == who && rank < guest_size - 1; rank++)
        MPI_Recv(&given_up, 1, MPI_INT, MPI_ANY_SOURCE, 4, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    CHECK((usual ? pinfold_pool_open(&pool, &options, &err)
                 : pinfold_pool_open_comm(&pool, MPI_COMM_WORLD, &options, &err)) ==
          PINFOLD_E_TIMEOUT);
    CHECK(!pool);
    if (guest_rank != who)
        MPI_Send(&guest_rank, 1, MPI_INT, who, 4, MPI_COMM_WORLD);
    if (!guest_failed())
        say(guest_rank == who, err.text);
    /* It ends the job; the others wait for that in MPI, which has gone on with the open meanwhile. */
    if (guest_rank != who)
        MPI_Recv(&given_up, 1, MPI_INT, who, 4, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    pinfold_finalize();
    return 0;
}

static int late(int who)
{
    return come_late(who, false);
}

static int late_usual(int who)
{
    return come_late(who, true);
}

static int leave(pinfold_task *task)
{
    if (pinfold_task_worker(task)->rank > 0)
        exit(0);
    poll(NULL, 0, 5);
    return 0;
}

/* A task on a rank ends its process. */
static int exits(int who)
{
    MPI_Comm half;
    pinfold_pool *pool;

    (void)who;
    start(MPI_THREAD_FUNNELED);
    MPI_Comm_split(MPI_COMM_WORLD, guest_rank % 2, 0, &half);
    if (guest_rank % 2 == 0) {
        pool = guest_open(half, (guest_size + 1) / 2);
        pinfold_map(pool, leave, NULL, NULL, 0, NULL, 0, 1000, NULL);
    }
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}

int guest_life(const char *mode, int who)
{
    static const struct {
        const char *name;
        int (*live)(int who);
    } modes[] = {
        {"up", up},
        {"prepared", prepared},
        {"left", left},
        {"ours", ours},
        {"single", single},
        {"unstarted", unstarted},
        {"ended", ended},
        {"thread", thread},
        {"late", late},
        {"late-usual", late_usual},
        {"late-prepare", late_prepare},
        {"exits", exits},
    };

    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strcmp(mode, modes[i].name) == 0)
            return modes[i].live(who) != 0;
    return -1;
}
