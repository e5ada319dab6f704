/* montecarlo: prices an Asian option by Monte Carlo.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A map over blocks of paths, each path with the random stream of its own number. The blocks' sums
 * are added in the order of the blocks, here: so the output is the same bytes with any number of
 * workers, on every backend.
 *
 * An Asian call pays what the average price of something is above the strike. For the arithmetic
 * average there is no formula, for the geometric one there is. The same paths price both: so the
 * second shows whether they are right, and makes the first more exact, as a control.
 */
#include <pinfold_main.h>

#include "estimate.h"
#include "exponential.h"
#include "geometric.h"
#include "kernel.h"
#include "terms.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Usage: montecarlo [OPTION]...\n"
    "Prices an Asian call by Monte Carlo. The same options make the same bytes, with any\n"
    "number of workers.\n"
    "\n"
    "  --paths N         how many, from 100 to 1000000000 [1000000]\n"
    "  --steps N         prices that the average is of, in a path, up to 10000 [64]\n"
    "  --seed S          of the random numbers, from 0 to 2^64 - 1 [1]\n"
    "  --spot X          the price today, from 0.01 to 1e6 [100]\n"
    "  --strike X        what the average is bought for, from 0.01 to 1e6 [100]\n"
    "  --rate X          of interest, a year, from -0.5 to 0.5 [0.05]\n"
    "  --volatility X    a year, from 0.001 to 2 [0.2]\n"
    "  --years X         to run, from 0.001 to 50 [1]\n"
    "  --help            this text\n"
    "\n"
    "With each price comes its standard error. Exit status: 0 there is a price; 1 it could\n"
    "not be written; 2 wrong usage; 3 the workers could not be used; 102 the job ended\n"
    "early (by a signal, or before its --deadline), and there is no price yet.\n"
    "\n";

/* ---- The work */

static void print_line(const char *name, struct estimate payoff, double discount)
{
    printf("%-24s %14.6f %14.6f\n", name, discount * payoff.value, discount * payoff.error);
}

/* Returns the exit status. */
static int print(const struct terms *terms, const struct tally *sum)
{
    double discount = exponential(-terms->rate * terms->years);
    double known = geometric_mean_payoff(terms);
    struct estimate geometric = estimate_geometric(sum, terms->paths);

    printf("Asian call: spot %g, strike %g, rate %g, volatility %g, years %g, steps %" PRIu64 "\n",
           terms->spot, terms->strike, terms->rate, terms->volatility, terms->years, terms->steps);
    printf("%" PRIu64 " paths, seed %" PRIu64 "\n\n", terms->paths, terms->seed);
    printf("%-24s %14s %14s\n", "average", "price", "standard error");
    print_line("arithmetic", estimate_arithmetic(sum, terms->paths), discount);
    print_line("arithmetic, controlled", estimate_controlled(sum, terms->paths, known), discount);
    print_line("geometric", geometric, discount);
    printf("%-24s %14.6f\n", "geometric, by formula", discount * known);
    if (geometric.error > 0)
        printf("\ngeometric off by %.2f standard errors\n",
               (geometric.value - known) / geometric.error);
    else
        printf("\nall paths paid the same\n");
    if (fflush(stdout) != 0) {
        fprintf(stderr, "montecarlo: standard output: %s\n", strerror(errno));
        return 1;
    }
    return 0;
}

/* The job ended before the work was done: says how far it came. pinfold_drive sees to the status. */
static void tell_early(const int *codes, size_t count)
{
    size_t done = 0;

    for (size_t i = 0; i < count; i++)
        done += codes[i] == 0;
    fprintf(stderr, "montecarlo: ended early: %zu of %zu blocks of paths done; run it again\n",
            done, count);
}

