/* report.c - see report.h. */
#include "report.h"

#include <stdarg.h>

void report_note(struct topo_report *report, const char *fmt, ...)
{
    const int room = sizeof report->notices / sizeof *report->notices;
    va_list args;

    if (report->nnotices == room)
        return;
    va_start(args, fmt);
    vsnprintf(report->notices[report->nnotices++], sizeof *report->notices, fmt, args);
    va_end(args);
}

void report_cores(const struct topo_report *report, const struct topo_worker *worker,
                  struct pf_cpus *cores)
{
    const struct pf_machine *machine = report->machine;

    pf_cpus_zero(cores);
    for (int i = 0; worker->here && i < machine->ncores; i++)
        if (pf_layout_pu(&machine->cores[i], &worker->cpus, 0) >= 0)
            pf_cpus_add(cores, i);
}

const struct pf_core *report_core(const struct topo_report *report,
                                  const struct topo_worker *worker)
{
    int core = -1;

    if (worker->here && worker->bound)
        core = pf_layout_first_core(report->machine, &worker->cpus);
    return core < 0 ? NULL : &report->machine->cores[core];
}

const char *report_kind(const struct topo_report *report, int kind, char *buf, size_t size)
{
    const struct pf_machine *machine = report->machine;

    if (kind < 0 || kind >= machine->nkinds)
        return NULL;
    if (machine->kinds[kind].name[0])
        return machine->kinds[kind].name;
    snprintf(buf, size, "%d", kind);
    return buf;
}
