/* report.h - what `pinfold topo` has to tell, before anyone decides how. */
#ifndef PINFOLD_REPORT_H
#define PINFOLD_REPORT_H

#include "host/place.h"

#include <stdio.h>

/* A worker: planned, or one that was started and read back. */
struct topo_worker {
    int number;
    int node;
    int rank;    /* -1: planned, without MPI */
    int64_t pid; /* -1: the same */
    char host[64];
    struct pf_cpus cpus;
    int width;
    bool bound;
    bool here; /* on the machine of the report's table: cores, packages, ... are known */
};

struct topo_report {
    const struct pf_machine *machine;
    struct pf_cpus usable; /* what this process may use of it */
    int usable_cores, usable_threads;
    double quota;                                        /* CPUs, 0: none */
    const char *places, *bind, *reserve, *oversubscribe; /* the words of the policy */
    int width;
    bool ranks;  /* the workers are real, and their masks were read back */
    int nplaces; /* planned: how many there are; ranks: 0 */
    int n;
    struct topo_worker *workers;
    struct pf_place driver; /* planned; bound == false: none */
    int nnotices;
    char notices[4][512];
};

/* A line for people, beside the facts. */
void report_note(struct topo_report *report, const char *fmt, ...) PINFOLD_PRINTF(2, 3);

/* The cores (L#, indexes of the table) that a worker is on, by its CPUs. */
void report_cores(const struct topo_report *report, const struct topo_worker *worker,
                  struct pf_cpus *cores);

/* The first of them; NULL where that is not known, or not meant: an unbound worker. */
const struct pf_core *report_core(const struct topo_report *report,
                                  const struct topo_worker *worker);

/* "IntelCore", "1" for a kind without a name, NULL when it is not known. */
const char *report_kind(const struct topo_report *report, int kind, char *buf, size_t size);

/* The forms: each writes to `out` and leaves it to the caller to look for write errors. */
void report_text(const struct topo_report *report, FILE *out);
void report_tsv(const struct topo_report *report, FILE *out);
void report_json(const struct topo_report *report, FILE *out);

#endif
