/* launch.c - see launch.h.
 *
 *   Open MPI 4's mpirun   OMPI_COMM_WORLD_RANK, _SIZE   (seen with 4.1.4)
 *   MPICH's Hydra         PMI_RANK, PMI_SIZE            (seen with MPICH 4.0)
 *   srun --mpi=pmix       PMIX_RANK, SLURM_*            (PMIx has no variable for the size)
 *   srun --mpi=pmi2       PMI_RANK, PMI_SIZE, SLURM_*
 *   plain srun            SLURM_* of a step alone: no MPI can join these processes
 *   Open MPI 5's mpirun   OMPI_COMM_WORLD_*, PMIX_RANK  (by its documentation; untested)
 *   PALS                  PALS_RANKID                   (by its documentation; untested)
 *
 * Which of its node's ranks a rank is: OMPI_COMM_WORLD_LOCAL_RANK, Hydra's MPI_LOCALRANKID,
 * PALS_LOCAL_RANKID; in a step of Slurm's without any of those, SLURM_LOCALID.
 *
 * Binding: Open MPI 4 sets OMPI_MCA_orte_bound_at_launch for every rank it bound. The user asked
 * for it with --bind-to X (OMPI_MCA_hwloc_base_binding_policy), --map-by X:PE=K (that word is in
 * OMPI_MCA_rmaps_base_mapping_policy) or --cpus-per-rank K (OMPI_MCA_rmaps_base_cpus_per_rank);
 * else it is the default. No other launcher is known to tell the two apart. Slurm sets
 * SLURM_CPUS_PER_TASK in a step when the user said -c to srun, or to sbatch before it.
 */
#include "host/launch.h"

#include <stdlib.h>
#include <string.h>

#include "pinfold.h"

static int number(const char *name)
{
    const char *text = getenv(name);
    char *end;
    long value;

    if (!text || !*text)
        return -1;
    value = strtol(text, &end, 10);
    return *end || value < 0 || value > 1 << 28 ? -1 : (int)value;
}

static int open_mpi_mask(void)
{
    const char *bind = getenv("OMPI_MCA_hwloc_base_binding_policy");
    const char *map = getenv("OMPI_MCA_rmaps_base_mapping_policy");

    if (number("OMPI_MCA_orte_bound_at_launch") != 1)
        return PF_MASK_UNKNOWN;
    if (bind || (map && strcasestr(map, ":PE=")) || getenv("OMPI_MCA_rmaps_base_cpus_per_rank"))
        return PF_MASK_WISHED;
    return PF_MASK_DEFAULT;
}

struct pf_launch pf_launch_look(void)
{
    static const struct {
        const char *by, *rank, *size, *local;
    } known[] = {
        {"mpirun (Open MPI)", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE",
         "OMPI_COMM_WORLD_LOCAL_RANK"},
        {"a PMI launcher", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"},
        {"PALS", "PALS_RANKID", NULL, "PALS_LOCAL_RANKID"},
        {"a PMIx launcher", "PMIX_RANK", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID"},
    };
    struct pf_launch launch = {.rank = -1, .size = -1, .local = -1, .cpus = -1};

    for (size_t i = 0; i < sizeof known / sizeof *known && !launch.by; i++) {
        launch.rank = number(known[i].rank);
        if (launch.rank >= 0) {
            launch.by = known[i].by;
            if (known[i].size)
                launch.size = number(known[i].size);
            launch.local = number(known[i].local);
            if (launch.local < 0 && getenv("SLURM_STEP_ID") && i > 0)
                launch.local = number("SLURM_LOCALID");
        }
    }
    /* A batch script has SLURM_PROCID too, but no step. */
    if (!launch.by && getenv("SLURM_STEP_ID") && number("SLURM_STEP_NUM_TASKS") > 1) {
        launch.by = "srun";
        launch.rank = number("SLURM_PROCID");
        launch.size = number("SLURM_STEP_NUM_TASKS");
        launch.lonely = true;
    }
    launch.mask = open_mpi_mask();
    /* mpirun's ranks on other nodes are in a step too, but it does not bind by sbatch's -c. */
    if (getenv("SLURM_STEP_ID") && !getenv("OMPI_COMM_WORLD_RANK"))
        launch.cpus = number("SLURM_CPUS_PER_TASK");
    return launch;
}

bool pinfold_is_driver(void)
{
    return pf_launch_look().rank <= 0;
}
