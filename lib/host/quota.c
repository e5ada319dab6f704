/* quota.c - see quota.h.
 *
 * A quota is not a mask: with cpu.max "150000 100000" a process sees all CPUs and may use one
 * and a half of them at a time, then is stopped until the period is over. Limits hold for a
 * cgroup and all below it, so the tightest on the way from ours to the root counts.
 *
 * /proc/self/cgroup says where we are in each hierarchy ("0::/user.slice" for version 2,
 * "4:cpu,cpuacct:/docker/1f2e" for version 1), /proc/self/mountinfo where a hierarchy is
 * mounted and which part of it ("... /docker/1f2e /sys/fs/cgroup/cpu ... - cgroup cgroup
 * rw,cpu"). A container's path may lead out of what is mounted; then the mount's own top is
 * asked.
 */
#include "host/quota.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_SIZE (PATH_MAX + 512)

static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = list; at; at = strchr(at, ',')) {
        at += *at == ',';
        if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    }
    return false;
}

/* Our path in the hierarchy: version 2's, or version 1's with the controller cpu. */
static bool find_path(const char *root, bool v2, char *path, size_t size)
{
    char line[LINE_SIZE], name[PATH_MAX];
    bool found = false;
    FILE *file;

    snprintf(name, sizeof name, "%s/proc/self/cgroup", root);
    file = fopen(name, "re");
    while (file && !found && fgets(line, sizeof line, file)) {
        char *controllers = strchr(line, ':');
        char *where = controllers ? strchr(controllers + 1, ':') : NULL;

        if (!where)
            continue;
        *where++ = '\0';
        controllers++;
        where[strcspn(where, "\n")] = '\0';
        found = v2 ? strncmp(line, "0:", 2) == 0 && !*controllers : has_word(controllers, "cpu");
        if (found)
            snprintf(path, size, "%s", where);
    }
    if (file)
        fclose(file);
    return found;
}

/* Where the hierarchy is mounted, and which of its cgroups is the mount's top. */
static bool find_mount(const char *root, bool v2, char *mount, char *top, size_t size)
{
    char line[LINE_SIZE], name[PATH_MAX];
    bool found = false;
    FILE *file;

    snprintf(name, sizeof name, "%s/proc/self/mountinfo", root);
    file = fopen(name, "re");
    while (file && !found && fgets(line, sizeof line, file)) {
        char *words[6] = {NULL}, *save = NULL, *rest = strstr(line, " - ");
        char *type, *options;

        if (!rest)
            continue;
        *rest = '\0';
        type = strtok_r(rest + 3, " \n", &save);
        strtok_r(NULL, " \n", &save); /* the source */
        options = strtok_r(NULL, " \n", &save);
        words[0] = strtok_r(line, " ", &save);
        for (int i = 1; i < 6 && words[i - 1]; i++)
            words[i] = strtok_r(NULL, " ", &save);
        if (!type || !options || !words[4])
            continue;
        found = v2 ? strcmp(type, "cgroup2") == 0
                   : strcmp(type, "cgroup") == 0 && has_word(options, "cpu");
        if (found) {
            snprintf(top, size, "%s", words[3]);
            snprintf(mount, size, "%s", words[4]);
        }
    }
    if (file)
        fclose(file);
    return found;
}

/* The number or numbers in a small file; false: no such file, or "max". */
static bool read_numbers(const char *folder, const char *name, int n, double *value)
{
    char path[2 * PATH_MAX], text[128] = "";
    FILE *file;
    int got = 0;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "re");
    if (!file)
        return false;
    if (fgets(text, sizeof text, file)) {
        char *at = text, *end;

        for (; got < n; got++, at = end) {
            value[got] = strtod(at, &end);
            if (end == at)
                break;
        }
    }
    fclose(file);
    return got == n;
}

/* The limit of this one cgroup, in CPUs; 0: none. */
static double limit_of(const char *folder, bool v2)
{
    double value[2];

    if (v2) {
        if (!read_numbers(folder, "cpu.max", 2, value))
            return 0;
    } else if (!read_numbers(folder, "cpu.cfs_quota_us", 1, value) ||
               !read_numbers(folder, "cpu.cfs_period_us", 1, value + 1))
        return 0;
    return value[0] > 0 && value[1] > 0 ? value[0] / value[1] : 0;
}

static double tighter(double a, double b)
{
    return a > 0 && (b <= 0 || a < b) ? a : b;
}

static double hierarchy(const char *root, bool v2)
{
    char path[PATH_MAX], mount[PATH_MAX], top[PATH_MAX], folder[2 * PATH_MAX];
    const char *below = path;
    size_t length, base;
    double quota = 0;

    if (!find_path(root, v2, path, sizeof path) || !find_mount(root, v2, mount, top, sizeof mount))
        return 0;
    length = strcmp(top, "/") == 0 ? 0 : strlen(top);
    if (strncmp(path, top, length) == 0 && (path[length] == '/' || path[length] == '\0'))
        below = path + length;
    else
        below = "";
    if (strncmp(below, "/..", 3) == 0)
        below = "";
    base = (size_t)snprintf(folder, sizeof folder, "%s%s", root, mount);
    snprintf(folder + base, sizeof folder - base, "%s", below);
    for (;;) {
        char *slash;

        quota = tighter(limit_of(folder, v2), quota);
        slash = strrchr(folder, '/');
        if (!slash || (size_t)(slash - folder) < base)
            return quota;
        *slash = '\0';
    }
}

double pf_quota_read(const char *root)
{
    return tighter(hierarchy(root, true), hierarchy(root, false));
}
