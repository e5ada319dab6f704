/* topo.c - `pinfold topo`: a machine, and who sits where on it.
 *
 * Three ways to the same report. With --topology, workers are seated on a machine that somebody
 * described. Without, and started by hand, on this one. Without, and started by a launcher, a
 * pool is opened, and its workers are shown with the CPUs that the system says they have.
 *
 * All ranks read the same options, and fail alike before anyone starts MPI; rank 0 alone
 * prints.
 */
#include "topo.h"

#include "base/option.h"
#include "field.h"
#include "host/bind.h"
#include "host/mask.h"
#include "report.h"
#include "topo_live.h"

#include <stdlib.h>
#include <string.h>

enum { DONE = 0, FAILED = 1, USAGE = 2 };

struct request {
    struct pinfold_options options;
    const char *topology;
    void (*write)(const struct topo_report *report, FILE *out);
    bool notes_inside; /* the form has room for notices; else they go to stderr */
    bool help;
};

/* One line on stderr, from rank 0. What the user typed is in it: no control characters. */
static void complain(const char *level, const char *text)
{
    if (!pinfold_is_driver())
        return;
    fprintf(stderr, "pinfold topo: %s", level);
    field_plain(stderr, text);
    putc('\n', stderr);
}

/* Ranks other than 0 leave in peace: a launcher that sees a failure kills the rest, maybe before
 * rank 0 has spoken. */
static int fail(const struct pinfold_error *err)
{
    if (!pinfold_is_driver())
        return DONE;
    complain("", err->text);
    switch (err->code) {
    case PINFOLD_E_ARGUMENT:
    case PINFOLD_E_TOPOLOGY:
    case PINFOLD_E_PLACES:
        return USAGE;
    default:
        return FAILED;
    }
}

static void help(FILE *out)
{
    fprintf(out,
            "usage: pinfold topo [OPTION...]\n"
            "Shows a machine's cores and which worker gets which. Under mpirun or srun: the real\n"
            "workers of every node, and the CPUs that the system says they have.\n\n"
            "      --topology FILE|TEXT   another machine: hwloc XML (lstopo FILE.xml makes it),\n"
            "                             or a description such as \"pack:2 core:4 pu:2\"\n"
            "      --format FORM          text, tsv or json (text)\n"
            "      --help                 this text\n\n"
            "As for every program that opens a pool:\n%s\n"
            "CPUs are named as the system does (P#); cores also by their position (L#).\n"
            "Exit status: 0; 2 for what makes no sense (options, topology, more workers than\n"
            "places with --oversubscribe error); 1 when something else failed.\n",
            pinfold_options_help());
}

/* The value of `--name VALUE` or `--name=VALUE` at argv[*at], or NULL: it is another argument.
 */
static const char *value_of(const char *name, int argc, char **argv, int *at, bool *missing)
{
    size_t length = strlen(name);

    if (strncmp(argv[*at], name, length) != 0)
        return NULL;
    if (argv[*at][length] == '=')
        return argv[*at] + length + 1;
    if (argv[*at][length] != '\0')
        return NULL;
    *missing = *at + 1 >= argc;
    return *missing ? "" : argv[++*at];
}

static int choose_form(struct request *request, const char *form, struct pinfold_error *err)
{
    static const struct {
        const char *name;
        void (*write)(const struct topo_report *, FILE *);
        bool notes_inside;
    } forms[] = {
        {"text", report_text, true}, {"tsv", report_tsv, false}, {"json", report_json, true}};

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(form, forms[i].name) == 0) {
            request->write = forms[i].write;
            request->notes_inside = forms[i].notes_inside;
            return 0;
        }
    return pf_fail(err, PINFOLD_E_ARGUMENT, "--format is text, tsv or json, not '%s'", form);
}

static int parse(struct request *request, int argc, char **argv, struct pinfold_error *err)
{
    const char *form = "text";
    bool missing = false;
    int code = pinfold_options_parse(&request->options, &argc, argv, err);

    for (int i = 1; !code && i < argc; i++) {
        const char *value;

        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            request->help = true;
        else if ((value = value_of("--topology", argc, argv, &i, &missing)))
            request->topology = value;
        else if ((value = value_of("--format", argc, argv, &i, &missing)))
            form = value;
        else
            return pf_fail(err, PINFOLD_E_ARGUMENT, "what is '%s'? (try: pinfold topo --help)",
                           argv[i]);
        if (missing)
            return pf_fail(err, PINFOLD_E_ARGUMENT, "%s needs a value", argv[i]);
    }
    if (!code)
        code = choose_form(request, form, err);
    if (!code && !request->help)
        code = pf_options_settle(&request->options, err);
    return code;
}

