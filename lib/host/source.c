/* source.c - see source.h.
 *
 * A file is read by us, not by hwloc: so "no such file" is told from "not XML" (hwloc says
 * EINVAL to both), pipes and /dev/stdin work, and names with a '%' or a ':' are just names.
 *
 * libxml2 and hwloc print what they dislike on stderr. While they read a description,
 * descriptor 2 is a memory file instead, and what it holds then becomes the detail of our
 * error. hwloc trusts its XML: some files that are wrong crash it (2.9 does on a NUMA node without
 * a nodeset), so that each is tried in a process of its own first. The live machine is loaded without that: its errors are about the system, not about
 * anyone's input.
 */
#include "config.h"

#include "host/source.h"

#include "base/cpus.h"
#include "host/trial.h"

#include <errno.h>
#include <hwloc.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (256 << 20) /* the largest known export has less than a tenth of it */

#define FLAGS HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED
#define TRIAL 20 /* seconds of CPU time; the largest known export takes less than one */

struct quiet {
    int saved, capture; /* descriptors, or -1: stderr is what it was */
};

static void quiet_begin(struct quiet *quiet)
{
    quiet->saved = quiet->capture = -1;
    fflush(stderr);
    quiet->capture = memfd_create("pinfold-hwloc", MFD_CLOEXEC);
    if (quiet->capture < 0)
        return;
    quiet->saved = dup(STDERR_FILENO);
    if (quiet->saved < 0 || dup2(quiet->capture, STDERR_FILENO) < 0) {
        close(quiet->capture);
        quiet->capture = -1;
    }
}

/* The line that says what is wrong. libxml2's look like ":3: parser error : Start tag expected"
 * and come with lines of context; one that complains of the NUL behind a file that broke off is
 * not the cause. hwloc's look like "xmlbuffer: invalid normal object"; that there is no DTD is
 * said always. */
static void find_complaint(char *text, char *said, size_t size)
{
    static const char parser[] = " parser error : ", own[] = "xmlbuffer: ";
    char *save = NULL;

    said[0] = '\0';
    for (char *line = strtok_r(text, "\r\n", &save); line; line = strtok_r(NULL, "\r\n", &save)) {
        char *error = strstr(line, parser), *place = strchr(line, ':');

        if (error && !strstr(error, "Char 0x0 ")) {
            snprintf(said, size, "line %d: %s", place ? atoi(place + 1) : 0,
                     error + strlen(parser));
            return;
        }
        if (!error && !said[0] && !strstr(line, " DTD"))
            snprintf(said, size, "%s",
                     strncmp(line, own, strlen(own)) == 0 ? line + strlen(own) : line);
    }
}

/* Puts stderr back; `said` gets what was wrong, or "". */
static void quiet_end(struct quiet *quiet, char *said, size_t size)
{
    char text[1024];
    ssize_t got;

    said[0] = '\0';
    if (quiet->capture < 0)
        return;
    fflush(stderr);
    dup2(quiet->saved, STDERR_FILENO);
    close(quiet->saved);
    got = pread(quiet->capture, text, sizeof text - 1, 0);
    close(quiet->capture);
    text[got > 0 ? got : 0] = '\0';
    find_complaint(text, said, size);
}

/* The whole file with a NUL behind it. */
static int slurp(const char *path, char **ret_data, size_t *ret_size, struct pinfold_error *err)
{
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    size_t size = 0, room = 1 << 16;
    int code = 0;

    if (!file)
        return pf_fail(err, PINFOLD_E_TOPOLOGY, "cannot read the topology '%s': %s", path,
                       strerror(errno));
    for (;;) {
        char *more = realloc(data, room);

        if (!more) {
            code = pf_fail(err, PINFOLD_E_MEMORY, "out of memory for the topology '%s'", path);
            break;
        }
        data = more;
        size += fread(data + size, 1, room - size - 1, file);
        if (ferror(file)) {
            code = pf_fail(err, PINFOLD_E_TOPOLOGY, "cannot read the topology '%s': %s", path,
                           strerror(errno));
            break;
        }
        if (size < room - 1)
            break;
        if (room >= FILE_MAX) {
            code = pf_fail(err, PINFOLD_E_TOPOLOGY,
                           "the topology '%s' is too large to be one (above %d MiB)", path,
                           FILE_MAX >> 20);
            break;
        }
        room *= 2;
    }
    fclose(file);
    if (code) {
        free(data);
        return code;
    }
    data[size] = '\0';
    *ret_data = data;
    *ret_size = size;
    return 0;
}

struct file {
    char *data;
    size_t size;
};

static int read_xml(hwloc_topology_t topology, const struct file *file)
{
    return hwloc_topology_set_xmlbuffer(topology, file->data, (int)file->size + 1) ||
                   hwloc_topology_load(topology)
               ? -1
               : 0;
}

/* Whether it can be read is told where it matters; here it may crash. */
static void try_xml(void *data)
{
    hwloc_topology_t topology;

    if (hwloc_topology_init(&topology))
        return;
    hwloc_topology_set_flags(topology, FLAGS);
    read_xml(topology, data);
    hwloc_topology_destroy(topology);
}

