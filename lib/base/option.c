/* option.c - see option.h. */
#include "base/option.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum type { WORD, COUNT, SECONDS, SIZE };

#define SIZE_MIN ((uint64_t)1 << 20) /* a worker needs some itself */

static const struct option {
    const char *name;     /* --name */
    const char *variable; /* the environment's */
    char letter;          /* -c; 0: none */
    enum type type;
    size_t offset;     /* in struct pinfold_options */
    const char *words; /* WORD: the ones there are, with bars; NULL: read elsewhere */
    const char *fallback;
    const char *argument, *help;
    const char *bare; /* what the option means without a value; NULL: it must have one. With it, the
                         value follows a '=': whatever comes next on the command line is not ours */
    bool own;         /* the driver's own affair: ranks need not agree on it */
} table[] = {
#define AT(field) offsetof(struct pinfold_options, field)
    {"backend", "PINFOLD_BACKEND", 0, WORD, AT(backend), "inline|threads|processes|mpi", NULL,
     "WORD", "inline, threads, processes, mpi (under a launcher mpi, else processes)"},
    {"workers", "PINFOLD_WORKERS", 0, COUNT, AT(max_workers), NULL, "0", "N",
     "at most N workers (one for every place, or rank)"},
    {"places", "PINFOLD_PLACES", 0, WORD, AT(places), NULL, "cores", "WORD",
     "cores, threads, or list:0,16;1,17 (cores)"},
    {"bind", "PINFOLD_BIND", 0, WORD, AT(bind), NULL, "close", "WORD",
     "close, spread or none (close)"},
    {"reserve", "PINFOLD_RESERVE", 0, WORD, AT(reserve), NULL, "none", "WORD",
     "the driver's own place: none, core or sibling (none)"},
    {"oversubscribe", "PINFOLD_OVERSUBSCRIBE", 0, WORD, AT(oversubscribe), NULL, "warn", "WORD",
     "more workers than places: error, warn or allow (warn)"},
    {"cpus-per-task", "PINFOLD_CPUS_PER_TASK", 'c', COUNT, AT(cpus_per_task), NULL, "1", "K",
     "places K cores (with threads: K hardware threads) wide (1)"},
    {"driver", "PINFOLD_DRIVER", 0, WORD, AT(driver), "shared|only", "shared", "WORD",
     "only: rank 0 hosts no worker; shared: it does (shared)"},
    {"open-timeout", "PINFOLD_OPEN_TIMEOUT", 0, SECONDS, AT(open_timeout), NULL, "120", "S",
     "seconds to wait for all ranks and workers (120)"},
    {"grace", "PINFOLD_GRACE", 0, SECONDS, AT(grace), NULL, "10", "S",
     "seconds for tasks that nobody waits for, at the end (10)"},
    {"progress", "PINFOLD_PROGRESS", 0, WORD, AT(progress), "auto|always|never", "never", "[=WORD]",
     "how far it is, on stderr: auto (on a terminal), always, never", "always", true},
    {"tasks-per-worker", "PINFOLD_TASKS_PER_WORKER", 0, COUNT, AT(tasks_per_worker), NULL, "0", "N",
     "replace a worker when it has run N tasks (never)"},
    {"isolate", "PINFOLD_ISOLATE", 0, WORD, AT(isolate), "on|off", NULL, "WORD",
     "tasks of ranks in processes of their own: on, off (see pinfold(7))"},
    {"deadline", "PINFOLD_DEADLINE", 0, WORD, AT(deadline), NULL, "auto", "WHEN",
     "end early: S seconds from now, @UNIXTIME, none, or auto: Slurm's (auto)", NULL, true},
    {"deadline-margin", "PINFOLD_DEADLINE_MARGIN", 0, SECONDS, AT(deadline_margin), NULL, "0", "S",
     "seconds kept for leaving, before it (a tenth of the time, at most 30)", NULL, true},
    {"memory-limit", "PINFOLD_MEMORY_LIMIT", 0, SIZE, AT(memory_limit), NULL, "0", "SIZE",
     "memory that tasks may take: bytes, or 512M, 2G (no limit)"},
    {"signals", "PINFOLD_SIGNALS", 0, WORD, AT(signals), "none|usr", "none", "WORD",
     "usr: USR1 ends the job early, USR2 has a line of status; none", NULL, true},
    {"journal", "PINFOLD_JOURNAL", 0, WORD, AT(journal), NULL, NULL, "FILE",
     "keep in FILE what is done, and take from it what was (none)", NULL, true},
    {"journal-results", "PINFOLD_JOURNAL_RESULTS", 0, WORD, AT(journal_results), "keep|digest",
     "keep", "WORD", "results in it: keep, or only their digest (keep)", NULL, true},
#undef AT
};
#define OPTIONS (sizeof table / sizeof *table)

