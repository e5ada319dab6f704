/* ep: the "embarrassingly parallel" kernel of the NAS Parallel Benchmarks.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Written from the published description: D. Bailey et al., "The NAS Parallel Benchmarks",
 * RNR-94-007, and "The NAS Parallel Benchmarks 2.0", NAS-95-020. It makes pairs of Gaussian
 * deviates, adds them up, and counts them by square annulus.
 *
 * One item of the map is a block of 2^16 pairs; it jumps to its own place in the one sequence
 * of random numbers. The blocks' sums are added in the order of the blocks, here: so they are
 * the same bits with any number of workers.
 */
#include <pinfold_main.h>

#include "class.h"
#include "kernel.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char usage[] =
    "Usage: ep [OPTION]... CLASS\n"
    "The EP kernel of the NAS Parallel Benchmarks, classes S W A B C D (2^24, 2^25, 2^28,\n"
    "2^30, 2^32, 2^36 pairs), verified against the published sums.\n"
    "\n"
    "  --part I/N   only the I-th (from 1) of N equal parts of the work, not verified:\n"
    "               to measure what a part takes alone\n"
    "  --help       this text\n"
    "\n"
    "Exit status: 0 the sums are right; 1 they are not, or the output could not be\n"
    "written; 2 wrong usage; 3 the workers could not be used.\n"
    "\n";

struct job {
    const struct class *class;
    uint64_t part, parts; /* from 1; 0 of 0: the whole */
};

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int print(const struct job *job, const struct tally *sum, int workers, uint64_t blocks,
                 double seconds)
{
    int status = 0;

    printf("EP class %c, 2^%d pairs, workers %d", job->class->letter, job->class->log2_pairs,
           workers);
    if (job->parts != 0)
        printf(", part %" PRIu64 " of %" PRIu64, job->part, job->parts);
    printf("\nsx = %.15e\nsy = %.15e\n", sum->sx, sum->sy);
    for (int l = 0; l < KERNEL_RINGS; l++)
        printf("%d %" PRIu64 "\n", l, sum->rings[l]);
    if (job->parts != 0) {
        printf("NOT VERIFIED (a part)\n");
    } else {
        status = class_verify(job->class, sum->sx, sum->sy) ? 0 : 1;
        printf("VERIFICATION %s\n", status == 0 ? "SUCCESSFUL" : "FAILED");
    }
    /* As NPB counts: an operation is one random number. */
    printf("seconds = %.3f\nMop/s = %.2f\n", seconds,
           2e-6 * (double)(blocks * KERNEL_PAIRS) / seconds);
    if (fflush(stdout) != 0) {
        fprintf(stderr, "ep: standard output: %s\n", strerror(errno));
        return 1;
    }
    return status;
}

static int run(pinfold_pool *pool, void *data)
{
    const struct job *job = data;
    uint64_t all = UINT64_C(1) << (job->class->log2_pairs - KERNEL_LOG2_PAIRS);
    uint64_t first = job->parts ? all * (job->part - 1) / job->parts : 0;
    uint64_t blocks = (job->parts ? all * job->part / job->parts : all) - first;
    struct pinfold_call how = {.size = sizeof how, .shared = {&first, sizeof first}, .key = "ep"};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct tally *tallies = calloc(blocks, sizeof *tallies), sum = {0};
    double start = now();

    if (tallies == NULL) {
        fprintf(stderr, "ep: out of memory\n");
        return 1;
    }
    if (pinfold_map(pool, kernel_task, &how, NULL, 0, tallies, sizeof *tallies, blocks, &err) !=
        0) {
        fprintf(stderr, "ep: %s\n", err.text);
        free(tallies);
        return 3;
    }
    for (uint64_t i = 0; i < blocks; i++) {
        sum.sx += tallies[i].sx;
        sum.sy += tallies[i].sy;
        for (int l = 0; l < KERNEL_RINGS; l++)
            sum.rings[l] += tallies[i].rings[l];
    }
    free(tallies);
    return print(job, &sum, pinfold_pool_workers(pool), blocks, now() - start);
}

/* ---- The command line */

static bool read_part(struct job *job, const char *text)
{
    char end;
    unsigned part, parts;
    if (sscanf(text, "%u/%u%c", &part, &parts, &end) != 2 || part < 1 || part > parts)
        return false;
    job->part = part;
    job->parts = parts;
    return true;
}

/* Prints, on the driver alone, a line of what is wrong. Returns 2. */
static int wrong(const char *what, const char *word)
{
    if (pinfold_is_driver())
        fprintf(stderr, "ep: %s%s (try --help)\n", what, word);
    return 2;
}

/* Returns -1 to go on, else the status to end with. All ranks come to the same end, before MPI
 * is started. */
static int read_arguments(struct job *job, struct pinfold_options *options, int argc, char **argv)
{
    static const struct option known[] = {
        {"help", no_argument, NULL, 'h'}, {"part", required_argument, NULL, 'p'}, {0}};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int letter;

    if (pinfold_options_parse(options, &argc, argv, &err) != 0)
        return wrong(err.text, "");
    opterr = pinfold_is_driver(); /* getopt's own line about an unknown option */
    while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (letter) {
        case 'p':
            if (!read_part(job, optarg))
                return wrong("--part wants I/N, 1 <= I <= N, not ", optarg);
            break;
        case 'h':
            if (pinfold_is_driver())
                printf("%s%s", usage, pinfold_options_help());
            return 0;
        default:
            return 2;
        }
    }
    if (optind != argc - 1)
        return wrong("one CLASS is wanted: S W A B C D", "");
    job->class = class_find(argv[optind]);
    if (job->class == NULL)
        return wrong("the classes are S W A B C D, not ", argv[optind]);
    if (job->parts > UINT64_C(1) << (job->class->log2_pairs - KERNEL_LOG2_PAIRS))
        return wrong("--part has more parts than there are blocks", "");
    return -1;
}

int main(int argc, char **argv)
{
    struct pinfold_options options = {.size = sizeof options, .log = pinfold_log_stderr};
    struct job job = {0};

    int status = read_arguments(&job, &options, argc, argv);
    if (status >= 0) /* a launcher would end the driver for another rank's status */
        return pinfold_is_driver() ? status : 0;
    return pinfold_drive(&options, run, &job);
}
