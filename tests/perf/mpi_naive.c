/* mpi_naive: the baseline, a master and its workers as one writes them by hand.
 *
 *   mpi_naive [--flight K] [--batch B] [--items N]           null tasks of 8 bytes: rate
 *   mpi_naive [--flight K] [--polite] --burn [--uneven] [--seconds S] [--cores C]
 *                                                             tasks that burn CPU time:
 *                                                             efficiency
 *   mpi_naive --idle [--seconds S]                            CPU of a worker that waits
 *   mpi_naive --start                                         from MPI_Init to the first result
 *   mpi_naive --pingpong [--items N]                          a round trip of 8 bytes: latency, us
 *
 * Rank 0 hands out messages of B tasks (1), K of them (1) in flight to each worker, and takes
 * the results from whoever comes. It waits in MPI_Recv, which spins; with --polite it sleeps 20
 * us when nothing came. The efficiency is over C cores (default: as many as workers).
 * SPDX-License-Identifier: BSD-3-Clause */
#include "perf.h"

#include <mpi.h>
#include <sys/resource.h>
#include <unistd.h>

enum { WORK, STOP, MOST_IN_FLIGHT = 64, MOST_IN_BATCH = 1000 };

static int flight, batch, polite;

/* The master's view of a worker: the first items of the messages that it has, oldest first. A
 * worker answers in the order in which it was asked. */
struct sent {
    size_t first[MOST_IN_FLIGHT];
    unsigned head, count;
};

static size_t hand_out(int worker, struct sent *sent, const double *in, size_t next, size_t n)
{
    size_t size = n - next < (size_t)batch ? n - next : (size_t)batch;
    MPI_Send(in + next, (int)size, MPI_DOUBLE, worker, WORK, MPI_COMM_WORLD);
    sent->first[(sent->head + sent->count++) % MOST_IN_FLIGHT] = next;
    return next + size;
}

static void wait_politely(void)
{
    int there = 0;
    for (;;) {
        MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
        if (there)
            return;
        usleep(20);
    }
}

static void master(const double *in, double *out, size_t n, int workers)
{
    struct sent *sent = calloc((size_t)workers + 1, sizeof *sent);
    double results[MOST_IN_BATCH];
    size_t next = 0, done = 0;
    MPI_Status status;
    int count;

    if (sent == NULL)
        MPI_Abort(MPI_COMM_WORLD, 1);
    for (int k = 0; k < flight; k++)
        for (int w = 1; w <= workers && next < n; w++)
            next = hand_out(w, &sent[w], in, next, n);
    while (done < n) {
        if (polite)
            wait_politely();
        MPI_Recv(results, batch, MPI_DOUBLE, MPI_ANY_SOURCE, WORK, MPI_COMM_WORLD, &status);
        MPI_Get_count(&status, MPI_DOUBLE, &count);
        struct sent *from = &sent[status.MPI_SOURCE];
        size_t first = from->first[from->head];
        from->head = (from->head + 1) % MOST_IN_FLIGHT;
        from->count--;
        if (next < n)
            next = hand_out(status.MPI_SOURCE, from, in, next, n);
        memcpy(out + first, results, (size_t)count * sizeof *out);
        done += (size_t)count;
    }
    free(sent);
}

static void worker(int burn)
{
    double items[MOST_IN_BATCH];
    MPI_Status status;
    int count;

    for (;;) {
        MPI_Recv(items, batch, MPI_DOUBLE, 0, MPI_ANY_TAG, MPI_COMM_WORLD, &status);
        if (status.MPI_TAG == STOP)
            return;
        MPI_Get_count(&status, MPI_DOUBLE, &count);
        for (int i = 0; burn && i < count; i++)
            items[i] = perf_burn(items[i]);
        MPI_Send(items, count, MPI_DOUBLE, 0, WORK, MPI_COMM_WORLD);
    }
}

static void stop(int workers)
{
    for (int w = 1; w <= workers; w++)
        MPI_Send(NULL, 0, MPI_DOUBLE, w, STOP, MPI_COMM_WORLD);
}

