/* people.h - the two tables of the report for people (text.c puts them together). */
#ifndef PINFOLD_PEOPLE_H
#define PINFOLD_PEOPLE_H

#include "report.h"

/* As many workers as this have a line each. */
#define PEOPLE_LINES 24

/* The packages, NUMA nodes and caches with their cores; and, if wanted, the workers on them. */
void people_domains(const struct topo_report *report, bool workers, FILE *out);

/* A line for each worker; or, with real ranks and too many of them, for each node. */
void people_workers(const struct topo_report *report, FILE *out);
void people_nodes(const struct topo_report *report, FILE *out);

#endif
