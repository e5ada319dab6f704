/* fuzz.h - what a target is: one function that is given bytes from a stranger, and must come back.
 *
 * libFuzzer makes up the bytes (scripts/fuzz); replay.c reads them from the files of corpus/NAME
 * (make check). A target keeps nothing from one call to the next but what costs too much to make
 * again. What must hold is said with MUST: the sanitizers see the rest.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Also where NDEBUG is set. */
#define MUST(what)                                                                                 \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, __LINE__, #what);                  \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

/* The input from its front. At its end all numbers are 0 and all texts empty. */
struct fuzz_input {
    const uint8_t *at, *end;
};

static inline struct fuzz_input fuzz_input(const uint8_t *data, size_t size)
{
    return (struct fuzz_input){data, data + size};
}

static inline size_t fuzz_left(const struct fuzz_input *in)
{
    return (size_t)(in->end - in->at);
}

/* The next `size` bytes as a number. */
static inline uint64_t fuzz_number(struct fuzz_input *in, size_t size)
{
    uint64_t number = 0;
    size_t n = size < fuzz_left(in) ? size : fuzz_left(in);

    memcpy(&number, in->at, n);
    in->at += n;
    return number;
}

/* The next line, or all that is left, as a string of its own: free() it. */
static inline char *fuzz_line(struct fuzz_input *in)
{
    const uint8_t *stop = fuzz_left(in) ? memchr(in->at, '\n', fuzz_left(in)) : NULL;
    size_t n = stop ? (size_t)(stop - in->at) : fuzz_left(in);
    char *line = malloc(n + 1);

    MUST(line);
    if (n)
        memcpy(line, in->at, n);
    line[n] = '\0';
    in->at += n + (stop != NULL);
    return line;
}

#endif
