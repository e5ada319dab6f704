/* Who started us, by the variables that launchers leave. */
#include "unit.h"

#include "host/launch.h"

static const char *const variables[] = {"OMPI_COMM_WORLD_RANK",
                                        "OMPI_COMM_WORLD_SIZE",
                                        "PMI_RANK",
                                        "PMI_SIZE",
                                        "PALS_RANKID",
                                        "OMPI_COMM_WORLD_LOCAL_RANK",
                                        "MPI_LOCALRANKID",
                                        "PALS_LOCAL_RANKID",
                                        "SLURM_LOCALID",
                                        "PMIX_RANK",
                                        "SLURM_STEP_NUM_TASKS",
                                        "SLURM_STEP_ID",
                                        "SLURM_PROCID",
                                        "SLURM_CPUS_PER_TASK",
                                        "OMPI_MCA_orte_bound_at_launch",
                                        "OMPI_MCA_hwloc_base_binding_policy",
                                        "OMPI_MCA_rmaps_base_mapping_policy",
                                        "OMPI_MCA_rmaps_base_cpus_per_rank"};

static int nobody(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(variables); i++)
        unsetenv(variables[i]);
    return 0;
}

static void set(const char *name, const char *value)
{
    setenv(name, value, 1);
}

static void nothing__is_no_launcher_and_a_driver(void **state)
{
    struct pf_launch launch = pf_launch_look();

    (void)state;
    assert_null(launch.by);
    assert_int_equal(launch.rank, -1);
    assert_int_equal(launch.size, -1);
    assert_false(launch.lonely);
    assert_int_equal(launch.mask, PF_MASK_UNKNOWN);
    assert_int_equal(launch.cpus, -1);
    assert_true(pinfold_is_driver());
}

static void open_mpi__tells_rank_and_size(void **state)
{
    struct pf_launch launch;

    (void)state;
    set("OMPI_COMM_WORLD_RANK", "3");
    set("OMPI_COMM_WORLD_SIZE", "8");
    set("OMPI_COMM_WORLD_LOCAL_RANK", "1");
    launch = pf_launch_look();
    assert_int_equal(launch.local, 1);
    assert_non_null(strstr(launch.by, "Open MPI"));
    assert_int_equal(launch.rank, 3);
    assert_int_equal(launch.size, 8);
    assert_false(pinfold_is_driver());
    set("OMPI_COMM_WORLD_RANK", "0");
    assert_true(pinfold_is_driver());
}

static void other_launchers__are_known(void **state)
{
    static const struct {
        const char *rank, *size, *local;
    } known[] = {{"PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"},
                 {"PALS_RANKID", NULL, "PALS_LOCAL_RANKID"},
                 {"PMIX_RANK", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID"}};

    for (size_t i = 0; i < COUNT_OF(known); i++) {
        struct pf_launch launch;
        nobody(state);
        set(known[i].rank, "2");
        if (known[i].size)
            set(known[i].size, "4");
        launch = pf_launch_look();
        assert_non_null(launch.by);
        assert_int_equal(launch.rank, 2);
        assert_int_equal(launch.size, known[i].size ? 4 : -1);
        assert_int_equal(launch.local, -1);
        set(known[i].local, "1");
        assert_int_equal(pf_launch_look().local, 1);
        assert_false(launch.lonely);
        assert_false(pinfold_is_driver());
    }
}

static void srun_with_pmi2__tells_the_number_on_the_node(void **state)
{
    (void)state;
    set("PMI_RANK", "2");
    set("SLURM_LOCALID", "1");
    assert_int_equal(pf_launch_look().local, -1); /* in a batch script it says nothing */
    set("SLURM_STEP_ID", "0");
    assert_int_equal(pf_launch_look().local, 1);
}

static void plain_srun__starts_processes_that_cannot_meet(void **state)
{
    struct pf_launch launch;

    (void)state;
    set("SLURM_STEP_ID", "0");
    set("SLURM_STEP_NUM_TASKS", "4");
    set("SLURM_PROCID", "1");
    launch = pf_launch_look();
    assert_string_equal(launch.by, "srun");
    assert_int_equal(launch.rank, 1);
    assert_int_equal(launch.size, 4);
    assert_true(launch.lonely);
    set("PMIX_RANK", "1"); /* srun --mpi=pmix */
    assert_false(pf_launch_look().lonely);
}

static void srun_c__asks_for_cpus(void **state)
{
    (void)state;
    set("SLURM_CPUS_PER_TASK", "2");
    assert_int_equal(pf_launch_look().cpus, -1); /* a batch script's */
    set("SLURM_STEP_ID", "0");
    set("PMIX_RANK", "0");
    assert_int_equal(pf_launch_look().cpus, 2);
    set("OMPI_COMM_WORLD_RANK", "0"); /* mpirun's rank on another node */
    assert_int_equal(pf_launch_look().cpus, -1);
}

static void batch_script__is_no_launcher(void **state)
{
    (void)state;
    set("SLURM_PROCID", "0");
    assert_null(pf_launch_look().by);
    set("SLURM_STEP_ID", "0"); /* a step of one task */
    set("SLURM_STEP_NUM_TASKS", "1");
    assert_null(pf_launch_look().by);
}

static void nonsense__is_no_launcher(void **state)
{
    static const char *const bad[] = {"", "x", "-1", "3x", "99999999999999999999", "1.5"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        set("OMPI_COMM_WORLD_RANK", bad[i]);
        assert_null(pf_launch_look().by);
    }
}

static void mask__is_a_default_unless_the_user_asked_for_it(void **state)
{
    (void)state;
    set("OMPI_COMM_WORLD_RANK", "0");
    set("OMPI_MCA_hwloc_base_binding_policy", "core");
    assert_int_equal(pf_launch_look().mask, PF_MASK_UNKNOWN); /* nothing was bound */
    set("OMPI_MCA_orte_bound_at_launch", "1");
    assert_int_equal(pf_launch_look().mask, PF_MASK_WISHED);
    unsetenv("OMPI_MCA_hwloc_base_binding_policy");
    assert_int_equal(pf_launch_look().mask, PF_MASK_DEFAULT);
    set("OMPI_MCA_rmaps_base_mapping_policy", "socket:PE=2");
    assert_int_equal(pf_launch_look().mask, PF_MASK_WISHED);
    set("OMPI_MCA_rmaps_base_mapping_policy", "socket");
    assert_int_equal(pf_launch_look().mask, PF_MASK_DEFAULT);
    set("OMPI_MCA_rmaps_base_cpus_per_rank", "2");
    assert_int_equal(pf_launch_look().mask, PF_MASK_WISHED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, nobody)
    const struct CMUnitTest tests[] = {
        TEST(nothing__is_no_launcher_and_a_driver),
        TEST(open_mpi__tells_rank_and_size),
        TEST(other_launchers__are_known),
        TEST(srun_with_pmi2__tells_the_number_on_the_node),
        TEST(plain_srun__starts_processes_that_cannot_meet),
        TEST(srun_c__asks_for_cpus),
        TEST(batch_script__is_no_launcher),
        TEST(nonsense__is_no_launcher),
        TEST(mask__is_a_default_unless_the_user_asked_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
