/* grid.c - see grid.h. */
#include "grid.h"

#include <stdlib.h>
#include <string.h>

#define GAP 2

int grid_begin(struct grid *grid, int rows, const char *const *heading)
{
    memset(grid, 0, sizeof *grid);
    grid->cell = calloc((size_t)rows + 1, sizeof *grid->cell);
    if (!grid->cell)
        return -1;
    grid->rows = 1;
    for (; heading[grid->columns]; grid->columns++)
        snprintf(grid->cell[0][grid->columns], GRID_LINE, "%s", heading[grid->columns]);
    return 0;
}

void grid_row(struct grid *grid)
{
    grid->rows++;
    grid->columns = 0;
}

void grid_text(struct grid *grid, const char *text)
{
    char *cell = grid->cell[grid->rows - 1][grid->columns++];

    snprintf(cell, GRID_LINE, "%s", *text ? text : "-");
    for (; *cell; cell++)
        if ((unsigned char)*cell < ' ' || *cell == 0x7f)
            *cell = '?';
}

void grid_number(struct grid *grid, int64_t value)
{
    char text[24] = "-";

    if (value >= 0)
        snprintf(text, sizeof text, "%lld", (long long)value);
    grid_text(grid, text);
}

void grid_set(struct grid *grid, const struct pf_cpus *set)
{
    char text[GRID_LINE + 1]; /* one more than a cell, so that what is too long is seen to be */

    pf_cpus_print_ranges(set, text, sizeof text);
    grid_text(grid, text);
}

void grid_numbers(struct grid *grid, const int *number, int n)
{
    char text[GRID_LINE + 32] = "";
    size_t length = 0;

    for (int i = 0; i < n && length < GRID_LINE;) {
        int step = i + 1 < n ? number[i + 1] - number[i] : 0, last = i;
        const char *comma = i ? "," : "";

        while (last + 1 < n && number[last + 1] - number[last] == step)
            last++;
        /* Two are a range only when they are neighbours; others need three to show their step.
         */
        if (step != 1 && last - i < 2)
            last = i;
        if (last == i)
            length += (size_t)sprintf(text + length, "%s%d", comma, number[i]);
        else if (step == 1)
            length += (size_t)sprintf(text + length, "%s%d-%d", comma, number[i], number[last]);
        else
            length += (size_t)sprintf(text + length, "%s%d,%d..%d", comma, number[i], number[i + 1],
                                      number[last]);
        i = last + 1;
    }
    grid_text(grid, text);
}

/* Cuts a list behind a comma, so that no number is cut to another one: "0,16,32,...". */
static void cut(char *cell, size_t width)
{
    size_t keep = width > 3 ? width - 3 : 0;

    if (strlen(cell) <= width)
        return;
    while (keep > 0 && cell[keep - 1] != ',')
        keep--;
    if (keep == 0)
        keep = width > 3 ? width - 3 : 0;
    strcpy(cell + keep, "...");
}

void grid_end(struct grid *grid, FILE *out)
{
    size_t width[GRID_COLUMNS] = {0}, total = 0;
    int widest = 0;

    for (int row = 0; row < grid->rows; row++)
        for (int column = 0; column < grid->columns; column++)
            if (strlen(grid->cell[row][column]) > width[column])
                width[column] = strlen(grid->cell[row][column]);
    for (int column = 0; column < grid->columns; column++)
        total += width[column] + GAP;
    /* The widest column gives, until the line fits. */
    while (total > GRID_LINE) {
        for (int column = 0; column < grid->columns; column++)
            if (width[column] >= width[widest])
                widest = column;
        width[widest]--;
        total--;
    }
    for (int row = 0; row < grid->rows; row++) {
        for (int column = 0; column < grid->columns; column++) {
            char *cell = grid->cell[row][column];
            bool last = column + 1 == grid->columns;

            cut(cell, width[column]);
            fprintf(out, "%*s%-*s", GAP, "", last ? 0 : (int)width[column], cell);
        }
        putc('\n', out);
    }
    free(grid->cell);
}
