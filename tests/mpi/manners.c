/* How a guest behaves: what is the user's stays his, and what cannot be is said.
 * SPDX-License-Identifier: BSD-3-Clause */
#include "guest.h"

#include <stdlib.h>
#include <string.h>

/* The messages have Pinfold's own tag too, and wait on the very communicator. The last rank sends. */
static void messages_stay(void)
{
    enum { BIG = 1 << 20 };
    int last = guest_size - 1, small = 41, got = 0, done = 0, nothing = 0;
    char *big = calloc(1, BIG), *copy = calloc(1, BIG);
    MPI_Request sent[2], heard;
    MPI_Comm ours, other;
    pinfold_pool *pool;

    MPI_Comm_dup(MPI_COMM_WORLD, &ours);
    MPI_Comm_dup(MPI_COMM_WORLD, &other);
    if (guest_rank == last) {
        memset(big, 7, BIG);
        MPI_Isend(&small, 1, MPI_INT, 0, 1, ours, &sent[0]);
        MPI_Isend(big, BIG, MPI_BYTE, 0, 77, ours, &sent[1]);
    }
    if (guest_rank == 0)
        MPI_Irecv(&nothing, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, other, &heard);
    pool = guest_open(ours, guest_size);
    if (pool)
        guest_use(pool, 2);
    guest_close(pool);
    if (guest_rank == 0) {
        MPI_Test(&heard, &done, MPI_STATUS_IGNORE);
        CHECK(!done && nothing == 0);
        MPI_Recv(&got, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, ours, MPI_STATUS_IGNORE);
        CHECK(got == 41);
        MPI_Recv(copy, BIG, MPI_BYTE, MPI_ANY_SOURCE, MPI_ANY_TAG, ours, MPI_STATUS_IGNORE);
        CHECK(copy[0] == 7 && copy[BIG - 1] == 7);
    }
    if (guest_rank == last) {
        MPI_Wait(&sent[0], MPI_STATUS_IGNORE); /* not Waitall: see gcc and MPICH's header */
        MPI_Wait(&sent[1], MPI_STATUS_IGNORE);
        MPI_Send(&small, 1, MPI_INT, 0, 1, other);
    }
    if (guest_rank == 0) {
        MPI_Wait(&heard, MPI_STATUS_IGNORE);
        CHECK(nothing == 41);
    }
    MPI_Comm_free(&ours);
    MPI_Comm_free(&other);
    free(big);
    free(copy);
}

static void freed_while_open(void)
{
    pinfold_pool *pool;
    MPI_Comm comm;

    MPI_Comm_dup(MPI_COMM_WORLD, &comm);
    pool = guest_open(comm, guest_size);
    MPI_Comm_free(&comm);
    if (pool)
        guest_use(pool, 9);
    guest_close(pool);
}

/* Refused with this code, and one line that has the word. */
static void refuse(MPI_Comm comm, const struct pinfold_options *options, int code, const char *word)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_pool *pool = NULL;

    CHECK(pinfold_pool_open_comm(&pool, comm, options, &err) == code && !pool);
    if (!CHECK(err.code == code && strstr(err.text, word) && !strchr(err.text, '\n')))
        fprintf(stderr, "# said: %d %s\n", err.code, err.text);
}

static void no_group_at_all(void)
{
    MPI_Comm half, inter;

    refuse(MPI_COMM_NULL, NULL, PINFOLD_E_ARGUMENT, "MPI_COMM_NULL");
    if (guest_size < 2)
        return; /* an inter-communicator has two sides */
    MPI_Comm_split(MPI_COMM_WORLD, guest_rank % 2, 0, &half);
    MPI_Intercomm_create(half, 0, MPI_COMM_WORLD, 1 - guest_rank % 2, 5, &inter);
    refuse(inter, NULL, PINFOLD_E_ARGUMENT, "inter-communicator");
    MPI_Comm_free(&inter);
    MPI_Comm_free(&half);
}

static void prepared_too_late(void)
{
    CHECK(pinfold_prepare(NULL) == 0); /* it was called before */
}

