/* walk.h - the regular files below a path, as `find PATH -type f` names them. */
#ifndef COMMON_WALK_H
#define COMMON_WALK_H

#include "paths.h"

/* Called for each path that cannot be looked at; the walk goes on. */
typedef void walk_failed_fn(void *data, const char *path, int error);

/* Adds to `files` what lies below `root`, which may be a file itself. Symbolic links are not
 * followed (save `link/`, which names what the link points to). 0, or -1: no memory. */
int walk(struct paths *files, const char *root, walk_failed_fn *failed, void *data);

#endif