static int run(pinfold_pool *pool, void *data)
{
    const struct terms *terms = data;
    double span = terms->years / (double)terms->steps;
    struct model model = {.seed = terms->seed,
                          .steps = terms->steps,
                          .spot = terms->spot,
                          .strike = terms->strike,
                          .drift = (terms->rate - terms->volatility * terms->volatility / 2) * span,
                          .spread = terms->volatility * sqrt(span)};
    struct pinfold_call how = {.size = sizeof how, .shared = {&model, sizeof model}, .key = "montecarlo"};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    size_t count = (size_t)((terms->paths + KERNEL_PATHS - 1) / KERNEL_PATHS);
    struct block *blocks = calloc(count, sizeof *blocks);
    struct tally *tallies = calloc(count, sizeof *tallies), sum = {0};
    int *codes = calloc(count, sizeof *codes), status = 1, code;

    how.codes = codes;
    for (size_t i = 0; blocks != NULL && i < count; i++) {
        uint64_t first = i * KERNEL_PATHS, rest = terms->paths - first;
        blocks[i] = (struct block){first, rest < KERNEL_PATHS ? rest : KERNEL_PATHS};
    }
    if (blocks == NULL || tallies == NULL || codes == NULL) {
        fprintf(stderr, "montecarlo: out of memory\n");
    } else if ((code = pinfold_map(pool, kernel_task, &how, blocks, sizeof *blocks, tallies,
                                   sizeof *tallies, count, &err)) != 0) {
        if (code == PINFOLD_E_ENDING)
            tell_early(codes, count);
        else
            fprintf(stderr, "montecarlo: %s\n", err.text);
        status = 3;
    } else {
        for (size_t i = 0; i < count; i++) {
            sum.a += tallies[i].a;
            sum.g += tallies[i].g;
            sum.aa += tallies[i].aa;
            sum.ag += tallies[i].ag;
            sum.gg += tallies[i].gg;
        }
        status = print(terms, &sum);
    }
    free(codes);
    free(tallies);
    free(blocks);
    return status;
}

/* ---- The command line */

/* Prints, on the driver alone, a line of what is wrong. Returns 2. */
static int wrong(const char *what, const char *word)
{
    if (pinfold_is_driver())
        fprintf(stderr, "montecarlo: %s%s (try --help)\n", what, word);
    return 2;
}

/* Returns -1 to go on, else the status to end with. All ranks come to the same end, before MPI
 * is started. */
static int read_arguments(struct terms *terms, struct pinfold_options *options, int argc,
                          char **argv)
{
    static const struct option known[] = {{"paths", required_argument, NULL, 't'},
                                          {"steps", required_argument, NULL, 't'},
                                          {"seed", required_argument, NULL, 't'},
                                          {"spot", required_argument, NULL, 't'},
                                          {"strike", required_argument, NULL, 't'},
                                          {"rate", required_argument, NULL, 't'},
                                          {"volatility", required_argument, NULL, 't'},
                                          {"years", required_argument, NULL, 't'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int letter, which;

    if (pinfold_options_parse(options, &argc, argv, &err) != 0)
        return wrong(err.text, "");
    opterr = pinfold_is_driver(); /* getopt's own line about an unknown option */
    while ((letter = getopt_long(argc, argv, "", known, &which)) != -1) {
        switch (letter) {
        case 't': {
            char what[80];
            const char *wanted = terms_read(terms, known[which].name, optarg);
            if (wanted == NULL)
                break;
            snprintf(what, sizeof what, "--%s wants %s, not ", known[which].name, wanted);
            return wrong(what, optarg);
        }
        case 'h':
            if (pinfold_is_driver())
                printf("%s%s", usage, pinfold_options_help());
            return 0;
        default:
            return 2;
        }
    }
    if (optind != argc)
        return wrong("it takes only options, not ", argv[optind]);
    return -1;
}

int main(int argc, char **argv)
{
    struct pinfold_options options = {.size = sizeof options, .log = pinfold_log_stderr};
    struct terms terms = terms_default;

    int status = read_arguments(&terms, &options, argc, argv);
    if (status >= 0) /* a launcher would end the driver for another rank's status */
        return pinfold_is_driver() ? status : 0;
    return pinfold_drive(&options, run, &terms);
}
