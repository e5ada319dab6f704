/* Who sits where, on machines small enough to say it by hand. What holds on any machine is in
 * place_random.c, ranks with masks of their own in ranks.c. */
#include "machines.h"

/* 2 packages of 2 L3 of 2 cores of 2 threads; siblings are 8 apart. */
#define TWIN "pack:2 l3:2 core:2 pu:2(indexes=0,8,1,9,2,10,3,11,4,12,5,13,6,14,7,15)"

/* Seats n workers and compares. */
static void seats(const char *machine_text, const char *mask_text, const char *policy_text, int n,
                  const char *expected)
{
    struct pf_machine *machine = machine_of(machine_text, NULL);
    struct pf_policy policy = policy_of(policy_text);
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_seating *seating = NULL;
    struct pf_cpus mask;

    if (mask_text)
        assert_int_equal(pf_cpus_parse(&mask, mask_text), 0);
    if (pf_seat(&seating, machine, mask_text ? &mask : NULL, &policy, n, &err))
        fail_msg("%s", err.text);
    assert_string_equal(shown(seating), expected);
    pf_seating_free(seating);
    pf_machine_free(machine);
}

/* Fails with this code and text; the output is not touched. */
static void refuses(const char *machine_text, const char *mask_text, const char *policy_text, int n,
                    int code, const char *part)
{
    struct pf_machine *machine = machine_of(machine_text, NULL);
    struct pf_policy policy = policy_of(policy_text);
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_seating *seating = (struct pf_seating *)&err;
    struct pf_cpus mask;

    if (mask_text)
        assert_int_equal(pf_cpus_parse(&mask, mask_text), 0);
    assert_int_equal(pf_seat(&seating, machine, mask_text ? &mask : NULL, &policy, n, &err), code);
    assert_ptr_equal(seating, &err);
    if (!strstr(err.text, part))
        fail_msg("'%s' is not in: %s", part, err.text);
    pf_machine_free(machine);
}

static void cores__are_bound_to_all_their_threads(void **state)
{
    (void)state;
    seats(TWIN, NULL, "", 3, "0,8 1,9 2,10");
    seats(TWIN, NULL, "", 0, "0,8 1,9 2,10 3,11 4,12 5,13 6,14 7,15");
}

static void cores__keep_half_of_a_core(void **state)
{
    (void)state;
    seats(TWIN, "1-3,8,10", "", 0, "8 1 2,10 3");
}

static void threads__come_in_layers(void **state)
{
    (void)state;
    seats("core:3 pu:2", NULL, "threads", 0, "0 2 4 1 3 5");
    /* Half a core is in the first layer with the half that it has. */
    seats("core:3 pu:2", "1-3,5", "threads", 0, "1 2 5 3");
}

static void spread__deals_out_domain_by_domain(void **state)
{
    (void)state;
    seats(TWIN, NULL, "spread", 0, "0,8 4,12 2,10 6,14 1,9 5,13 3,11 7,15");
    seats(TWIN, NULL, "spread", 3, "0,8 4,12 2,10");
}

static void spread__respects_capacity(void **state)
{
    (void)state;
    /* Package 0 has one usable core: from the third worker on, package 1 takes all. */
    seats(TWIN, "3-7", "spread", 0, "3 4 6 5 7");
}

static void spread__starts_afresh_in_each_layer(void **state)
{
    (void)state;
    seats("pack:2 core:2 pu:2", NULL, "threads spread", 0, "0 4 2 6 1 5 3 7");
    /* Core 0 has one thread here: in the second layer, package 0 is full after core 1. */
    seats("pack:2 core:2 pu:2", "1-7", "threads spread", 0, "1 4 2 6 3 5 7");
}

static void spread__takes_the_level_with_fewer_domains_first(void **state)
{
    (void)state;
    /* Four L3s in two packages; nodes are as packages. */
    seats("pack:2 [numa] l3:2 core:1 pu:1", NULL, "spread", 0, "0 2 1 3");
    /* One node of four packages comes before the packages. */
    seats("numa:2 pack:2 core:2 pu:1", NULL, "spread", 0, "0 4 2 6 1 5 3 7");
}

static void list__is_taken_as_written(void **state)
{
    (void)state;
    seats(TWIN, NULL, "list:5,13;0;1-2", 0, "5,13 0 1,2");
    seats(TWIN, NULL, "spread list:5,13;0;1-2", 2, "5,13 0");
    seats(TWIN, NULL, "allow list:5,13;0", 3, "5,13 0 5,13");
}

static void list__with_other_cpus_is_refused(void **state)
{
    (void)state;
    refuses(TWIN, NULL, "list:0;16", 0, PINFOLD_E_ARGUMENT, "CPU 16, which this machine does not");
    refuses(TWIN, "0-3", "list:0;1,9", 0, PINFOLD_E_ARGUMENT, "CPU 9, which this process may not");
    refuses(TWIN, NULL, "list:0;;1", 0, PINFOLD_E_ARGUMENT, "''");
    refuses(TWIN, NULL, "list:", 0, PINFOLD_E_ARGUMENT, "''");
    refuses(TWIN, NULL, "list:0;x", 0, PINFOLD_E_ARGUMENT, "'x'");
}

