/* fault.c - see fault.h. */
#include "plan/fault.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define DELAY_MOST (2 * PF_MS)

enum type { WHOLE, SHARE };

static const struct fault {
    const char *name;
    enum type type;
    size_t offset;
} table[] = {
#define AT(field) offsetof(struct pf_faults, field)
    {"seed", WHOLE, AT(seed)},     {"delay", SHARE, AT(delay)},
    {"drop", SHARE, AT(drop)},     {"duplicate", SHARE, AT(duplicate)},
    {"crash", WHOLE, AT(crash)},   {"truncate", SHARE, AT(truncate)},
    {"memory", SHARE, AT(memory)},
#undef AT
};

static int refuse(struct pinfold_error *err, const char *text, size_t size, const char *what)
{
    return pf_fail(err, PINFOLD_E_ARGUMENT, "PINFOLD_FAULTS '%.*s': %s", (int)size, text, what);
}

static int read_value(struct pf_faults *faults, const struct fault *fault, const char *word,
                      size_t size, struct pinfold_error *err)
{
    const char *text = word + strlen(fault->name) + 1;
    void *field = (char *)faults + fault->offset;
    char *end;

    errno = 0;
    if (fault->type == WHOLE) {
        unsigned long long value = strtoull(text, &end, 10);
        if (*text < '0' || *text > '9' || end != word + size || errno)
            return refuse(err, word, size, "must be a whole number");
        *(uint64_t *)field = value;
    } else {
        double value = strtod(text, &end);
        if (end == text || end != word + size || !(value >= 0 && value <= 1))
            return refuse(err, word, size, "must be a share, from 0 to 1");
        *(double *)field = value;
    }
    return 0;
}

static const struct fault *named(const char *word)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t n = strlen(table[i].name);
        if (strncmp(word, table[i].name, n) == 0 && word[n] == '=')
            return &table[i];
    }
    return NULL;
}

int pf_faults_parse(struct pf_faults *faults, const char *text, struct pinfold_error *err)
{
    struct pf_faults found = {0};

    while (text && *text) {
        size_t size = strcspn(text, ",");
        const struct fault *fault = named(text);
        int code = fault ? read_value(&found, fault, text, size, err)
                         : refuse(err, text, size,
                                  "not one of seed, delay, duplicate, drop, truncate, memory and "
                                  "crash, each with a '=' and a value");
        if (code)
            return code;
        text += size + (text[size] == ',');
    }
    *faults = found;
    return 0;
}

bool pf_faults_any(const struct pf_faults *faults)
{
    return faults->delay > 0 || faults->duplicate > 0 || faults->drop > 0 || faults->truncate > 0 ||
           faults->memory > 0 || faults->crash > 0;
}

/* Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014). */
static uint64_t mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* The next number of a frame's own stream, from 0 to 1. */
static double draw(uint64_t *state)
{
    *state = mix(*state);
    return ldexp((double)(*state >> 11), -53);
}

struct pf_fate pf_fault_fate(const struct pf_faults *faults, const struct pf_passing *frame)
{
    uint64_t lane = 2 * (uint64_t)frame->lane + frame->up;
    uint64_t state = mix(mix(mix(faults->seed) ^ lane) ^ frame->count);
    struct pf_fate fate = {0};
    double share;

    fate.drop = draw(&state) < faults->drop;
    fate.duplicate = draw(&state) < faults->duplicate;
    fate.cut = draw(&state) < faults->truncate && frame->size > 0;
    share = draw(&state);
    if (fate.cut)
        fate.size = (uint64_t)(share * (double)frame->size);
    fate.memory = draw(&state) < faults->memory;
    if (draw(&state) < faults->delay)
        fate.delay = 1 + (int64_t)(draw(&state) * (double)DELAY_MOST);
    return fate;
}
