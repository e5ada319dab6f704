/* json.c - the report for programs that want all of it. Valid JSON whatever hosts, files and
 * kinds are called. Names may be added; those that are there stay. */
#include "report.h"

#include <string.h>

/* How many bytes the well-formed UTF-8 character at `text` has; 0: it is none (overlong forms,
 * surrogates and what lies beyond U+10FFFF are none either). */
static int utf8_length(const unsigned char *text)
{
    static const struct {
        unsigned char first, last, second_first, second_last;
        int length;
    } forms[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (text[0] < forms[i].first || text[0] > forms[i].last)
            continue;
        if (forms[i].length == 1)
            return 1;
        if (text[1] < forms[i].second_first || text[1] > forms[i].second_last)
            return 0;
        for (int k = 2; k < forms[i].length; k++)
            if (text[k] < 0x80 || text[k] > 0xbf)
                return 0;
        return forms[i].length;
    }
    return 0;
}

/* Bytes that are no UTF-8 become U+FFFD, as everywhere. */
static void put_string(FILE *out, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;

    putc('"', out);
    while (*at) {
        int length = utf8_length(at);

        if (length == 0)
            fputs("\\ufffd", out);
        else if (*at == '"' || *at == '\\')
            fprintf(out, "\\%c", *at);
        else if (*at < 0x20 || *at == 0x7f)
            fprintf(out, "\\u%04x", (unsigned)*at);
        else
            fwrite(at, 1, (size_t)length, out);
        at += length ? length : 1;
    }
    putc('"', out);
}

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
    put_string(out, machine->name);
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
        put_string(out, machine->kinds[i].name);
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
    put_string(out, report->places);
    fputs(", \"bind\": ", out);
    put_string(out, report->bind);
    fputs(", \"reserve\": ", out);
    put_string(out, report->reserve);
    fputs(", \"oversubscribe\": ", out);
    put_string(out, report->oversubscribe);
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
    put_string(out, worker->host);
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
        put_string(out, report->notices[i]);
    }
    fputs("]\n}\n", out);
}
