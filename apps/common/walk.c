/* walk.c - see walk.h.
 *
 * Directories that were found wait in a list of their own, so that neither stack nor
 * descriptors grow with the depth of the tree. Their order does not matter: the files are
 * sorted at the end.
 */
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct walk {
    struct paths *files;
    struct paths directories;
    char *path; /* the path at hand, and room for it */
    size_t room;
    walk_failed_fn *failed;
    void *data;
};

/* Puts `directory/name` into w->path; no slash is added to one that is there. */
static int join(struct walk *w, size_t directory, const char *name)
{
    const char *parent = w->directories.text + directory;
    size_t length = strlen(parent), needed = length + strlen(name) + 2;

    if (needed > w->room) {
        char *larger = realloc(w->path, 2 * needed);
        if (larger == NULL)
            return -1;
        w->path = larger;
        w->room = 2 * needed;
    }
    memcpy(w->path, parent, length);
    if (length > 0 && parent[length - 1] != '/')
        w->path[length++] = '/';
    strcpy(w->path + length, name);
    return 0;
}

static int sort_out(struct walk *w, const char *path, unsigned char type)
{
    if (type == DT_UNKNOWN) {
        struct stat info;
        if (lstat(path, &info) != 0) {
            w->failed(w->data, path, errno);
            return 0;
        }
        type = IFTODT(info.st_mode);
    }
    if (type == DT_REG)
        return paths_add(w->files, path);
    if (type == DT_DIR)
        return paths_add(&w->directories, path);
    return 0;
}

static int list(struct walk *w, size_t directory)
{
    DIR *stream = opendir(w->directories.text + directory);
    int result = 0;

    if (stream == NULL) {
        w->failed(w->data, w->directories.text + directory, errno);
        return 0;
    }
    while (result == 0) {
        errno = 0;
        struct dirent *entry = readdir(stream);
        if (entry == NULL) {
            if (errno != 0)
                w->failed(w->data, w->directories.text + directory, errno);
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        result = join(w, directory, entry->d_name);
        if (result == 0)
            result = sort_out(w, w->path, entry->d_type);
    }
    closedir(stream);
    return result;
}

int walk(struct paths *files, const char *root, walk_failed_fn *failed, void *data)
{
    struct walk w = {.files = files, .failed = failed, .data = data};
    int result = sort_out(&w, root, DT_UNKNOWN);

    for (size_t i = 0; result == 0 && i < w.directories.count; i++)
        result = list(&w, w.directories.start[i]);
    paths_free(&w.directories);
    free(w.path);
    return result;
}
