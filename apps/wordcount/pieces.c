/* pieces.c - see pieces.h. */
#include "pieces.h"

#include <stdlib.h>

enum { LOAD_PIECES = 256 }; /* opening a file is work too */

static bool grow(void **array, size_t *room, size_t needed, size_t size)
{
    if (needed <= *room)
        return true;
    size_t wanted = 2 * *room + 64;
    void *larger = realloc(*array, wanted * size);
    if (larger == NULL)
        return false;
    *array = larger;
    *room = wanted;
    return true;
}

static bool add(struct pieces *pieces, struct piece piece, uint64_t size, uint64_t limit)
{
    void *array = pieces->piece, *load = pieces->load;
    bool grown = grow(&array, &pieces->room, pieces->count + 1, sizeof *pieces->piece) &&
                 grow(&load, &pieces->load_room, pieces->loads + 1, sizeof *pieces->load);

    pieces->piece = array;
    pieces->load = load;
    if (!grown)
        return false;
    if (pieces->loads == 0 || pieces->bytes + size > limit ||
        pieces->count - pieces->load[pieces->loads - 1] == LOAD_PIECES) {
        pieces->load[pieces->loads++] = pieces->count;
        pieces->bytes = 0;
    }
    pieces->piece[pieces->count++] = piece;
    pieces->bytes += size;
    return true;
}

bool pieces_add(struct pieces *pieces, uint64_t path, uint64_t size, uint64_t limit)
{
    uint64_t from = 0;

    for (; size - from > limit; from += limit)
        if (!add(pieces, (struct piece){path, from, from + limit}, limit, limit))
            return false;
    return add(pieces, (struct piece){path, from, PIECE_END}, size - from, limit);
}

const struct piece *pieces_of(const struct pieces *pieces, size_t load, size_t *count)
{
    size_t first = pieces->load[load];

    *count = (load + 1 < pieces->loads ? pieces->load[load + 1] : pieces->count) - first;
    return pieces->piece + first;
}

void pieces_free(struct pieces *pieces)
{
    free(pieces->piece);
    free(pieces->load);
    *pieces = (struct pieces){0};
}