/* A wrong word is everybody's mistake, or the driver's, or another's: nobody opens, and nobody waits. */
static void mistakes_are_agreed_on(void)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pinfold_options wrong = guest_options;
    pinfold_pool *pool = NULL;

    wrong.places = "nonsense";
    CHECK(pinfold_pool_open_comm(&pool, MPI_COMM_WORLD, &wrong, &err) != 0 && !pool);
    CHECK(guest_rank > 0 || strstr(err.text, "nonsense"));
    for (int who = 0; guest_size > 1 && who < guest_size; who += guest_size - 1) {
        CHECK(pinfold_pool_open_comm(&pool, MPI_COMM_WORLD,
                                     guest_rank == who ? &wrong : &guest_options, &err) != 0);
        CHECK(!pool && err.text[0]);
    }
    pool = guest_open(MPI_COMM_WORLD, guest_size);
    if (pool)
        guest_use(pool, 1);
    guest_close(pool);
}

static int fail_init(const struct pinfold_worker *worker, pinfold_bytes arg, void **state,
                     char *text, size_t text_size)
{
    (void)arg, (void)state;
    snprintf(text, text_size, "worker %d does not feel like it", worker->number);
    return 1;
}

static void init_fails(void)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pinfold_options wrong = guest_options;
    pinfold_pool *pool = NULL;

    wrong.init = fail_init;
    CHECK(pinfold_pool_open_comm(&pool, MPI_COMM_WORLD, &wrong, &err) == PINFOLD_E_WORKER_INIT);
    CHECK(!pool && strstr(err.text, "does not feel like it"));
    guest_close(guest_open(MPI_COMM_WORLD, guest_size));
}

/* The others are through while the pool is open. */
static void another_backend(void)
{
    static const char *const words[] = {"processes", "threads", "inline"};

    for (int i = 0; i < 3; i++) {
        struct pinfold_options options = guest_options;
        pinfold_pool *pool = NULL;
        options.backend = words[i];
        options.max_workers = 2;
        CHECK(pinfold_pool_open_comm(&pool, MPI_COMM_WORLD, &options, NULL) == 0);
        CHECK(!pool == (guest_rank > 0));
        MPI_Barrier(MPI_COMM_WORLD);
        if (pool) {
            CHECK(pinfold_pool_workers(pool) == (i < 2 ? 2 : 1));
            guest_use(pool, 8);
        }
        guest_close(pool);
    }
}

static int open_inside(pinfold_task *task)
{
    pinfold_pool *pool = NULL;

    *(int *)pinfold_task_out(task, sizeof(int)) =
        pinfold_pool_open_comm(&pool, MPI_COMM_SELF, NULL, NULL);
    return 0;
}

static void not_inside_a_task(void)
{
    pinfold_pool *pool = guest_open(MPI_COMM_WORLD, guest_size);
    int codes[50];

    if (pool) {
        CHECK(pinfold_map(pool, open_inside, NULL, NULL, 0, codes, sizeof *codes, 50, NULL) == 0);
        for (int i = 0; i < 50; i++)
            CHECK(codes[i] == PINFOLD_E_NESTED);
    }
    guest_close(pool);
}

static void from_the_nursery(void)
{
    pinfold_pool *pool = guest_open(MPI_COMM_SELF, 1);
    struct pinfold_worker worker = {.size = sizeof worker};
    char path[64];
    long parent = 0;
    FILE *file;

    CHECK(guest_nursery > 0);
    if (pool && CHECK(pinfold_pool_worker(pool, 0, &worker) == 0)) {
        snprintf(path, sizeof path, "/proc/%ld/stat", (long)worker.pid);
        file = fopen(path, "re");
        CHECK(file && fscanf(file, "%*d (%*[^)]) %*c %ld", &parent) == 1);
        CHECK(parent == guest_nursery);
        if (file)
            fclose(file);
    }
    guest_close(pool);
}

const struct guest_test manners_tests[] = {
    {"the user's messages stay the user's", messages_stay},
    {"the user may free his communicator while the pool is open", freed_while_open},
    {"MPI_COMM_NULL and inter-communicators are refused", no_group_at_all},
    {"pinfold_prepare once more, with MPI started, is harmless", prepared_too_late},
    {"mistakes in options are agreed on, and the next pool opens", mistakes_are_agreed_on},
    {"an init that fails is agreed on, and the next pool opens", init_fails},
    {"with another backend the pool is the driver's, and the others are through", another_backend},
    {"a task opens none", not_inside_a_task},
    {"worker processes come from what pinfold_prepare made", from_the_nursery},
    {NULL, NULL},
};
