/* domains.c - the machine as a table: a row for each L3, or NUMA node, or package; the smallest
 * of which there are not too many. */
#include "people.h"

#include "grid.h"

#include <stdlib.h>

#define ROWS 20

struct row {
    const struct pf_core *first;
    struct pf_cpus packages, numa, l3, cores, pus, usable;
};

static void add_domain(struct pf_cpus *set, int domain)
{
    if (domain >= 0)
        pf_cpus_add(set, domain);
}

/* depth 1: of one package; 2: of one NUMA node there; 3: of one L3 there; 0: all. */
static bool same(const struct pf_core *a, const struct pf_core *b, int depth)
{
    return (depth < 1 || a->package == b->package) && (depth < 2 || a->numa == b->numa) &&
           (depth < 3 || a->l3 == b->l3);
}

/* Puts every core into a row: row_of[core]. Returns their number, or -1 when there are more
 * than ROWS (with depth 0 there is one). */
static int group(struct row *rows, int *row_of, const struct topo_report *report, int depth)
{
    const struct pf_machine *machine = report->machine;
    int n = 0;

    for (int i = 0; i < machine->ncores; i++) {
        const struct pf_core *core = &machine->cores[i];
        int row = 0;

        while (row < n && !same(rows[row].first, core, depth))
            row++;
        if (row == ROWS)
            return -1;
        if (row == n)
            rows[n++] = (struct row){.first = core};
        row_of[i] = row;
        add_domain(&rows[row].packages, core->package);
        add_domain(&rows[row].numa, core->numa);
        add_domain(&rows[row].l3, core->l3);
        pf_cpus_add(&rows[row].cores, core->logical);
        for (int j = 0; j < core->npus; j++) {
            pf_cpus_add(&rows[row].pus, core->pus[j]);
            if (pf_cpus_has(&report->usable, core->pus[j]))
                pf_cpus_add(&rows[row].usable, core->pus[j]);
        }
    }
    return n;
}

/* The workers whose first core is in the row, in ascending order. */
static int workers_of(int *number, const struct topo_report *report, const int *row_of, int row)
{
    int n = 0;

    for (int i = 0; i < report->n; i++) {
        const struct pf_core *core = report_core(report, &report->workers[i]);

        if (core && row_of[core->logical] == row)
            number[n++] = report->workers[i].number;
    }
    return n;
}

static void put_rows(const struct row *rows, int n, const int *row_of,
                     const struct topo_report *report, bool workers, FILE *out)
{
    static const char *const heading[] = {"package",    "NUMA",    "L3",      "cores L#",
                                          "threads P#", "may use", "workers", NULL};
    static const char *const shorter[] = {"package",    "NUMA",    "L3", "cores L#",
                                          "threads P#", "may use", NULL};
    int *number = calloc((size_t)report->n + 1, sizeof *number);
    struct grid grid;

    if (!number || grid_begin(&grid, n, workers ? heading : shorter)) {
        free(number);
        return;
    }
    for (int i = 0; i < n; i++) {
        grid_row(&grid);
        grid_set(&grid, &rows[i].packages);
        grid_set(&grid, &rows[i].numa);
        grid_set(&grid, &rows[i].l3);
        grid_set(&grid, &rows[i].cores);
        grid_set(&grid, &rows[i].pus);
        if (pf_cpus_equal(&rows[i].pus, &rows[i].usable))
            grid_text(&grid, "all");
        else if (pf_cpus_empty(&rows[i].usable))
            grid_text(&grid, "none");
        else
            grid_set(&grid, &rows[i].usable);
        if (workers)
            grid_numbers(&grid, number, workers_of(number, report, row_of, i));
    }
    grid_end(&grid, out);
    free(number);
}

void people_domains(const struct topo_report *report, bool workers, FILE *out)
{
    struct row *rows = calloc(ROWS, sizeof *rows);
    int *row_of = calloc((size_t)report->machine->ncores, sizeof *row_of);
    int n = -1;

    for (int depth = 3; rows && row_of && n < 0; depth--)
        n = group(rows, row_of, report, depth);
    if (n > 0)
        put_rows(rows, n, row_of, report, workers, out);
    free(rows);
    free(row_of);
}
