/* Options, of the environment and of a command line. Lines: PINFOLD_NAME=VALUE, or an argument. */
#define _GNU_SOURCE
#include "environment.h"

#include "base/option.h"
#include "host/policy.h"

#define WORDS 64

static const char *const prefixes[] = {"PINFOLD_", NULL};

static void read_all(int argc, char **argv)
{
    struct pinfold_options options = {.size = sizeof options};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_policy policy;
    struct pf_buf text = {0};
    int given = argc;

    if (pinfold_options_parse(&options, &argc, argv, &err) != 0) {
        MUST(err.code == PINFOLD_E_ARGUMENT && err.text[0] && argc == given);
        return;
    }
    MUST(argc >= 1 && argc <= given && !argv[argc]);
    if (pf_options_settle(&options, &err) != 0) {
        MUST(err.code == PINFOLD_E_ARGUMENT && err.text[0]);
        return;
    }
    MUST(options.max_workers >= 0 && options.open_timeout > 0 && options.grace > 0);
    pf_options_text(&options, &text);
    MUST(!text.failed);
    pf_buf_free(&text);
    if (pf_policy_parse(&policy, options.places, options.bind, options.reserve,
                        options.oversubscribe, options.cpus_per_task, &err) == 0)
        MUST(policy.width >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = fuzz_input(data, size);
    char *word[WORDS + 2] = {strdup("program")}, *argv[WORDS + 2];
    int argc = 1;

    fuzz_unset(prefixes);
    while (fuzz_left(&in) && argc <= WORDS) {
        char *line = fuzz_line(&in);
        if (fuzz_set(line, prefixes))
            free(line);
        else
            word[argc++] = line;
    }
    memcpy(argv, word, sizeof argv); /* parsing moves them */
    read_all(argc, argv);
    while (argc > 0)
        free(word[--argc]);
    fuzz_unset(prefixes);
    return 0;
}
