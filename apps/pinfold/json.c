/* json.c - the report for programs that want all of it. Valid JSON whatever hosts, files and
 * kinds are called. Names may be added; those that are there stay. */
#include "field.h"
#include "report.h"

static void put_set(FILE *out, const struct pf_cpus *set)
{
    const char *comma = "";

    putc('[', out);
    pf_cpus_foreach (cpu, set) {
        fprintf(out, "%s%d", comma, cpu);
        comma = ",";
    }
    putc(']', out);
}

/* A number that is -1 where there is none. */
static void put_number(FILE *out, const char *name, int64_t value)
{
    if (value < 0)
        fprintf(out, ", \"%s\": null", name);
    else
        fprintf(out, ", \"%s\": %lld", name, (long long)value);
}

static void put_machine(FILE *out, const struct topo_report *report)
{
    const struct pf_machine *machine = report->machine;

    fputs("  \"machine\": {\"name\": ", out);
    field_json(out, machine->name);
    fprintf(out,
            ", \"live\": %s, \"describes_cores\": %s,\n"
            "    \"packages\": %d, \"numa_nodes\": %d, \"l3_caches\": %d,\n"
            "    \"cores\": %d, \"threads\": %d, \"usable_cores\": %d, \"usable_threads\": %d,\n"
            "    \"allowed\": ",
            machine->live ? "true" : "false", machine->coreless ? "false" : "true",
            machine->npackages, machine->nnuma, machine->nl3, machine->ncores, machine->npus,
            report->usable_cores, report->usable_threads);
    put_set(out, &machine->allowed);
    fputs(",\n    \"usable\": ", out);
    put_set(out, &report->usable);
    if (report->quota > 0)
        fprintf(out, ",\n    \"quota\": %.2f", report->quota);
    fputs(",\n    \"kinds\": [", out);
    for (int i = 0; i < machine->nkinds; i++) {
        fprintf(out, "%s{\"kind\": %d, \"name\": ", i ? ", " : "", i);
        field_json(out, machine->kinds[i].name);
        fprintf(out, ", \"ranked\": %s}", machine->kinds[i].ranked ? "true" : "false");
    }
    fputs("]},\n  \"cores\": [", out);
    for (int i = 0; i < machine->ncores; i++) {
        const struct pf_core *core = &machine->cores[i];

        fprintf(out, "%s\n    {\"core\": %d", i ? "," : "", core->logical);
        put_number(out, "os", core->os);
        put_number(out, "package", core->package);
        put_number(out, "numa", core->numa);
        put_number(out, "l3", core->l3);
        put_number(out, "kind", core->kind);
        fputs(", \"cpus\": [", out);
        for (int j = 0; j < core->npus; j++)
            fprintf(out, "%s%d", j ? "," : "", core->pus[j]);
        fputs("]}", out);
    }
    fputs("],\n", out);
}

static void put_policy(FILE *out, const struct topo_report *report)
{
    fputs("  \"policy\": {\"places\": ", out);
    field_json(out, report->places);
    fputs(", \"bind\": ", out);
    field_json(out, report->bind);
    fputs(", \"reserve\": ", out);
    field_json(out, report->reserve);
    fputs(", \"oversubscribe\": ", out);
    field_json(out, report->oversubscribe);
    fprintf(out, ", \"cpus_per_task\": %d},\n", report->width);
    if (!report->ranks)
        fprintf(out, "  \"places\": %d,\n", report->nplaces);
    fputs("  \"driver\": ", out);
    if (report->driver.bound)
        put_set(out, &report->driver.cpus);
    else
        fputs("null", out);
}

static void put_worker(FILE *out, const struct topo_report *report,
                       const struct topo_worker *worker)
{
    const struct pf_core *core = report_core(report, worker);
    struct pf_cpus cores;

    report_cores(report, worker, &cores);
    fprintf(out, "{\"worker\": %d, \"cpus\": ", worker->number);
    put_set(out, &worker->cpus);
    fprintf(out, ", \"bound\": %s, \"width\": %d", worker->bound ? "true" : "false", worker->width);
    if (worker->here) {
        fputs(", \"cores\": ", out);
        put_set(out, &cores);
        put_number(out, "package", core ? core->package : -1);
        put_number(out, "numa", core ? core->numa : -1);
        put_number(out, "l3", core ? core->l3 : -1);
        put_number(out, "kind", core ? core->kind : -1);
    }
    fprintf(out, ", \"node\": %d, \"host\": ", worker->node);
    field_json(out, worker->host);
    if (report->ranks) {
        put_number(out, "rank", worker->rank);
        put_number(out, "pid", worker->pid);
    }
    putc('}', out);
}

void report_json(const struct topo_report *report, FILE *out)
{
    fputs("{\n", out);
    put_machine(out, report);
    put_policy(out, report);
    fputs(",\n  \"workers\": [", out);
    for (int i = 0; i < report->n; i++) {
        fputs(i ? ",\n    " : "\n    ", out);
        put_worker(out, report, &report->workers[i]);
    }
    fputs("],\n  \"notices\": [", out);
    for (int i = 0; i < report->nnotices; i++) {
        fputs(i ? ",\n    " : "\n    ", out);
        field_json(out, report->notices[i]);
    }
    fputs("]\n}\n", out);
}
