/* module.h - the executable and the shared objects of this process, and who they are.
 *
 * A module's identity is its GNU build-id ("build-id:3f2a..."), which the linker writes. Where it
 * wrote none, it is a digest of the segments that are loaded read-only ("digest:..."): 64-bit
 * FNV-1a (Fowler, Noll, Vo; draft-eastlake-fnv), which tells builds apart and resists no attacker.
 */
#ifndef PF_CODE_MODULE_H
#define PF_CODE_MODULE_H

#include <limits.h>
#include <stdint.h>

struct pf_module {
    uintptr_t base; /* where it is loaded: a function's address = base + offset */
    char id[80];
    char path[PATH_MAX];
};

/* The module that an address lies in, or whose identity this is, among those that are loaded.
 * 0, or -1: there is none. */
int pf_module_at(struct pf_module *module, const void *address);
int pf_module_by_id(struct pf_module *module, const char *id);

#endif