static void bind_none__leaves_the_mask_alone(void **state)
{
    (void)state;
    seats("core:2 pu:2", NULL, "none", 0, "(0,1,2,3) (0,1,2,3)");
    seats("core:2 pu:2", "1,2", "none", 3, "(1,2) (1,2) (1,2)");
    seats("core:2 pu:2", NULL, "none core", 1, "(0,1,2,3)");
}

static void wide__stays_in_the_narrowest_domain(void **state)
{
    (void)state;
    seats("pack:2 l3:2 core:3 pu:1", NULL, "2", 0, "0,1 2,5 3,4 6,7 8,11 9,10");
    seats("pack:2 l3:2 core:4 pu:1", NULL, "2", 0, "0,1 2,3 4,5 6,7 8,9 10,11 12,13 14,15");
    seats("pack:2 l3:2 core:4 pu:1", NULL, "2 spread", 5, "0,1 8,9 4,5 12,13 2,3");
    seats("pack:2 l3:2 core:2 pu:2", NULL, "3", 0, "0,1,2,3,4,5 8,9,10,11,12,13");
    /* one core is left over in each package: those are one level up, in the machine */
    seats("pack:3 core:3 pu:1", NULL, "2", 0, "0,1 2,5 3,4 6,7");
}

static void wide__counts_hardware_threads_with_threads(void **state)
{
    (void)state;
    seats("core:4 pu:2", NULL, "threads 2", 0, "0,1 2,3 4,5 6,7");
    seats("core:4 pu:2", "1-7", "threads 2", 0, "1,2 3,4 5,6");
    seats("core:4 pu:3", NULL, "threads 2", 0, "0,1 2,3 4,5 6,7 8,9 10,11");
    seats("pack:2 core:3 pu:1", NULL, "threads 2", 0, "0,1 2,5 3,4");
}

static void wide__than_the_machine_is_refused(void **state)
{
    (void)state;
    refuses("core:4 pu:2", NULL, "5", 0, PINFOLD_E_PLACES, "no place of 5 cores");
    refuses("core:4 pu:2", NULL, "5 error", 1, PINFOLD_E_PLACES, "no place of 5 cores");
    refuses("core:4 pu:2", NULL, "5 allow", 1, PINFOLD_E_PLACES, "no place of 5 cores");
    refuses("core:4 pu:2", NULL, "threads 9", 0, PINFOLD_E_PLACES, "9 hardware threads");
    seats("core:2 pu:2", NULL, "5 warn", 1, "(0,1,2,3)");
}

static void reserve_core__is_no_place_for_workers(void **state)
{
    (void)state;
    seats(TWIN, "1-3,9", "core", 0, "2 3 /1,9");
    seats("core:3 pu:2", NULL, "core threads", 0, "2 4 3 5 /0,1");
    seats("pack:2 core:2 pu:1", NULL, "core spread", 0, "1 2 3 /0");
    seats("core:3 pu:2", NULL, "core list:0,1;4", 0, "0,1 4 /2,3");
    /* all are needed, or there is but one: the workers come first */
    seats("core:1 pu:2", NULL, "core", 0, "0,1");
    seats("core:2 pu:1", NULL, "core list:0;1", 0, "0 1");
}

static void reserve_sibling__leaves_the_first_to_the_worker(void **state)
{
    (void)state;
    seats(TWIN, NULL, "sibling", 2, "0 1,9 /8");
    seats("core:2 pu:3", NULL, "sibling", 0, "0,2 3,4,5 /1");
    seats("core:2 pu:2", NULL, "sibling threads", 0, "0 2 3 /1");
    seats("core:2 pu:2", NULL, "sibling list:2,3;0", 0, "2 0 /3");
    seats("core:2 pu:2", NULL, "sibling list:2;0", 0, "2 0 /3");
    seats("core:4 pu:2", NULL, "sibling 2", 0, "0,2,3 4,5,6,7 /1");
}

static void reserve_sibling__without_one_is_none_and_a_notice(void **state)
{
    struct pf_machine *machine = machine_of("core:2 pu:2", NULL);
    struct pf_policy policy = policy_of("sibling");
    struct pf_seating *seating;
    struct pf_cpus mask;

    (void)state;
    assert_int_equal(pf_cpus_parse(&mask, "1-3"), 0);
    assert_int_equal(pf_seat(&seating, machine, &mask, &policy, 0, NULL), 0);
    assert_string_equal(shown(seating), "1 2,3");
    assert_false(seating->driver.bound);
    assert_non_null(strstr(seating->notice, "no second hardware thread"));
    pf_seating_free(seating);
    assert_int_equal(pf_seat(&seating, machine, NULL, &policy, 0, NULL), 0);
    assert_string_equal(seating->notice, "");
    pf_seating_free(seating);
    pf_machine_free(machine);
}

