/* text.c - the report for people, on one screen: the counts, the parts of the machine, and who
 * sits where. A few workers have a line each; many are told by the domains that they sit in. */
#include "people.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void PINFOLD_PRINTF(3, 4) line(FILE *out, const char *label, const char *fmt, ...)
{
    va_list args;

    fprintf(out, "%-12s", label);
    va_start(args, fmt);
    vfprintf(out, fmt, args);
    va_end(args);
    putc('\n', out);
}

static const char *plural(int n)
{
    return n == 1 ? "" : "s";
}

/* "P#0-7,16", cut behind a comma where it would be too long. */
static const char *ranges(const struct pf_cpus *set, char *buf, size_t size)
{
    char *comma;

    if (pf_cpus_print_ranges(set, buf, size) < (int)size)
        return buf;
    buf[size - 4] = '\0';
    comma = strrchr(buf, ',');
    strcpy(comma ? comma + 1 : buf, "...");
    return buf;
}

static int package_of(const struct pf_core *core)
{
    return core->package;
}

static int numa_of(const struct pf_core *core)
{
    return core->numa;
}

static int l3_of(const struct pf_core *core)
{
    return core->l3;
}

/* "4, of 12 cores"; "3, of 10 to 20 cores". A node around others that leave it no core is
 * counted only. */
static void put_domains(FILE *out, const char *label, const struct pf_machine *machine, int n,
                        int (*domain_of)(const struct pf_core *))
{
    int *cores = calloc((size_t)n + 1, sizeof *cores), least = -1, most = 0;

    for (int i = 0; cores && i < machine->ncores; i++)
        if (domain_of(&machine->cores[i]) >= 0)
            cores[domain_of(&machine->cores[i])]++;
    for (int i = 0; cores && i < n; i++) {
        if (cores[i] == 0)
            continue;
        least = least < 0 || cores[i] < least ? cores[i] : least;
        most = cores[i] > most ? cores[i] : most;
    }
    free(cores);
    if (n == 0)
        line(out, label, "none known");
    else if (least == most)
        line(out, label, "%d, of %d core%s", n, most, plural(most));
    else
        line(out, label, "%d, of %d to %d cores", n, least, most);
}

static void put_kinds(FILE *out, const struct topo_report *report)
{
    const struct pf_machine *machine = report->machine;

    for (int kind = 0; machine->nkinds > 1 && kind < machine->nkinds; kind++) {
        const char *name = machine->kinds[kind].name, *rank = "";
        char text[56];
        struct pf_cpus cores;

        pf_cpus_zero(&cores);
        for (int i = 0; i < machine->ncores; i++)
            if (machine->cores[i].kind == kind)
                pf_cpus_add(&cores, i);
        if (machine->kinds[kind].ranked && kind == 0)
            rank = " (the thriftiest)";
        else if (machine->kinds[kind].ranked && kind == machine->nkinds - 1)
            rank = " (the fastest)";
        line(out, kind ? "" : "kinds", "%d%s%s: %d core%s, L#%s%s", kind, *name ? " " : "", name,
             pf_cpus_count(&cores), plural(pf_cpus_count(&cores)),
             ranges(&cores, text, sizeof text), rank);
    }
}

static void put_machine(FILE *out, const struct topo_report *report)
{
    const struct pf_machine *machine = report->machine;
    int least = machine->cores[0].npus, most = least;
    char text[64];

    fprintf(out,
            "%d hardware thread%s on %d physical core%s; this process may use %d thread%s on "
            "%d core%s\n",
            machine->npus, plural(machine->npus), machine->ncores, plural(machine->ncores),
            report->usable_threads, plural(report->usable_threads), report->usable_cores,
            plural(report->usable_cores));
    line(out, "machine", "%.80s", machine->name);
    put_domains(out, "packages", machine, machine->npackages, package_of);
    put_domains(out, "NUMA nodes", machine, machine->nnuma, numa_of);
    put_domains(out, "L3 caches", machine, machine->nl3, l3_of);
    for (int i = 0; i < machine->ncores; i++) {
        least = machine->cores[i].npus < least ? machine->cores[i].npus : least;
        most = machine->cores[i].npus > most ? machine->cores[i].npus : most;
    }
    if (least == most)
        line(out, "threads", "%d on each core", most);
    else
        line(out, "threads", "%d to %d on each core", least, most);
    line(out, "may use", "P#%s", ranges(&report->usable, text, sizeof text));
    if (report->quota > 0)
        line(out, "quota", "%.2f CPUs at a time", report->quota);
    put_kinds(out, report);
}

static void put_plan(FILE *out, const struct topo_report *report, bool unbound)
{
    char text[64];

    if (report->ranks)
        line(out, "workers", "%d, as they were started; their CPUs as the system says", report->n);
    else if (report->width > 1)
        line(out, "workers", "%d, on %d place%s: %s %d wide, %s", report->n, report->nplaces,
             plural(report->nplaces), report->places, report->width, report->bind);
    else
        line(out, "workers", "%d, on %d place%s: %.40s, %s", report->n, report->nplaces,
             plural(report->nplaces), report->places, report->bind);
    if (unbound)
        line(out, "", "none of them is bound");
    if (report->driver.bound)
        line(out, "driver", "core L#%d, P#%s", report->driver.core,
             ranges(&report->driver.cpus, text, sizeof text));
}

void report_text(const struct topo_report *report, FILE *out)
{
    bool few = report->n <= PEOPLE_LINES, unbound = true, elsewhere = false;

    for (int i = 0; i < report->n; i++) {
        unbound &= !report->workers[i].bound;
        elsewhere |= !report->workers[i].here;
    }
    put_machine(out, report);
    put_plan(out, report, unbound);
    putc('\n', out);
    people_domains(report, !few && !unbound, out);
    if (few ? report->ranks || !unbound : report->ranks && (elsewhere || unbound)) {
        putc('\n', out);
        if (few)
            people_workers(report, out);
        else
            people_nodes(report, out);
    }
    if (report->nnotices)
        putc('\n', out);
    for (int i = 0; i < report->nnotices; i++)
        fprintf(out, "note: %s\n", report->notices[i]);
}
