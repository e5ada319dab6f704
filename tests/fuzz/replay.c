/* replay.c - runs a target on files instead of on what a fuzzer makes up: on the corpus, as a test
 * that any compiler builds; or on those that are named.
 *
 *     build/tests/fuzz/NAME [FILE...]
 *
 * It ends with the first file that the target does not come back from: its name was said before.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>

/* Sizes that nobody has the memory for are part of the corpus. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1:max_allocation_size_mb=1024";
}

/* Into memory that ends where the file does. */
static void replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    long size = -1;

    if (file && fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    if (size >= 0)
        data = malloc(size ? (size_t)size : 1);
    if (!data || fseek(file, 0, SEEK_SET) != 0 ||
        fread(data, 1, (size_t)size, file) != (size_t)size) {
        printf("Bail out! cannot read %s\n", path);
        exit(1);
    }
    fclose(file);
    LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* All files of the corpus, in the order of their names. */
static int replay_corpus(const char *target)
{
    const char *top = getenv("top_srcdir");
    struct dirent **entries;
    char folder[PATH_MAX], path[2 * PATH_MAX];
    int n;

    snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", top ? top : ".", target);
    n = scandir(folder, &entries, visible, alphasort);
    if (n <= 0) {
        printf("Bail out! there is no corpus in %s: %s\n", folder, strerror(errno));
        return 1;
    }
    printf("1..%d\n", n);
    for (int i = 0; i < n; i++) {
        printf("# %s\n", entries[i]->d_name);
        fflush(stdout);
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        replay(path);
        printf("ok %d - %s comes back from '%s'\n", i + 1, target, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return replay_corpus(program_invocation_short_name);
    for (int i = 1; i < argc; i++) {
        printf("%s\n", argv[i]);
        fflush(stdout);
        replay(argv[i]);
    }
    return 0;
}
