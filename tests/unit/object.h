/* object.h - shared objects that a test builds for itself, in a folder of its own. */
#ifndef TESTS_UNIT_OBJECT_H
#define TESTS_UNIT_OBJECT_H

#include "unit.h"

#include <unistd.h>

static char object_folder[256], object_path[512];

/* A group's setup and teardown. */
static inline int objects_begin(void **state)
{
    const char *tmp = getenv("TMPDIR");

    (void)state;
    snprintf(object_folder, sizeof object_folder, "%.200s/pinfold-test.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(object_folder))
        return -1;
    snprintf(object_path, sizeof object_path, "%s/object.so", object_folder);
    return 0;
}

static inline int objects_end(void **state)
{
    (void)state;
    unlink(object_path);
    return rmdir(object_folder);
}

/* Builds object_path with a function `int answer(void)` that returns this number; what was there
 * goes, while those who have loaded it keep it. */
static inline void object_build(int answer, const char *flags)
{
    const char *cc = getenv("CC");
    char command[2048];

    unlink(object_path);
    snprintf(command, sizeof command,
             "echo 'int answer(void); int answer(void) { return %d; }' |"
             " %s -shared -fPIC %s -x c - -o '%s'",
             answer, cc && *cc ? cc : "cc", flags, object_path);
    assert_int_equal(system(command), 0);
}

#endif
