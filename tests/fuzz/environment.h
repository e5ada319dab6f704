/* environment.h - variables that begin with one of these, taken out of the environment and set
 * from lines "NAME=VALUE". */
#ifndef TESTS_FUZZ_ENVIRONMENT_H
#define TESTS_FUZZ_ENVIRONMENT_H

#include "fuzz.h"

extern char **environ;

static inline bool fuzz_begins(const char *text, const char *const *with)
{
    for (; *with; with++)
        if (strncmp(text, *with, strlen(*with)) == 0)
            return true;
    return false;
}

static inline void fuzz_unset(const char *const *prefixes)
{
    for (char **at = environ; *at;) {
        char name[256];
        size_t n = strcspn(*at, "=");

        if (n >= sizeof name || !fuzz_begins(*at, prefixes)) {
            at++;
            continue;
        }
        memcpy(name, *at, n);
        name[n] = '\0';
        unsetenv(name);
        at = environ;
    }
}

/* A line that is none of these is not taken. */
static inline bool fuzz_set(char *line, const char *const *prefixes)
{
    char *sign = strchr(line, '=');

    if (!sign || sign - line > 200 || !fuzz_begins(line, prefixes))
        return false;
    *sign = '\0';
    setenv(line, sign + 1, 1);
    return true;
}

#endif