static int load_xml(hwloc_topology_t topology, const char *path, struct pinfold_error *err)
{
    char said[256];
    struct file file = {0};
    struct quiet quiet;
    bool newer;
    int code = slurp(path, &file.data, &file.size, err);

    if (code)
        return code;
    if (!pf_trial_survives(try_xml, &file, TRIAL)) {
        free(file.data);
        return pf_fail(err, PINFOLD_E_TOPOLOGY,
                       "the topology '%s' is not usable hwloc XML: hwloc crashes on it, or needs "
                       "more than %d s",
                       path, TRIAL);
    }
    quiet_begin(&quiet);
    if (read_xml(topology, &file) != 0)
        code = PINFOLD_E_TOPOLOGY;
    quiet_end(&quiet, said, sizeof said);
    newer = strstr(file.data, "<topology version=\"3") != NULL;
    free(file.data);
    if (!code)
        return 0;
    if (newer && HWLOC_API_VERSION < 0x00030000)
        return pf_fail(err, code,
                       "the topology '%s' was written by hwloc 3, which hwloc 2 cannot read: "
                       "export it again with lstopo --export-xml-flags v2",
                       path);
    if (said[0])
        return pf_fail(err, code, "the topology '%s' is not usable hwloc XML: %s", path, said);
    return pf_fail(err, code,
                   "the topology '%s' is not usable hwloc XML (make one with: lstopo FILE.xml)",
                   path);
}

/* hwloc builds whatever is asked for, in a time that grows with the square: "core:1000000 pu:1"
 * would be minutes. The PUs are the product of the levels' numbers, which are outside of
 * parentheses (attributes) and brackets (memory). */
static bool too_many(const char *text)
{
    unsigned long long product = 1;
    int nested = 0;

    for (char before = ' '; *text; before = *text++) {
        if (*text == '(' || *text == '[')
            nested++;
        else if (*text == ')' || *text == ']')
            nested--;
        else if (nested == 0 && *text >= '0' && *text <= '9' && (before == ':' || before == ' ')) {
            char *end;
            unsigned long long arity = strtoull(text, &end, 10);

            if (arity > PF_CPUS_MAX || product * arity > PF_CPUS_MAX)
                return true;
            product *= arity ? arity : 1;
            text = end - 1;
        }
    }
    return false;
}

static int load_synthetic(hwloc_topology_t topology, const char *text, struct pinfold_error *err)
{
    char said[256];
    struct quiet quiet;
    int code = 0;

    /* A name that was meant as a file, and mistyped, deserves to hear of that. */
    if (strchr(text, '/') || strchr(text, '.') || !text[strcspn(text, "0123456789")])
        return pf_fail(err, PINFOLD_E_TOPOLOGY,
                       "the topology '%s' is neither a file that exists nor a description "
                       "such as \"pack:2 core:4 pu:2\"",
                       text);
    if (too_many(text))
        return pf_fail(err, PINFOLD_E_TOPOLOGY,
                       "the topology '%s' has more than %d hardware threads", text, PF_CPUS_MAX);
    quiet_begin(&quiet);
    if (hwloc_topology_set_synthetic(topology, text) || hwloc_topology_load(topology))
        code = PINFOLD_E_TOPOLOGY;
    quiet_end(&quiet, said, sizeof said);
    if (!code)
        return 0;
    return pf_fail(err, code,
                   "the topology '%s' is neither a file nor a description that hwloc "
                   "understands (\"pack:2 core:4 pu:2\"; it ends in pu:N)%s%s",
                   text, said[0] ? ": " : "", said);
}

static int load_live(hwloc_topology_t topology, struct pinfold_error *err)
{
    if (hwloc_topology_load(topology))
        return pf_fail(err, PINFOLD_E_TOPOLOGY, "hwloc cannot read this machine's topology: %s",
                       strerror(errno));
    return 0;
}

int pf_source_load(struct hwloc_topology **ret, const char *source, struct pinfold_error *err)
{
    hwloc_topology_t topology;
    struct stat st;
    int code;

    if (source && !*source)
        return pf_fail(err, PINFOLD_E_TOPOLOGY,
                       "the topology is an empty text: give a file or a description such as "
                       "\"pack:2 core:4 pu:2\"");
    if (source && stat(source, &st) == 0 && S_ISDIR(st.st_mode))
        return pf_fail(err, PINFOLD_E_TOPOLOGY, "the topology '%s' is a directory", source);
    if (hwloc_topology_init(&topology))
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a topology");
    hwloc_topology_set_flags(topology, FLAGS);
    if (!source)
        code = load_live(topology, err);
    else if (stat(source, &st) == 0)
        code = load_xml(topology, source, err);
    else if (errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG)
        code = load_synthetic(topology, source, err);
    else
        code = pf_fail(err, PINFOLD_E_TOPOLOGY, "cannot read the topology '%s': %s", source,
                       strerror(errno));
    if (code) {
        hwloc_topology_destroy(topology);
        return code;
    }
    *ret = topology;
    return 0;
}
