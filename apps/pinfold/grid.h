/* grid.h - columns for people: as wide as what is in them, cut where a line would be too long.
 */
#ifndef PINFOLD_GRID_H
#define PINFOLD_GRID_H

#include "base/cpus.h"

#include <stdio.h>

#define GRID_COLUMNS 10
#define GRID_LINE    98 /* characters */

struct grid {
    int columns, rows;
    char (*cell)[GRID_COLUMNS][GRID_LINE]; /* row 0 is the heading */
};

/* Begins a grid with room for `rows` rows. -1: out of memory. */
int grid_begin(struct grid *grid, int rows, const char *const *heading);
void grid_row(struct grid *grid);

/* Fills the next cell of the newest row. */
void grid_text(struct grid *grid, const char *text);
void grid_number(struct grid *grid, int64_t value);          /* below 0: "-" */
void grid_set(struct grid *grid, const struct pf_cpus *set); /* "0-3,8"; empty: "-" */

/* Ascending numbers: "0-15,32,48..96" (that is 32, 48, 64, 80, 96). */
void grid_numbers(struct grid *grid, const int *number, int n);

/* Writes and frees it. Every line begins with a blank or two. */
void grid_end(struct grid *grid, FILE *out);

#endif
