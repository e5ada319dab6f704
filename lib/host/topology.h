/* topology.h - a machine as a flat table, read with hwloc from the live system, an XML file or
 * a synthetic description. Everything behind it (place.h, `pinfold topo`) works on this table
 * alone; hwloc.h is included in this folder's .c files only.
 */
#ifndef PF_HOST_TOPOLOGY_H
#define PF_HOST_TOPOLOGY_H

#include "base/cpus.h"
#include "base/error.h"

/* A physical core. A PU below no Core object is a core of its own (and the machine `coreless`).
 * Domains are those of the whole machine, numbered in the order of their first core; cores
 * under no such object share the number -1. */
struct pf_core {
    int logical; /* L#: position in hwloc's depth-first order; its index in the table */
    int os;      /* P#, or -1 */
    int package;
    int numa; /* the narrowest NUMA node around it. Nodes of equal cpuset are one domain,
                 memory-only ones none */
    int l3;
    int kind; /* index into machine->kinds, or -1: unknown */
    int npus;
    int *pus; /* OS indexes, in logical order */
};

/* Cores of one make, as on hybrid machines. Ordered by efficiency where `ranked`: 0 the one
 * that saves most energy, the last the fastest. */
struct pf_kind {
    bool ranked;
    char name[32]; /* "IntelAtom", or "" */
};

struct pf_machine {
    int ncores;
    struct pf_core *cores; /* in logical order, disallowed ones included */
    int npackages, nnuma, nl3;
    int nkinds; /* 0: hwloc does not know; 1: all cores are of one kind */
    struct pf_kind *kinds;
    int npus;
    bool live;              /* the machine that we run on */
    bool coreless;          /* some PUs have no Core above them: each counts as a core */
    struct pf_cpus allowed; /* hwloc's allowed set: cgroups, not taskset */
    char name[256];         /* host name, file name or synthetic text, for people */
};

/* `source`: NULL for the live machine, the path of an XML file, or a synthetic description
 * ("pack:2 core:4 pu:2"). What names an existing file is a file. PINFOLD_E_TOPOLOGY: cannot
 * be read, is malformed, has no PU, or an index of PF_CPUS_MAX or above. hwloc's own chatter
 * about files and descriptions is kept away from stderr: while one is read, descriptor 2 is
 * another file, so no other thread should be writing there. */
int pf_machine_load(struct pf_machine **machine, const char *source, struct pinfold_error *err);
void pf_machine_free(struct pf_machine *machine);

/* How many cores and PUs of the machine are in `mask`. */
void pf_machine_usable(const struct pf_machine *machine, const struct pf_cpus *mask, int *cores,
                       int *pus);

/* The core (its index) that the PU of this OS index belongs to, or -1. */
int pf_machine_core_of(const struct pf_machine *machine, int pu);

/* The candidates: mask ∩ what hwloc allows ∩ the PUs that there are. `mask` NULL: no mask, as
 * for a machine read from a file. */
void pf_machine_candidates(const struct pf_machine *machine, const struct pf_cpus *mask,
                           struct pf_cpus *candidates);

#endif
