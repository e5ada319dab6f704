/* trouble.h - files that were not counted, or not to their end: to be told at the end, in the order
 * of their names, each once however many pieces it was in. */
#ifndef WORDCOUNT_TROUBLE_H
#define WORDCOUNT_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed it is empty. Who has one frees it with troubles_free. */
struct troubles {
    struct trouble *list;
    size_t count, room;
};

struct trouble {
    const char *path; /* not owned */
    uint64_t from;    /* where in the file */
    char *reason;     /* owned */
};

/* False: there is no memory. */
bool troubles_add(struct troubles *troubles, const char *path, uint64_t from, const char *reason);

/* Complains of each file, with the reason that is the first in it. */
void troubles_tell(struct troubles *troubles);

void troubles_free(struct troubles *troubles);

#endif
