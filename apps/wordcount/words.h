/* words.h - words and how often each was seen: a hash table, and the same as bytes. */
#ifndef WORDCOUNT_WORDS_H
#define WORDCOUNT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeroed it is empty. Who has one frees it with words_free. */
struct words {
    struct word *slots; /* open addressing; a slot whose count is 0 is free */
    size_t room, used;  /* room: 0 or a power of two */
    char *text;         /* the words, one behind the other */
    size_t text_size, text_room;
};

struct word {
    uint64_t count;
    uint64_t start; /* in the text */
    uint32_t length, hash;
};

/* Adds `count` (not 0) to a word's. False: there is no memory. */
bool words_add(struct words *words, const char *word, uint32_t length, uint64_t count);

/* The table as bytes: how many they are, and writes them to `to`. */
size_t words_packed_size(const struct words *words);
void words_pack(const struct words *words, unsigned char *to);

/* Adds all that words_pack made `size` bytes of. False: there is no memory. */
bool words_add_packed(struct words *words, const unsigned char *from, size_t size);

/* Moves the words to the front of `slots`, the most frequent first and those of one frequency by
 * their bytes. After it, nothing can be added. */
void words_sort(struct words *words);

void words_free(struct words *words);

#endif
