/* symbol.h - the name of a function, from the file that it was loaded from.
 *
 * A running program knows the names that it exports. Those of static functions, and of a program
 * that exports none, are in a section of its file that is not loaded, unless it was stripped. */
#ifndef PF_CODE_SYMBOL_H
#define PF_CODE_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pf_symbol {
    char name[128];  /* as the linker has it: that of a C++ function is mangled */
    uint64_t offset; /* of the address in it */
};

/* The function that `address` (a virtual address of the file) lies in. False: the file cannot be
 * read, is no ELF file of this machine's word size, or knows no such function. */
bool pf_symbol_at(struct pf_symbol *symbol, const char *path, uint64_t address);

#endif
