/* nqueens: in how many ways N queens stand on a board of N by N without attacking each other.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Tasks that make tasks: one that has placed queens in its first rows makes one for each square
 * that is free in the next row, down to --depth; there it counts the rest by itself. Counts are
 * added up on the way back. The search on bits is Martin Richards's ("Backtracking Algorithms in
 * MCPL using Bit Patterns and Recursion", University of Cambridge, 1997); the published counts are
 * A000170 of the On-Line Encyclopedia of Integer Sequences.
 */
#include <pinfold_main.h>

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 27

static const char usage[] =
    "Usage: nqueens [OPTION]... N\n"
    "Counts the ways in which N queens (1 to 27) stand on a board of N by N without attacking\n"
    "each other, and compares with the published count.\n"
    "\n"
    "  --depth ROWS  tasks make tasks down to this row, and count from there by\n"
    "                themselves (automatic: N - 10, at least 1)\n"
    "  --help        this text\n"
    "\n"
    "Exit status: 0 the count is right; 1 it is not, or the output could not be written;\n"
    "2 wrong usage; 3 the workers could not be used.\n"
    "\n";

static const uint64_t published[MOST + 1] = {
    0,
    1,
    0,
    0,
    2,
    10,
    4,
    40,
    92,
    352,
    724,
    2680,
    14200,
    73712,
    365596,
    2279184,
    14772512,
    95815104,
    666090624,
    4968057848,
    39029188884,
    314666222712,
    2691008701644,
    24233937684440,
    227514171973736,
    2207893435808352,
    22317699616364044,
    234907967154122528,
};

/* Queens stand in the first `row` rows. A bit is a column: those that they hold, and those that
 * their two diagonals cross in the next row. */
struct board {
    uint32_t n, row, depth;
    uint32_t columns, left, right;
};

static uint32_t free_squares(const struct board *board)
{
    return ~(board->columns | board->left | board->right) & ((UINT32_C(1) << board->n) - 1);
}

static struct board place(const struct board *board, uint32_t square)
{
    return (struct board){board->n,
                          board->row + 1,
                          board->depth,
                          board->columns | square,
                          (board->left | square) << 1,
                          (board->right | square) >> 1};
}

static uint64_t count(const struct board *board)
{
    uint64_t ways = 0;

    if (board->row == board->n)
        return 1;
    for (uint32_t open = free_squares(board); open; open &= open - 1) {
        struct board next = place(board, open & -open);
        ways += count(&next);
    }
    return ways;
}

static int queens(pinfold_task *task)
{
    const struct board *board = pinfold_task_arg(task).data;
    struct pinfold_error err = PINFOLD_ERROR_INIT;

    if (board->row >= board->depth) {
        *(uint64_t *)pinfold_task_out(task, sizeof(uint64_t)) = count(board);
        return 0;
    }
    for (uint32_t open = free_squares(board); open; open &= open - 1) {
        struct board next = place(board, open & -open);
        if (pinfold_task_submit(task, queens, (pinfold_bytes){&next, sizeof next}, &err) != 0)
            return pinfold_task_fail(task, 1, "%s", err.text);
    }
    return 0; /* a result of no bytes: the children have them */
}

static void add(void *into, const void *other, pinfold_bytes shared)
{
    (void)shared;
    *(uint64_t *)into += *(const uint64_t *)other;
}

static int print(uint32_t n, uint64_t ways)
{
    bool right = ways == published[n];

    printf("%" PRIu32 " queens: %" PRIu64 " ways\nVERIFICATION %s\n", n, ways,
           right ? "SUCCESSFUL" : "FAILED");
    if (fflush(stdout) != 0) {
        fprintf(stderr, "nqueens: standard output: %s\n", strerror(errno));
        return 1;
    }
    return right ? 0 : 1;
}

static int run(pinfold_pool *pool, void *data)
{
    const struct board *empty = data;
    struct pinfold_call how = {.size = sizeof how, .combine = add};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_future *future = NULL;
    pinfold_bytes result = {0};
    uint64_t ways = 0;
    int code;

    code = pinfold_submit(pool, queens, (pinfold_bytes){empty, sizeof *empty}, &how, &future, &err);
    if (!code)
        code = pinfold_future_result(future, &result, &err);
    if (!code && result.size == sizeof ways) /* no way at all, no bytes at all */
        memcpy(&ways, result.data, sizeof ways);
    pinfold_future_free(future);
    if (code) {
        fprintf(stderr, "nqueens: %s\n", err.text);
        return 3;
    }
    return print(empty->n, ways);
}

/* ---- The command line */

/* Prints, on the driver alone, a line of what is wrong. Returns 2. */
static int wrong(const char *what, const char *word)
{
    if (pinfold_is_driver())
        fprintf(stderr, "nqueens: %s%s (try --help)\n", what, word);
    return 2;
}

static bool read_number(uint32_t *number, const char *text)
{
    char end;

    return text[0] >= '0' && text[0] <= '9' && sscanf(text, "%" SCNu32 "%c", number, &end) == 1 &&
           *number >= 1 && *number <= MOST;
}

/* Returns -1 to go on, else the status to end with. */
static int read_arguments(struct board *board, struct pinfold_options *options, int argc,
                          char **argv)
{
    static const struct option known[] = {
        {"help", no_argument, NULL, 'h'}, {"depth", required_argument, NULL, 'd'}, {0}};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int letter;

    if (pinfold_options_parse(options, &argc, argv, &err) != 0)
        return wrong(err.text, "");
    opterr = pinfold_is_driver(); /* getopt's own line about an unknown option */
    while ((letter = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (letter) {
        case 'd':
            if (!read_number(&board->depth, optarg))
                return wrong("--depth wants rows, 1 to 27, not ", optarg);
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
        return wrong("one N is wanted, 1 to 27", "");
    if (!read_number(&board->n, argv[optind]))
        return wrong("N is 1 to 27, not ", argv[optind]);
    if (!board->depth)
        board->depth = board->n > 10 ? board->n - 10 : 1;
    if (board->depth > board->n)
        return wrong("there are fewer rows than --depth says", "");
    return -1;
}

int main(int argc, char **argv)
{
    struct pinfold_options options = {.size = sizeof options, .log = pinfold_log_stderr};
    struct board empty = {0};

    int status = read_arguments(&empty, &options, argc, argv);
    if (status >= 0) /* a launcher would end the driver for another rank's status */
        return pinfold_is_driver() ? status : 0;
    return pinfold_drive(&options, run, &empty);
}