static void oversubscribe__does_as_told(void **state)
{
    (void)state;
    seats("core:2 pu:2", NULL, "allow", 5, "0,1 2,3 0,1 2,3 0,1");
    seats("core:2 pu:2", NULL, "allow spread threads", 5, "0 2 1 3 0");
    seats("core:2 pu:2", NULL, "warn", 3, "(0,1,2,3) (0,1,2,3) (0,1,2,3)");
    refuses("core:2 pu:2", NULL, "error", 3, PINFOLD_E_PLACES,
            "more workers (3) than places (2) on");
    seats("core:2 pu:2", NULL, "error", 2, "0,1 2,3");
    /* The reserved core is missing. */
    refuses("core:2 pu:2", NULL, "error core", 2, PINFOLD_E_PLACES,
            "more workers (2) than places (1)");
    seats("core:2 pu:2", NULL, "warn core", 2, "(0,1,2,3) (0,1,2,3)");
}

static void oversubscribe__is_told(void **state)
{
    struct pf_machine *machine = machine_of("core:2 pu:2", NULL);
    struct pf_policy policy = policy_of("warn");
    struct pf_seating *seating;

    (void)state;
    assert_int_equal(pf_seat(&seating, machine, NULL, &policy, 3, NULL), 0);
    assert_true(seating->oversubscribed);
    assert_int_equal(seating->nplaces, 2);
    assert_non_null(strstr(seating->notice, "more workers (3) than places (2)"));
    pf_seating_free(seating);
    policy.oversubscribe = PF_OVERSUBSCRIBE_ALLOW;
    assert_int_equal(pf_seat(&seating, machine, NULL, &policy, 3, NULL), 0);
    assert_true(seating->oversubscribed);
    pf_seating_free(seating);
    assert_int_equal(pf_seat(&seating, machine, NULL, &policy, 1, NULL), 0);
    assert_false(seating->oversubscribed);
    assert_int_equal(seating->nplaces, 2);
    assert_int_equal(seating->places[0].core, 0);
    assert_int_equal(seating->places[0].width, 1);
    pf_seating_free(seating);
    pf_machine_free(machine);
}

static void numbers_and_masks__that_make_no_sense_are_refused(void **state)
{
    (void)state;
    refuses("core:2 pu:2", NULL, "", -1, PINFOLD_E_ARGUMENT, "-1");
    refuses("core:2 pu:2", NULL, "", PF_SEATS_MAX + 1, PINFOLD_E_ARGUMENT, "65537");
    refuses("core:2 pu:2", "4-7", "", 0, PINFOLD_E_TOPOLOGY, "none may be used");
    refuses("core:2 pu:2", "4-7", "none", 2, PINFOLD_E_TOPOLOGY, "none may be used");
}

static void allowed__narrows_the_mask(void **state)
{
    struct pf_machine *machine = machine_of(TWIN, "0-4,8");
    struct pf_policy policy = policy_of("");
    struct pf_seating *seating;
    struct pf_cpus mask;

    (void)state;
    assert_int_equal(pf_cpus_parse(&mask, "0-1,4-15"), 0);
    assert_int_equal(pf_seat(&seating, machine, &mask, &policy, 0, NULL), 0);
    assert_string_equal(shown(seating), "0,8 1 4");
    pf_seating_free(seating);
    pf_machine_free(machine);
}

static void free__takes_null(void **state)
{
    (void)state;
    pf_seating_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cores__are_bound_to_all_their_threads),
        cmocka_unit_test(cores__keep_half_of_a_core),
        cmocka_unit_test(threads__come_in_layers),
        cmocka_unit_test(spread__deals_out_domain_by_domain),
        cmocka_unit_test(spread__respects_capacity),
        cmocka_unit_test(spread__starts_afresh_in_each_layer),
        cmocka_unit_test(spread__takes_the_level_with_fewer_domains_first),
        cmocka_unit_test(list__is_taken_as_written),
        cmocka_unit_test(list__with_other_cpus_is_refused),
        cmocka_unit_test(bind_none__leaves_the_mask_alone),
        cmocka_unit_test(wide__stays_in_the_narrowest_domain),
        cmocka_unit_test(wide__counts_hardware_threads_with_threads),
        cmocka_unit_test(wide__than_the_machine_is_refused),
        cmocka_unit_test(reserve_core__is_no_place_for_workers),
        cmocka_unit_test(reserve_sibling__leaves_the_first_to_the_worker),
        cmocka_unit_test(reserve_sibling__without_one_is_none_and_a_notice),
        cmocka_unit_test(oversubscribe__does_as_told),
        cmocka_unit_test(oversubscribe__is_told),
        cmocka_unit_test(numbers_and_masks__that_make_no_sense_are_refused),
        cmocka_unit_test(allowed__narrows_the_mask),
        cmocka_unit_test(free__takes_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
