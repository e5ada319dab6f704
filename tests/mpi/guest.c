/* See guest.h. SPDX-License-Identifier: BSD-3-Clause */
#include "guest.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ITEMS 200

int guest_rank, guest_size;
long guest_nursery;
struct pinfold_options guest_options = {
    .size = sizeof guest_options, .oversubscribe = "allow", .log = pinfold_log_stderr};

static int failed;
static const char *skipped;

bool guest_check(bool condition, const char *text, const char *file, int line)
{
    if (condition)
        return true;
    failed++;
    fprintf(stderr, "# rank %d: %s:%d: not so: %s\n", guest_rank, file, line, text);
    return false;
}

int guest_failed(void)
{
    int so_far = failed;

    failed = 0;
    return so_far;
}

void guest_skip(const char *why)
{
    skipped = why;
}

pinfold_pool *guest_open(MPI_Comm comm, int workers)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_pool *pool = NULL;
    int rank;

    MPI_Comm_rank(comm, &rank);
    if (!CHECK(pinfold_pool_open_comm(&pool, comm, &guest_options, &err) == 0))
        fprintf(stderr, "# %s\n", err.text);
    CHECK(!pool == (rank > 0));
    if (pool)
        CHECK(pinfold_pool_workers(pool) == workers);
    return pool;
}

void guest_close(pinfold_pool *pool)
{
    CHECK(pinfold_pool_close(pool) == 0);
}

static int square(pinfold_task *task)
{
    long factor = *(const long *)pinfold_task_shared(task).data;
    long x = (long)pinfold_task_index(task);

    *(long *)pinfold_task_out(task, sizeof x) = factor * x * x;
    return 0;
}

void guest_use(pinfold_pool *pool, long factor)
{
    struct pinfold_call how = {.size = sizeof how, .shared = {&factor, sizeof factor}};
    long out[ITEMS];

    CHECK(pinfold_map(pool, square, &how, NULL, 0, out, sizeof *out, ITEMS, NULL) == 0);
    for (long i = 0; i < ITEMS; i++)
        if (!CHECK(out[i] == factor * i * i))
            return;
}

long guest_child(void)
{
    DIR *folder = opendir("/proc");
    struct dirent *entry;
    long child = 0;

    while (folder && (entry = readdir(folder))) {
        char path[300];
        long pid = atol(entry->d_name), parent = 0;
        FILE *file;
        snprintf(path, sizeof path, "/proc/%s/stat", entry->d_name);
        file = pid > 0 ? fopen(path, "re") : NULL;
        if (!file)
            continue;
        if (fscanf(file, "%*d (%*[^)]) %*c %ld", &parent) == 1 && parent == getpid())
            child = child ? -1 : pid;
        fclose(file);
    }
    if (folder)
        closedir(folder);
    return child;
}

/* Each on all ranks; what one of them found wrong is the test's. */
static int run_all(const struct guest_test *tests, int *number)
{
    int bad = 0;

    for (; tests->name; tests++) {
        int mine, all;
        skipped = NULL;
        tests->run();
        mine = guest_failed();
        MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
        ++*number;
        if (guest_rank == 0)
            printf("%sok %d - %s%s%s\n", all ? "not " : "", *number, tests->name,
                   skipped ? " # SKIP " : "", skipped ? skipped : "");
        bad += all;
    }
    return bad;
}

static int suite(void)
{
    int level, number = 0, bad = 0;

    CHECK(pinfold_prepare(NULL) == 0 && pinfold_prepare(NULL) == 0);
    guest_nursery = guest_child();
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level);
    MPI_Comm_rank(MPI_COMM_WORLD, &guest_rank);
    MPI_Comm_size(MPI_COMM_WORLD, &guest_size);
    bad += run_all(pools_tests, &number);
    bad += run_all(manners_tests, &number);
    pinfold_finalize();
    if (guest_rank == 0)
        printf("1..%d\n", number);
    MPI_Finalize();
    return bad != 0;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    int status;

    if (strcmp(mode, "pools") == 0)
        return suite();
    status = guest_life(mode, argc > 2 ? atoi(argv[2]) : 0);
    if (status < 0)
        fprintf(stderr, "guest: no such mode: '%s'\n", mode);
    return status < 0 ? 2 : status;
}
