/* count.h - the words of some pieces, as a task. */
#ifndef WORDCOUNT_COUNT_H
#define WORDCOUNT_COUNT_H

#include <pinfold.h>

#include "words.h"

enum {
    COUNT_WORD_MAX = 16 << 20, /* of so many letters a word can be */
    COUNT_TOO_LONG = -1        /* as an error: one is longer */
};

/* A piece that could not be read, or not to its end. */
struct failure {
    uint64_t path, from; /* as in the piece */
    int32_t error;       /* errno, or COUNT_TOO_LONG */
};

/* Input: pieces. The call's shared bytes: the text of all paths. Result: the failures, one without
 * an error, and the words, packed. */
int count_task(pinfold_task *task);

/* Takes the next failure off the front of a result; false: there is none, and the words are left,
 * for words_add_packed. */
bool count_next_failure(pinfold_bytes *result, struct failure *failure);

#endif
