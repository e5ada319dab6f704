/* fault.h - faults on purpose: what PINFOLD_FAULTS says, and what becomes of a frame by it. Pure: the
 * same seed and the same frame have the same fate. port/hook.c does it.
 *
 * Faults of the journal (a write that fails, a disk that is full) belong here too: they are of the
 * words and of the decision, not of the hook.
 */
#ifndef PF_PLAN_FAULT_H
#define PF_PLAN_FAULT_H

#include "base/error.h"

struct pf_faults { /* zeroes: there are none */
    uint64_t seed;
    double delay, duplicate, drop, truncate, memory; /* shares of the frames */
    uint64_t crash;                                  /* workers die in their task of this number */
};

/* Reads "seed=7,delay=0.1,drop=0.001"; NULL and "" are none. */
int pf_faults_parse(struct pf_faults *faults, const char *text, struct pinfold_error *err);

bool pf_faults_any(const struct pf_faults *faults);

/* A frame on its way: the frame number `count` of this lane and direction, with so much body. */
struct pf_passing {
    int lane;
    bool up;
    uint64_t count, size;
};

struct pf_fate {
    bool drop, duplicate;
    bool cut; /* of its body comes: */
    uint64_t size;
    bool memory;   /* its receiver has no memory for its body */
    int64_t delay; /* ns, for it and all that come behind it; 0: none */
};

struct pf_fate pf_fault_fate(const struct pf_faults *faults, const struct pf_passing *frame);

#endif
