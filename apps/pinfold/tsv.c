/* tsv.c - the report as a table for programs: a header line, then one line for each worker.
 * "-" is a value that does not exist or is not known. Columns may be added behind the last. */
#include "field.h"
#include "report.h"

static void put_field(FILE *out, const char *text)
{
    putc('\t', out);
    field_tsv(out, text);
}

static void put_number(FILE *out, int64_t value)
{
    if (value < 0)
        put_field(out, "-");
    else
        fprintf(out, "\t%lld", (long long)value);
}

static void put_set(FILE *out, const struct pf_cpus *set)
{
    const char *comma = "\t";

    if (pf_cpus_empty(set))
        put_field(out, "-");
    pf_cpus_foreach (cpu, set) {
        fprintf(out, "%s%d", comma, cpu);
        comma = ",";
    }
}

void report_tsv(const struct topo_report *report, FILE *out)
{
    fputs("worker\tcpus\tbound\twidth\tcores\tpackage\tnuma\tl3\tkind\tnode\thost\trank\tpid\n",
          out);
    for (int i = 0; i < report->n; i++) {
        const struct topo_worker *worker = &report->workers[i];
        const struct pf_core *core = report_core(report, worker);
        const char *kind = NULL;
        struct pf_cpus cores;
        char buf[16];

        report_cores(report, worker, &cores);
        if (core)
            kind = report_kind(report, core->kind, buf, sizeof buf);
        fprintf(out, "%d", worker->number);
        put_set(out, &worker->cpus);
        put_field(out, worker->bound ? "yes" : "no");
        put_number(out, worker->width);
        put_set(out, &cores);
        put_number(out, core ? core->package : -1);
        put_number(out, core ? core->numa : -1);
        put_number(out, core ? core->l3 : -1);
        put_field(out, kind ? kind : "-");
        put_number(out, worker->node);
        put_field(out, worker->host);
        put_number(out, worker->rank);
        put_number(out, worker->pid);
        putc('\n', out);
    }
}