static void *field(struct pinfold_options *options, const struct option *option)
{
    return (char *)options + option->offset;
}

static bool unset(struct pinfold_options *options, const struct option *option)
{
    switch (option->type) {
    case WORD:
        return *(const char **)field(options, option) == NULL;
    case COUNT:
        return *(int *)field(options, option) == 0;
    case SIZE:
        return *(uint64_t *)field(options, option) == 0;
    default:
        return *(double *)field(options, option) == 0;
    }
}

static bool one_of(const char *words, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = words; at; at = strchr(at, '|') ? strchr(at, '|') + 1 : NULL)
        if (n > 0 && !strchr(word, '|') && strncmp(at, word, n) == 0 && (at[n] == '|' || !at[n]))
            return true;
    return false;
}

/* "1048576", "512M", "2G": bytes, and multiples of 1024. False: it is none of these. */
static bool read_size(const char *text, uint64_t *size)
{
    static const char letters[] = "KMGT";
    const char *letter;
    char *end;
    int shift = 0;
    unsigned long long value;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || errno)
        return false;
    if (*end && (letter = strchr(letters, *end & ~32))) { /* of either case */
        shift = 10 * (int)(letter - letters + 1);
        end++;
    }
    *size = (uint64_t)value << shift;
    return !*end && *size >> shift == value && *size >= SIZE_MIN;
}

/* Stores `text`, said by `whom` ("--workers", "PINFOLD_WORKERS"). */
static int store(struct pinfold_options *options, const struct option *option, const char *text,
                 const char *whom, struct pinfold_error *err)
{
    char *end;

    errno = 0;
    if (option->type == WORD) {
        if (!*text || (option->words && !one_of(option->words, text)))
            return pf_fail(err, PINFOLD_E_ARGUMENT, "%s '%s': not one of %s", whom, text,
                           option->words ? option->words : option->help);
        *(const char **)field(options, option) = text;
    } else if (option->type == COUNT) {
        long value = strtol(text, &end, 10);
        if (end == text || *end || errno || value < 1 || value > 1 << 20)
            return pf_fail(err, PINFOLD_E_ARGUMENT, "%s '%s': must be a whole number from 1 to %d",
                           whom, text, 1 << 20);
        *(int *)field(options, option) = (int)value;
    } else if (option->type == SIZE) {
        uint64_t size;
        if (!read_size(text, &size))
            return pf_fail(
                err, PINFOLD_E_ARGUMENT,
                "%s '%s': must be a number of bytes from 1M, with K, M, G or T behind it", whom,
                text);
        *(uint64_t *)field(options, option) = size;
    } else {
        double value = strtod(text, &end);
        if (end == text || *end || errno || !(value > 0) || isinf(value))
            return pf_fail(err, PINFOLD_E_ARGUMENT, "%s '%s': must be a number of seconds above 0",
                           whom, text);
        *(double *)field(options, option) = value;
    }
    return 0;
}

int pf_options_settle(struct pinfold_options *options, struct pinfold_error *err)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        const struct option *option = &table[i];
        const char *text = getenv(option->variable);
        int code = 0;

        if (unset(options, option)) {
            if (text && *text)
                code = store(options, option, text, option->variable, err);
            else if (option->type == WORD)
                *(const char **)field(options, option) = option->fallback;
            else if (option->fallback[0] != '0')
                code = store(options, option, option->fallback, option->name, err);
        } else if (option->type == WORD && option->words &&
                   !one_of(option->words, *(const char **)field(options, option))) {
            code =
                store(options, option, *(const char **)field(options, option), option->name, err);
        } else if (option->type == COUNT && *(int *)field(options, option) < 0) {
            code = pf_fail(err, PINFOLD_E_ARGUMENT, "%s = %d: must be a whole number from 1",
                           option->name, *(int *)field(options, option));
        } else if (option->type == SIZE && *(uint64_t *)field(options, option) < SIZE_MIN) {
            code = pf_fail(err, PINFOLD_E_ARGUMENT, "%s = %llu: must be at least 1 MiB",
                           option->name, (unsigned long long)*(uint64_t *)field(options, option));
        } else if (option->type == SECONDS && !(*(double *)field(options, option) > 0)) {
            code = pf_fail(err, PINFOLD_E_ARGUMENT, "%s = %g: must be a number of seconds above 0",
                           option->name, *(double *)field(options, option));
        }
        if (code)
            return code;
    }
    return 0;
}

