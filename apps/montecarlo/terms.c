/* terms.c - see terms.h. */
#include "terms.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const struct terms terms_default = {.spot = 100,
                                    .strike = 100,
                                    .rate = 0.05,
                                    .volatility = 0.2,
                                    .years = 1,
                                    .steps = 64,
                                    .paths = 1000000,
                                    .seed = 1};

/* The limits keep all that is computed far from where doubles end. A standard error of fewer than
 * 100 paths would say little. */
static const struct real {
    const char *name;
    size_t offset;
    double least, most;
    const char *wanted;
} reals[] = {
    {"spot", offsetof(struct terms, spot), 0.01, 1e6, "a number from 0.01 to 1e6"},
    {"strike", offsetof(struct terms, strike), 0.01, 1e6, "a number from 0.01 to 1e6"},
    {"rate", offsetof(struct terms, rate), -0.5, 0.5, "a number from -0.5 to 0.5"},
    {"volatility", offsetof(struct terms, volatility), 0.001, 2, "a number from 0.001 to 2"},
    {"years", offsetof(struct terms, years), 0.001, 50, "a number from 0.001 to 50"},
};
static const struct count {
    const char *name;
    size_t offset;
    uint64_t least, most;
    const char *wanted;
} counts[] = {
    {"steps", offsetof(struct terms, steps), 1, 10000, "a number from 1 to 10000"},
    {"paths", offsetof(struct terms, paths), 100, 1000000000, "a number from 100 to 1000000000"},
    {"seed", offsetof(struct terms, seed), 0, UINT64_MAX, "a number from 0 to 2^64 - 1"},
};

/* No comparison holds for "nan". */
static bool read_real(const struct real *real, const char *word, double *number)
{
    char *stop;

    if (isspace((unsigned char)*word))
        return false;
    *number = strtod(word, &stop);
    return stop != word && *stop == '\0' && *number >= real->least && *number <= real->most;
}

static bool read_count(const struct count *count, const char *word, uint64_t *number)
{
    char *stop;

    if (!isdigit((unsigned char)*word)) /* strtoull takes blanks, and signs */
        return false;
    errno = 0;
    *number = strtoull(word, &stop, 10);
    return errno == 0 && *stop == '\0' && *number >= count->least && *number <= count->most;
}

const char *terms_read(struct terms *terms, const char *name, const char *word)
{
    for (size_t i = 0; i < sizeof reals / sizeof reals[0]; i++) {
        double number;
        if (strcmp(reals[i].name, name) != 0)
            continue;
        if (!read_real(&reals[i], word, &number))
            return reals[i].wanted;
        memcpy((char *)terms + reals[i].offset, &number, sizeof number);
    }
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        uint64_t number;
        if (strcmp(counts[i].name, name) != 0)
            continue;
        if (!read_count(&counts[i], word, &number))
            return counts[i].wanted;
        memcpy((char *)terms + counts[i].offset, &number, sizeof number);
    }
    return NULL;
}
