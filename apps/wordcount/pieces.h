/* pieces.h - what one task reads: a piece of a large file, or several small files. */
#ifndef WORDCOUNT_PIECES_H
#define WORDCOUNT_PIECES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The words that begin at the bytes `from` .. `to` - 1 of a file. */
struct piece {
    uint64_t path; /* where it begins in the text of all paths */
    uint64_t from, to;
};

#define PIECE_END UINT64_MAX /* as `to`: up to the end of the file, wherever that is by now */

/* Pieces in the order of the files; a load is a row of them, and what a task is given. */
struct pieces {
    struct piece *piece;
    size_t count, room;
    size_t *load; /* where each load begins; one more is its end */
    size_t loads, load_room;
    uint64_t bytes; /* in the last load */
};

/* Adds a file, cut into pieces of `limit` bytes (not 0). Small files share a load, up to as many
 * bytes. False: there is no memory. */
bool pieces_add(struct pieces *pieces, uint64_t path, uint64_t size, uint64_t limit);

/* The pieces of a load. */
const struct piece *pieces_of(const struct pieces *pieces, size_t load, size_t *count);

void pieces_free(struct pieces *pieces);

#endif