/* Rank 1 tells what it took while it waited for a message that came late. */
static void idle(int rank, double seconds)
{
    double cpu = 0;
    if (rank == 0) {
        usleep((useconds_t)(1e6 * seconds));
        MPI_Send(&seconds, 1, MPI_DOUBLE, 1, WORK, MPI_COMM_WORLD);
        MPI_Recv(&cpu, 1, MPI_DOUBLE, 1, WORK, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        printf("rank %.5f\n", cpu / seconds);
    } else if (rank == 1) {
        double start = perf_clock(CLOCK_PROCESS_CPUTIME_ID);
        MPI_Recv(&cpu, 1, MPI_DOUBLE, 0, WORK, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        cpu = perf_clock(CLOCK_PROCESS_CPUTIME_ID) - start;
        MPI_Send(&cpu, 1, MPI_DOUBLE, 0, WORK, MPI_COMM_WORLD);
    }
}

static void pingpong(int rank, int n)
{
    double start = 0, x = 1;

    for (int i = -n / 10; i < n && rank < 2; i++) {
        if (i == 0)
            start = perf_now();
        if (rank == 0)
            MPI_Send(&x, 1, MPI_DOUBLE, 1, WORK, MPI_COMM_WORLD);
        MPI_Recv(&x, 1, MPI_DOUBLE, 1 - rank, WORK, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        if (rank == 1)
            MPI_Send(&x, 1, MPI_DOUBLE, 0, WORK, MPI_COMM_WORLD);
    }
    if (rank == 0)
        printf("latency %.3f\n", 1e6 * (perf_now() - start) / n);
}

static void measure(int argc, char **argv, int workers)
{
    int burn = perf_flag(argc, argv, "--burn");
    size_t n = (size_t)perf_option(argc, argv, "--items", 2e6);
    double cores = perf_option(argc, argv, "--cores", workers);
    double *in, *out, start, makespan;

    if (burn) {
        n = perf_tasks(cores * perf_option(argc, argv, "--seconds", 2.2),
                       perf_flag(argc, argv, "--uneven"), &in);
    } else {
        in = malloc(n * sizeof *in);
        for (size_t i = 0; in != NULL && i < n; i++)
            in[i] = (double)i;
    }
    out = calloc(n, sizeof *out);
    if (in == NULL || out == NULL)
        MPI_Abort(MPI_COMM_WORLD, 1);
    if (!burn) {
        memset(out, 1, n * sizeof *out);
        master(in, out, n / 10 + 1, workers);
    }

    start = perf_now();
    master(in, out, n, workers);
    makespan = perf_now() - start;
    printf("workers %d\nseconds %.6f\n", workers, makespan);
    if (burn)
        printf("efficiency %.4f\n", perf_sum(out, n) / (cores * makespan));
    else
        printf("rate %.0f\n", (double)n / makespan);
    free(in);
    free(out);
}

int main(int argc, char **argv)
{
    double start = perf_now(), initialised;
    int rank, ranks;

    MPI_Init(&argc, &argv);
    initialised = perf_now();
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    flight = (int)perf_option(argc, argv, "--flight", 1);
    batch = (int)perf_option(argc, argv, "--batch", 1);
    polite = perf_flag(argc, argv, "--polite");
    if (ranks < 2 || flight < 1 || flight > MOST_IN_FLIGHT || batch < 1 || batch > MOST_IN_BATCH) {
        fprintf(stderr, "mpi_naive: bad arguments, or fewer than two ranks\n");
        MPI_Abort(MPI_COMM_WORLD, 2);
    }
    if (perf_flag(argc, argv, "--idle")) {
        idle(rank, perf_option(argc, argv, "--seconds", 3.0));
    } else if (perf_flag(argc, argv, "--pingpong")) {
        pingpong(rank, (int)perf_option(argc, argv, "--items", 20000));
    } else if (rank != 0) {
        worker(perf_flag(argc, argv, "--burn"));
    } else if (perf_flag(argc, argv, "--start")) {
        double in = 1, out = 0;
        master(&in, &out, 1, ranks - 1);
        printf("mpi_init %.3f\nbeyond %.3f\n", 1e3 * (initialised - start),
               1e3 * (perf_now() - initialised));
        stop(ranks - 1);
    } else {
        measure(argc, argv, ranks - 1);
        stop(ranks - 1);
    }
    MPI_Finalize();
    return 0;
}
