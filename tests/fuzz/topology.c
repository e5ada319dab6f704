/* Another machine, as `pinfold topo --topology` takes it: an XML file where the input begins with a
 * '<', else a description. */
#define _GNU_SOURCE
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "host/place.h"
#include "host/topology.h"

/* What hwloc and libxml2 forget when they give up on a file is theirs. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return 1;
}

static void seat(const struct pf_machine *machine)
{
    struct pf_policy policy = {.width = 1, .oversubscribe = PF_OVERSUBSCRIBE_ALLOW};
    struct pf_seating *seating;

    for (int i = 0; i < machine->ncores; i++)
        for (int k = 0; k < machine->cores[i].npus; k++)
            MUST(machine->cores[i].pus[k] >= 0 && machine->cores[i].pus[k] < PF_CPUS_MAX);
    policy.bind = PF_BIND_SPREAD;
    if (pf_seat(&seating, machine, NULL, &policy, 0, NULL) == 0)
        pf_seating_free(seating);
}

static void load(const char *source)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_machine *machine;

    if (pf_machine_load(&machine, source, &err) != 0) {
        MUST(err.code < 0 && err.text[0]);
        return;
    }
    seat(machine);
    pf_machine_free(machine);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = fuzz_input(data, size);
    char *text, path[64];
    int file;

    if (size == 0)
        return 0;
    if (data[0] == '<') {
        file = memfd_create("topology", MFD_CLOEXEC);
        MUST(file >= 0 && write(file, data, size) == (ssize_t)size);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
        load(path);
        close(file);
        return 0;
    }
    text = fuzz_line(&in);
    if (text[0] != '/' && access(text, F_OK) != 0) /* no file of this machine's */
        load(text);
    free(text);
    return 0;
}
