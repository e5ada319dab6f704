/* trouble.c - see trouble.h. */
#include "trouble.h"

#include "../common/complain.h"

#include <stdlib.h>
#include <string.h>

bool troubles_add(struct troubles *troubles, const char *path, uint64_t from, const char *reason)
{
    if (troubles->count == troubles->room) {
        size_t room = 2 * troubles->room + 16;
        struct trouble *larger = realloc(troubles->list, room * sizeof *larger);
        if (larger == NULL)
            return false;
        troubles->list = larger;
        troubles->room = room;
    }
    char *copy = strdup(reason);
    if (copy == NULL)
        return false;
    troubles->list[troubles->count++] = (struct trouble){path, from, copy};
    return true;
}

static int compare(const void *a, const void *b)
{
    const struct trouble *x = a, *y = b;
    int order = strcmp(x->path, y->path);

    return order != 0 ? order : x->from < y->from ? -1 : x->from > y->from;
}

void troubles_tell(struct troubles *troubles)
{
    struct trouble *list = troubles->list;

    if (troubles->count > 1)
        qsort(list, troubles->count, sizeof *list, compare);
    for (size_t i = 0; i < troubles->count; i++)
        if (i == 0 || strcmp(list[i - 1].path, list[i].path) != 0)
            complain_of(list[i].path, list[i].reason);
}

void troubles_free(struct troubles *troubles)
{
    for (size_t i = 0; i < troubles->count; i++)
        free(troubles->list[i].reason);
    free(troubles->list);
    *troubles = (struct troubles){0};
}