static int plan(struct topo_report *report, const struct pf_policy *policy, int n,
                struct pinfold_error *err)
{
    struct pf_seating *seating;
    int code = pf_seat(&seating, report->machine, &report->usable, policy, n, err);

    if (code)
        return code;
    report->workers = calloc((size_t)seating->n, sizeof *report->workers);
    if (!report->workers) {
        pf_seating_free(seating);
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a list of workers");
    }
    report->n = seating->n;
    report->nplaces = seating->nplaces;
    report->driver = seating->driver;
    for (int i = 0; i < seating->n; i++) {
        struct topo_worker *worker = &report->workers[i];

        *worker = (struct topo_worker){.number = i, .rank = -1, .pid = -1, .here = true};
        worker->cpus = seating->places[i].cpus;
        worker->width = seating->places[i].width;
        worker->bound = seating->places[i].bound;
        if (report->machine->live)
            snprintf(worker->host, sizeof worker->host, "%.63s", report->machine->name);
    }
    if (seating->notice[0])
        report_note(report, "%s", seating->notice);
    pf_seating_free(seating);
    return 0;
}

static void look_around(struct topo_report *report)
{
    if (report->machine->coreless)
        report_note(report, "the machine does not describe its cores: a hardware thread without "
                            "one counts as a core");
    if (report->quota > 0 && report->n > report->quota)
        report_note(report,
                    "a quota (cgroup) lets these %d workers run on %.2f CPUs at a time: more "
                    "workers than that wait for each other",
                    report->n, report->quota);
}

static int print(const struct topo_report *report, const struct request *request)
{
    for (int i = 0; !request->notes_inside && i < report->nnotices; i++)
        complain("note: ", report->notices[i]);
    request->write(report, stdout);
    if (fflush(stdout) || ferror(stdout)) {
        perror("pinfold topo: standard output");
        return FAILED;
    }
    return DONE;
}

/* Fills the report; its workers were taken from a pool, or are none yet. */
static int make_report(struct topo_report *report, const struct request *request,
                       const struct pf_cpus *mask, struct pf_machine **machine,
                       struct pinfold_error *err)
{
    const struct pinfold_options *options = &request->options;
    struct pf_policy policy;
    int code = pf_policy_parse(&policy, options->places, options->bind, options->reserve,
                               options->oversubscribe, options->cpus_per_task, err);

    if (!code)
        code = pf_machine_load(machine, request->topology, err);
    if (code)
        return code;
    report->machine = *machine;
    pf_machine_candidates(*machine, (*machine)->live ? mask : NULL, &report->usable);
    pf_machine_usable(*machine, &report->usable, &report->usable_cores, &report->usable_threads);
    report->quota = (*machine)->live ? pf_bind_quota() : 0;
    report->places = options->places;
    report->bind = options->bind;
    report->reserve = options->reserve;
    report->oversubscribe = options->oversubscribe;
    report->width = policy.width;
    if (!report->ranks)
        code = plan(report, &policy, options->max_workers, err);
    if (!code)
        look_around(report);
    return code;
}

int topo_main(int argc, char **argv)
{
    struct request request = {.options = {.size = sizeof request.options}};
    struct topo_report report = {0};
    struct pf_machine *machine = NULL;
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_launch launch = pf_launch_look();
    struct pf_cpus mask;
    bool chosen;
    static char name[] = "pinfold topo";
    int status = DONE;

    if (parse(&request, argc, argv, &err))
        return fail(&err);
    if (request.help) {
        if (!pinfold_is_driver())
            return DONE;
        help(stdout);
        if (!fflush(stdout) && !ferror(stdout))
            return DONE;
        perror("pinfold topo: standard output");
        return FAILED;
    }
    /* hwloc's reasons, which pf_machine_load makes part of its own; not for the hwloc in MPI.
     */
    if (request.topology) {
        setenv("HWLOC_XML_VERBOSE", "1", 0);
        setenv("HWLOC_SYNTHETIC_VERBOSE", "1", 0);
    }
    pf_mask_given(&mask, &chosen, &launch); /* MPI, in topo_live, may change it */
    if (!request.topology && launch.by) {
        request.options.log = pinfold_log_stderr;
        request.options.log_data = name;
        if (topo_live(&report.workers, &report.n, &request.options, &err))
            return fail(&err);
        if (report.n < 0)
            return DONE;
        report.ranks = true;
    }
    if (make_report(&report, &request, &mask, &machine, &err))
        status = fail(&err);
    else if (pinfold_is_driver())
        status = print(&report, &request);
    free(report.workers);
    pf_machine_free(machine);
    return status;
}
