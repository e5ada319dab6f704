/* paths.h - a list of paths: their bytes in one block, so that they can be sent in one piece.
 */
#ifndef COMMON_PATHS_H
#define COMMON_PATHS_H

#include <stddef.h>
#include <stdint.h>

struct paths {
    char *text; /* the paths, each ended by a NUL */
    size_t text_size, text_room;
    uint64_t *start; /* where each begins in the text */
    size_t count, room;
};

/* 0, or -1 when there is no memory. */
int paths_add(struct paths *paths, const char *path);
void paths_sort(struct paths *paths); /* bytewise, as `LC_ALL=C sort` does */
void paths_free(struct paths *paths);

#endif