void pf_options_text(const struct pinfold_options *options, struct pf_buf *text)
{
    struct pinfold_options copy = *options;
    char line[64];

    for (size_t i = 0; i < OPTIONS; i++) {
        const struct option *option = &table[i];
        void *at = field(&copy, option);
        const char *value = line;
        if (option->own)
            continue;
        if (option->type == WORD)
            value = *(const char **)at ? *(const char **)at : "";
        else if (option->type == COUNT)
            snprintf(line, sizeof line, "%d", *(int *)at);
        else if (option->type == SIZE)
            snprintf(line, sizeof line, "%llu", (unsigned long long)*(uint64_t *)at);
        else
            snprintf(line, sizeof line, "%.17g", *(double *)at);
        pf_buf_add(text, "option ", 7);
        pf_buf_add(text, option->name, strlen(option->name));
        pf_buf_add(text, "=", 1);
        pf_buf_add(text, value, strlen(value));
        pf_buf_add(text, "\n", 1);
    }
}

/* The option that an argument names, and where its value begins (NULL: in the next argument). */
static const struct option *named(const char *argument, const char **value)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        const struct option *option = &table[i];
        size_t n = strlen(option->name);

        if (strncmp(argument, "--", 2) == 0 && strncmp(argument + 2, option->name, n) == 0 &&
            (argument[2 + n] == '=' || !argument[2 + n])) {
            *value = argument[2 + n] ? argument + 3 + n : NULL;
            return option;
        }
        if (option->letter && argument[0] == '-' && argument[1] == option->letter &&
            (!argument[2] || (argument[2] >= '0' && argument[2] <= '9'))) { /* not -color */
            *value = argument[2] ? argument + 2 : NULL;
            return option;
        }
    }
    return NULL;
}

/* One walk over a command line: options go into *options; what is none stays, moved up when
 * `move` says so. The number of arguments that are left, or a code. */
static int walk(struct pinfold_options *options, int argc, char **argv, bool move,
                struct pinfold_error *err)
{
    int kept = 1, i;

    for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        const char *value;
        const struct option *option = named(argv[i], &value);
        char whom[64];
        int code;

        if (!option) {
            if (move)
                argv[kept] = argv[i];
            kept++;
            continue;
        }
        snprintf(whom, sizeof whom, "--%s", option->name);
        if (!value)
            value = option->bare;
        if (!value && i + 1 >= argc)
            return pf_fail(err, PINFOLD_E_ARGUMENT, "%s needs a value: %s", whom, option->help);
        if (!value)
            value = argv[++i];
        code = store(options, option, value, whom, err);
        if (code)
            return code;
    }
    for (; i < argc; i++, kept++)
        if (move)
            argv[kept] = argv[i];
    if (move)
        argv[kept] = NULL;
    return kept;
}

int pinfold_options_parse(struct pinfold_options *options, int *argc, char **argv,
                          struct pinfold_error *err)
{
    struct pinfold_options found = *options;
    int kept = walk(&found, *argc, argv, false, err);

    if (kept < 0)
        return kept; /* nothing was changed */
    *argc = walk(options, *argc, argv, true, err);
    return 0;
}

const char *pinfold_options_help(void)
{
    static char text[4096];
    size_t n = 0;

    if (text[0])
        return text;
    for (size_t i = 0; i < OPTIONS && n < sizeof text; i++) {
        const struct option *option = &table[i];
        char left[64];
        if (option->letter)
            snprintf(left, sizeof left, "-%c, --%s %s", option->letter, option->name,
                     option->argument);
        else
            snprintf(left, sizeof left, "    --%s%s%s", option->name, option->bare ? "" : " ",
                     option->argument);
        n += (size_t)snprintf(text + n, sizeof text - n, "  %-26s %s\n", left, option->help);
    }
    return text;
}
