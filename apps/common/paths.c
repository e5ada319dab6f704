/* paths.c - see paths.h. */
#define _GNU_SOURCE /* qsort_r */
#include "paths.h"

#include <stdlib.h>
#include <string.h>

static int grow(void **array, size_t *room, size_t needed, size_t size)
{
    size_t wanted = *room ? *room : 1024;
    while (wanted < needed)
        wanted *= 2;
    if (wanted == *room)
        return 0;
    void *larger = realloc(*array, wanted * size);
    if (larger == NULL)
        return -1;
    *array = larger;
    *room = wanted;
    return 0;
}

int paths_add(struct paths *paths, const char *path)
{
    size_t size = strlen(path) + 1;
    void *text = paths->text, *start = paths->start;
    int failed = grow(&text, &paths->text_room, paths->text_size + size, 1) ||
                 grow(&start, &paths->room, paths->count + 1, sizeof *paths->start);

    paths->text = text;
    paths->start = start;
    if (failed)
        return -1;
    memcpy(paths->text + paths->text_size, path, size);
    paths->start[paths->count++] = paths->text_size;
    paths->text_size += size;
    return 0;
}

static int compare(const void *a, const void *b, void *text)
{
    const char *base = text;
    return strcmp(base + *(const uint64_t *)a, base + *(const uint64_t *)b);
}

void paths_sort(struct paths *paths)
{
    if (paths->count > 1)
        qsort_r(paths->start, paths->count, sizeof *paths->start, compare, paths->text);
}

void paths_free(struct paths *paths)
{
    free(paths->text);
    free(paths->start);
    *paths = (struct paths){0};
}
