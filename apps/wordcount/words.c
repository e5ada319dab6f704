/* words.c - see words.h.
 *
 * Packed, a word is its count (8 bytes), its length (4) and its bytes. Tables are made where files
 * are read, and added up in the driver: each of their words costs one look into its own table. The
 * order in which they come does not matter, since sums of whole numbers have none.
 */
#define _GNU_SOURCE /* qsort_r */
#include "words.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 1024, HEAD = sizeof(uint64_t) + sizeof(uint32_t) };

/* FNV-1a (Fowler, Noll, Vo), of 32 bits. */
static uint32_t hash_of(const char *word, uint32_t length)
{
    uint32_t hash = 2166136261;

    for (uint32_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)word[i]) * 16777619;
    return hash;
}

/* The word's slot, or the free one where it belongs. */
static struct word *find(const struct words *words, const char *word, uint32_t length,
                         uint32_t hash)
{
    for (size_t i = hash & (words->room - 1);; i = (i + 1) & (words->room - 1)) {
        struct word *slot = &words->slots[i];
        if (slot->count == 0 || (slot->hash == hash && slot->length == length &&
                                 memcmp(words->text + slot->start, word, length) == 0))
            return slot;
    }
}

/* Keeps a quarter of the slots free, or more. */
static bool make_room(struct words *words)
{
    struct words larger = *words;

    if (words->used < words->room / 4 * 3)
        return true;
    larger.room = words->room ? 2 * words->room : FIRST_ROOM;
    larger.slots = calloc(larger.room, sizeof *larger.slots);
    if (larger.slots == NULL)
        return false;
    for (size_t i = 0; i < words->room; i++) {
        const struct word *old = &words->slots[i];
        if (old->count != 0)
            *find(&larger, words->text + old->start, old->length, old->hash) = *old;
    }
    free(words->slots);
    *words = larger;
    return true;
}

static bool keep_text(struct words *words, const char *word, uint32_t length)
{
    if (words->text_size + length > words->text_room) {
        size_t room = 2 * (words->text_room + length) + FIRST_ROOM;
        char *larger = realloc(words->text, room);
        if (larger == NULL)
            return false;
        words->text = larger;
        words->text_room = room;
    }
    memcpy(words->text + words->text_size, word, length);
    words->text_size += length;
    return true;
}

bool words_add(struct words *words, const char *word, uint32_t length, uint64_t count)
{
    uint32_t hash = hash_of(word, length);

    if (!make_room(words))
        return false;
    struct word *slot = find(words, word, length, hash);
    if (slot->count == 0) {
        if (!keep_text(words, word, length))
            return false;
        *slot = (struct word){0, words->text_size - length, length, hash};
        words->used++;
    }
    slot->count += count;
    return true;
}

size_t words_packed_size(const struct words *words)
{
    return words->used * HEAD + words->text_size;
}

void words_pack(const struct words *words, unsigned char *to)
{
    for (size_t i = 0; i < words->room; i++) {
        const struct word *word = &words->slots[i];
        if (word->count == 0)
            continue;
        memcpy(to, &word->count, sizeof word->count);
        memcpy(to + sizeof word->count, &word->length, sizeof word->length);
        memcpy(to + HEAD, words->text + word->start, word->length);
        to += HEAD + word->length;
    }
}

bool words_add_packed(struct words *words, const unsigned char *from, size_t size)
{
    const unsigned char *end = from + size;
    uint64_t count;
    uint32_t length;

    while (from < end) {
        memcpy(&count, from, sizeof count);
        memcpy(&length, from + sizeof count, sizeof length);
        if (!words_add(words, (const char *)from + HEAD, length, count))
            return false;
        from += HEAD + length;
    }
    return true;
}

static int compare(const void *a, const void *b, void *text)
{
    const struct word *x = a, *y = b;
    const char *base = text;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    uint32_t shorter = x->length < y->length ? x->length : y->length;
    int order = memcmp(base + x->start, base + y->start, shorter);
    return order != 0 ? order : x->length < y->length ? -1 : x->length > y->length;
}

void words_sort(struct words *words)
{
    size_t n = 0;

    for (size_t i = 0; i < words->room; i++)
        if (words->slots[i].count != 0)
            words->slots[n++] = words->slots[i];
    if (n > 1)
        qsort_r(words->slots, n, sizeof *words->slots, compare, words->text);
}

void words_free(struct words *words)
{
    free(words->slots);
    free(words->text);
    *words = (struct words){0};
}
