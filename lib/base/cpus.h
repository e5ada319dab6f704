/* cpus.h - a set of CPUs, by the operating system's indexes.
 *
 * A value: copied by assignment, never allocated. 8192 is the largest CONFIG_NR_CPUS that Linux
 * offers (on x86); a machine beyond it is refused when its topology is read.
 */
#ifndef PF_BASE_CPUS_H
#define PF_BASE_CPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PF_CPUS_MAX 8192

struct pf_cpus {
    uint64_t word[PF_CPUS_MAX / 64];
};

void pf_cpus_zero(struct pf_cpus *set);
void pf_cpus_add(struct pf_cpus *set, int cpu); /* 0 <= cpu < PF_CPUS_MAX */
bool pf_cpus_has(const struct pf_cpus *set, int cpu);
bool pf_cpus_empty(const struct pf_cpus *set);
bool pf_cpus_equal(const struct pf_cpus *a, const struct pf_cpus *b);
bool pf_cpus_subset(const struct pf_cpus *small, const struct pf_cpus *large);
bool pf_cpus_meet(const struct pf_cpus *a, const struct pf_cpus *b); /* share at least one */
int pf_cpus_count(const struct pf_cpus *set);
int pf_cpus_next(const struct pf_cpus *set, int after); /* the lowest above `after`; -1: none */
void pf_cpus_and(struct pf_cpus *set, const struct pf_cpus *with);
void pf_cpus_or(struct pf_cpus *set, const struct pf_cpus *with);
void pf_cpus_minus(struct pf_cpus *set, const struct pf_cpus *what);

#define pf_cpus_foreach(cpu, set)                                                               \
    for (int cpu = pf_cpus_next((set), -1); cpu >= 0; cpu = pf_cpus_next((set), cpu))

/* "0,1,16": ascending, comma-separated. Returns the length that it has or would have had, as
 * snprintf does. */
int pf_cpus_print(const struct pf_cpus *set, char *buf, size_t size);

/* The same as ranges, for people: "0-3,8,16". */
int pf_cpus_print_ranges(const struct pf_cpus *set, char *buf, size_t size);

/* "0-3,8,16": what Linux prints and people type. Returns 0, or -1 for text that is not a list of
 * CPUs below PF_CPUS_MAX (then *set is untouched). An empty text is an error. */
int pf_cpus_parse(struct pf_cpus *set, const char *text);

#endif
