/* What launchers put into the environment. Lines: NAME=VALUE. */
#define _GNU_SOURCE
#include "environment.h"

#include "host/launch.h"

static const char *const prefixes[] = {"OMPI_", "PMI", "MPI_", "PALS_", "SLURM_", NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = fuzz_input(data, size);
    struct pf_launch launch;

    fuzz_unset(prefixes);
    while (fuzz_left(&in)) {
        char *line = fuzz_line(&in);
        fuzz_set(line, prefixes);
        free(line);
    }
    launch = pf_launch_look();
    MUST(launch.rank >= -1 && launch.size >= -1 && launch.local >= -1 && launch.cpus >= -1);
    MUST(launch.by || launch.rank == -1);
    fuzz_unset(prefixes);
    return 0;
}
