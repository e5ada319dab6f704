/* cpus.c - see cpus.h. */
#include "base/cpus.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS (PF_CPUS_MAX / 64)

void pf_cpus_zero(struct pf_cpus *set)
{
    memset(set, 0, sizeof *set);
}

void pf_cpus_add(struct pf_cpus *set, int cpu)
{
    set->word[cpu / 64] |= UINT64_C(1) << cpu % 64;
}

bool pf_cpus_has(const struct pf_cpus *set, int cpu)
{
    return cpu >= 0 && cpu < PF_CPUS_MAX && (set->word[cpu / 64] >> cpu % 64 & 1);
}

bool pf_cpus_empty(const struct pf_cpus *set)
{
    return pf_cpus_next(set, -1) < 0;
}

bool pf_cpus_equal(const struct pf_cpus *a, const struct pf_cpus *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

bool pf_cpus_subset(const struct pf_cpus *small, const struct pf_cpus *large)
{
    for (int i = 0; i < WORDS; i++)
        if (small->word[i] & ~large->word[i])
            return false;
    return true;
}

bool pf_cpus_meet(const struct pf_cpus *a, const struct pf_cpus *b)
{
    for (int i = 0; i < WORDS; i++)
        if (a->word[i] & b->word[i])
            return true;
    return false;
}

int pf_cpus_count(const struct pf_cpus *set)
{
    int n = 0;

    for (int i = 0; i < WORDS; i++)
        n += __builtin_popcountll(set->word[i]);
    return n;
}

int pf_cpus_next(const struct pf_cpus *set, int after)
{
    int cpu = after + 1;
    uint64_t word;

    if (cpu >= PF_CPUS_MAX)
        return -1;
    word = set->word[cpu / 64] >> cpu % 64;
    if (word)
        return cpu + __builtin_ctzll(word);
    for (int i = cpu / 64 + 1; i < WORDS; i++)
        if (set->word[i])
            return i * 64 + __builtin_ctzll(set->word[i]);
    return -1;
}

void pf_cpus_and(struct pf_cpus *set, const struct pf_cpus *with)
{
    for (int i = 0; i < WORDS; i++)
        set->word[i] &= with->word[i];
}

void pf_cpus_or(struct pf_cpus *set, const struct pf_cpus *with)
{
    for (int i = 0; i < WORDS; i++)
        set->word[i] |= with->word[i];
}

void pf_cpus_minus(struct pf_cpus *set, const struct pf_cpus *what)
{
    for (int i = 0; i < WORDS; i++)
        set->word[i] &= ~what->word[i];
}

/* Appends to buf as snprintf would, at `length`, which may lie beyond its end already. */
static int append(char *buf, size_t size, int length, const char *comma, int from, int to)
{
    size_t used = (size_t)length < size ? (size_t)length : size;
    char *at = size ? buf + used : NULL;

    if (from == to)
        return length + snprintf(at, size - used, "%s%d", comma, from);
    return length + snprintf(at, size - used, "%s%d-%d", comma, from, to);
}

int pf_cpus_print(const struct pf_cpus *set, char *buf, size_t size)
{
    int length = 0;

    if (size)
        buf[0] = '\0';
    pf_cpus_foreach (cpu, set)
        length = append(buf, size, length, length ? "," : "", cpu, cpu);
    return length;
}

int pf_cpus_print_ranges(const struct pf_cpus *set, char *buf, size_t size)
{
    int length = 0, from = pf_cpus_next(set, -1);

    if (size)
        buf[0] = '\0';
    while (from >= 0) {
        int to = from;

        while (pf_cpus_has(set, to + 1))
            to++;
        length = append(buf, size, length, length ? "," : "", from, to);
        from = pf_cpus_next(set, to);
    }
    return length;
}

/* A decimal number below PF_CPUS_MAX; no sign, no blank. */
static int number(const char **text)
{
    int value = 0;

    if (!isdigit((unsigned char)**text))
        return -1;
    for (; isdigit((unsigned char)**text); ++*text) {
        value = value * 10 + (**text - '0');
        if (value >= PF_CPUS_MAX)
            return -1;
    }
    return value;
}

int pf_cpus_parse(struct pf_cpus *set, const char *text)
{
    struct pf_cpus found;

    pf_cpus_zero(&found);
    for (;; text++) {
        int first = number(&text), last = first;

        if (first >= 0 && *text == '-') {
            text++;
            last = number(&text);
        }
        if (first < 0 || last < first)
            return -1;
        for (int cpu = first; cpu <= last; cpu++)
            pf_cpus_add(&found, cpu);
        if (!*text)
            break;
        if (*text != ',')
            return -1;
    }
    *set = found;
    return 0;
}
