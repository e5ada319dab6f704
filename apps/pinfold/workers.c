/* workers.c - the workers as a table: one each, or together by node. */
#include "people.h"

#include "grid.h"

#include <stdlib.h>
#include <string.h>

static void put_place(struct grid *grid, const struct topo_report *report,
                      const struct topo_worker *worker)
{
    const struct pf_core *core = report_core(report, worker);
    const char *kind = NULL;
    struct pf_cpus cores;
    char buf[16];

    pf_cpus_zero(&cores);
    if (core)
        report_cores(report, worker, &cores);
    grid_set(grid, &cores);
    grid_number(grid, core ? core->package : -1);
    grid_number(grid, core ? core->numa : -1);
    grid_number(grid, core ? core->l3 : -1);
    if (report->machine->nkinds < 2)
        return;
    if (core)
        kind = report_kind(report, core->kind, buf, sizeof buf);
    grid_text(grid, kind ? kind : "-");
}

void people_workers(const struct topo_report *report, FILE *out)
{
    static const char *const words[] = {"worker",  "threads P#", "bound", "cores L#",
                                        "package", "NUMA",       "L3"};
    const char *heading[GRID_COLUMNS + 1] = {NULL};
    int n = sizeof words / sizeof *words;
    struct grid grid;

    memcpy(heading, words, sizeof words);
    if (report->machine->nkinds > 1)
        heading[n++] = "kind";
    if (report->ranks) {
        heading[n++] = "rank,pid";
        heading[n++] = "host";
    }
    if (grid_begin(&grid, report->n, heading))
        return;
    for (int i = 0; i < report->n; i++) {
        const struct topo_worker *worker = &report->workers[i];
        char text[64];

        grid_row(&grid);
        grid_number(&grid, worker->number);
        grid_set(&grid, &worker->cpus);
        grid_text(&grid, worker->bound ? "yes" : "no");
        put_place(&grid, report, worker);
        if (!report->ranks)
            continue;
        snprintf(text, sizeof text, "%d,%lld", worker->rank, (long long)worker->pid);
        grid_text(&grid, text);
        grid_text(&grid, worker->host);
    }
    grid_end(&grid, out);
}

/* Workers are numbered node by node or rank by rank; both are told as they are. */
void people_nodes(const struct topo_report *report, FILE *out)
{
    static const char *const heading[] = {"node", "host", "workers", "threads P#", "bound", NULL};
    int *number = calloc((size_t)report->n + 1, sizeof *number);
    int nodes = 0;
    struct grid grid;

    for (int i = 0; i < report->n; i++)
        if (report->workers[i].node >= nodes)
            nodes = report->workers[i].node + 1;
    if (!number || grid_begin(&grid, PEOPLE_LINES, heading)) {
        free(number);
        return;
    }
    for (int node = 0; node < nodes && node < PEOPLE_LINES; node++) {
        const char *host = "";
        struct pf_cpus cpus;
        int n = 0, bound = 0;

        pf_cpus_zero(&cpus);
        for (int i = 0; i < report->n; i++) {
            const struct topo_worker *worker = &report->workers[i];

            if (worker->node != node)
                continue;
            number[n++] = worker->number;
            bound += worker->bound;
            host = worker->host;
            pf_cpus_or(&cpus, &worker->cpus);
        }
        grid_row(&grid);
        grid_number(&grid, node);
        grid_text(&grid, host);
        grid_numbers(&grid, number, n);
        grid_set(&grid, &cpus);
        grid_text(&grid, bound == n ? "all" : bound ? "some" : "none");
    }
    grid_end(&grid, out);
    if (nodes > PEOPLE_LINES)
        fprintf(out, "  ... and %d nodes more: --format tsv has all\n", nodes - PEOPLE_LINES);
    free(number);
}
