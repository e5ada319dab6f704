/* Ranks of one node, each with a mask of its own (rule 8 of place.c). */
#include "machines.h"

#define MOST 16

/* Seats ranks with the masks "0-3 4-7 ..."; a '!' before a mask: its user chose it. */
static int seat(struct pf_seating **seating, const char *machine_text, const char *policy_text,
                const char *masks_text, struct pinfold_error *err)
{
    struct pf_machine *machine = machine_of(machine_text, NULL);
    struct pf_policy policy = policy_of(policy_text);
    char copy[512], *save = NULL;
    struct pf_cpus masks[MOST];
    bool chosen[MOST];
    int n = 0, code;

    snprintf(copy, sizeof copy, "%s", masks_text);
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        chosen[n] = *word == '!';
        assert_int_equal(pf_cpus_parse(&masks[n++], word + (*word == '!')), 0);
    }
    code = pf_seat_ranks(seating, machine, masks, chosen, &policy, n, err);
    pf_machine_free(machine);
    return code;
}

static void seats(const char *machine, const char *policy, const char *masks, const char *expected)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_seating *seating;

    if (seat(&seating, machine, policy, masks, &err))
        fail_msg("%s", err.text);
    assert_string_equal(shown(seating), expected);
    pf_seating_free(seating);
}

static void refuses(const char *machine, const char *policy, const char *masks, int code,
                    const char *part)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_seating *seating;

    assert_int_equal(seat(&seating, machine, policy, masks, &err), code);
    if (!strstr(err.text, part))
        fail_msg("'%s' is not in: %s", part, err.text);
}

static void equal_masks__are_one_process(void **state)
{
    (void)state;
    seats("pack:2 core:4 pu:1", "", "0-7 0-7 0-7", "0 1 2");
    seats("pack:2 core:4 pu:1", "spread", "0-7 0-7 0-7", "0 4 1");
    seats("pack:2 core:4 pu:1", "spread", "!0-7 !0-7 !0-7", "0 4 1");
    seats("core:2 pu:2", "threads", "0-3 0-3 0-3", "0 2 1");
    seats("core:4 pu:2", "2", "0-7 0-7", "0,1,2,3 4,5,6,7");
}

static void disjoint_chosen_masks__are_kept_whole(void **state)
{
    (void)state;
    seats("core:8 pu:1", "", "!0-3 !4-7", "0,1,2,3 4,5,6,7");
    seats("core:8 pu:1", "2", "!4-7 !0-3", "4,5,6,7 0,1,2,3");
    seats("core:8 pu:2", "threads", "!0-3 !4-7", "0,1,2,3 4,5,6,7");
    /* of what the machine has */
    seats("core:4 pu:1", "", "!0-1 !2-9", "0,1 2,3");
    /* a single rank, too */
    seats("core:8 pu:1", "", "!2-5", "2,3,4,5");
}

static void disjoint_default_masks__hold_one_place_each(void **state)
{
    (void)state;
    seats("core:8 pu:1", "", "0-3 4-7", "0 4");
    seats("core:8 pu:1", "2", "0-3 4-7", "0,1 4,5");
    seats("core:8 pu:1", "", "2-5", "2");
    /* by NUMA node, two ranks each, as a launcher may */
    seats("pack:2 core:2 pu:2", "", "0-3 4-7 0-3 4-7", "0,1 4,5 2,3 6,7");
}

static void overlapping_masks__are_matched(void **state)
{
    (void)state;
    /* Rank 0 must give way, or rank 1 has nothing. */
    seats("core:2 pu:1", "", "0-1 0", "1 0");
    seats("core:3 pu:1", "", "0-1 1-2 0", "1 2 0");
    seats("core:3 pu:1", "", "!0-1 !1-2 !2", "0 1 2");
    /* A chain: everybody moves on by one. */
    seats("core:4 pu:1", "", "0-1 1-2 2-3 0", "1 2 3 0");
    /* Nobody moves without need. */
    seats("core:4 pu:1", "", "0-2 1-3", "0 1");
    seats("core:4 pu:2", "", "0-5 2-7", "0,1 2,3");
    /* Wide places, side by side inside their masks. */
    seats("core:6 pu:1", "2", "0-3 0-5 2-3", "0,1 4,5 2,3");
}

static void overlapping_masks__get_half_a_core_where_a_mask_has_half(void **state)
{
    (void)state;
    seats("core:2 pu:2", "", "0-2 1-3", "0,1 2,3");
    seats("core:2 pu:2", "", "0 0-3", "0 2,3");
    seats("core:2 pu:2", "", "0-1 1-2", "0,1 2");
}

static void masks_that_divide_a_core__divide_it(void **state)
{
    (void)state;
    seats("core:1 pu:2", "", "0 1", "0 1");
    seats("core:1 pu:2", "", "!0 !1", "0 1");
    seats("core:1 pu:2", "", "0-1 1", "0 1");
    seats("core:1 pu:2", "", "0-1 0", "1 0");
    /* What nobody else needs is still given. */
    seats("core:2 pu:4", "", "0-2 2-3 1-7", "0,1 2,3 4,5,6,7");
}

static void threads__are_matched_one_by_one(void **state)
{
    (void)state;
    seats("core:2 pu:2", "threads", "0-1 1-2 0", "1 2 0");
    seats("core:2 pu:2", "threads", "0-3 0-2", "0 2");
}

static void too_many__is_a_matter_of_oversubscribe(void **state)
{
    (void)state;
    refuses("core:2 pu:1", "error", "0-1 0-1 0-1", PINFOLD_E_PLACES, "workers (3)");
    seats("core:2 pu:1", "warn", "0-1 0-1 0-1", "(0,1) (0,1) (0,1)");
    seats("core:2 pu:1", "allow", "0-1 0-1 0-1", "0 1 0");
    /* In one pen too many, in the other not: the whole node is unbound, each in its mask. */
    seats("core:3 pu:1", "warn", "0 0 1-2", "(0) (0) (1,2)");
    seats("core:3 pu:1", "allow", "0 0 1-2", "0 0 1");
    refuses("core:3 pu:1", "error", "0 0 1-2", PINFOLD_E_PLACES, "3 ranks' masks");
    /* Masks that differ, and are too small together. */
    seats("core:3 pu:1", "warn", "0-1 0 1", "(0,1) (0) (1)");
    seats("core:3 pu:1", "allow", "0-1 0 1", "1 0 1");
    /* Who shares, shares with the fewest. */
    seats("core:2 pu:1", "allow", "0-1 0-1 0 0-1", "0 1 0 1");
    refuses("core:3 pu:1", "error", "0-1 0 1", PINFOLD_E_PLACES, "workers (3)");
    /* Wider than a mask. */
    refuses("core:4 pu:1", "allow 2", "0 1 2-3", PINFOLD_E_PLACES, "2 cores");
    seats("core:4 pu:1", "warn 2", "0 1 2-3", "(0) (1) (2,3)");
}

static void bind_none__leaves_each_its_mask(void **state)
{
    (void)state;
    seats("core:4 pu:1", "none", "0-1 1-3 !2", "(0,1) (1,2,3) (2)");
}

static void reserve__is_about_rank_0(void **state)
{
    (void)state;
    seats("core:4 pu:1", "core", "0-3 0-3", "1 2 /0");
    seats("core:4 pu:2", "core", "!4-7 !0-3", "6,7 0,1,2,3 /4,5");
    seats("core:4 pu:2", "sibling", "!4-7 !0-3", "4,6,7 0,1,2,3 /5");
    seats("core:4 pu:2", "sibling", "0-7 0-7", "0 2,3 /1");
    /* Rank 0 has but one core, so there is none to spare. */
    seats("core:4 pu:1", "core", "!0 !1-3", "0 1,2,3");
}

static void list__is_given_in_the_order_of_ranks(void **state)
{
    (void)state;
    seats("core:4 pu:1", "list:3;1", "0-3 0-3", "3 1");
    seats("core:4 pu:1", "list:3;1", "2-3 0-1", "3 1");
    refuses("core:4 pu:1", "list:3;1", "0-1 0-1", PINFOLD_E_ARGUMENT, "CPU 3");
    refuses("core:4 pu:1", "list:3;1", "!0-1 !2-3", PINFOLD_E_ARGUMENT, "worker 0");
}

static void nobody_and_nothing__are_refused(void **state)
{
    struct pf_machine *machine = machine_of("core:2 pu:1", NULL);
    struct pf_policy policy = policy_of("");
    struct pf_seating *seating;
    struct pf_cpus masks[2];

    (void)state;
    refuses("core:2 pu:1", "", "0 7", PINFOLD_E_TOPOLOGY, "none may be used");
    assert_int_equal(pf_seat_ranks(&seating, machine, masks, NULL, &policy, 0, NULL),
                     PINFOLD_E_ARGUMENT);
    pf_cpus_zero(&masks[0]);
    pf_cpus_add(&masks[0], 1);
    masks[1] = masks[0];
    pf_cpus_add(&masks[1], 0);
    /* No word about who chose: nobody did. */
    assert_int_equal(pf_seat_ranks(&seating, machine, masks, NULL, &policy, 2, NULL), 0);
    assert_string_equal(shown(seating), "1 0");
    assert_int_equal(seating->nplaces, 2);
    assert_false(seating->oversubscribed);
    pf_seating_free(seating);
    pf_machine_free(machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_masks__are_one_process),
        cmocka_unit_test(disjoint_chosen_masks__are_kept_whole),
        cmocka_unit_test(disjoint_default_masks__hold_one_place_each),
        cmocka_unit_test(overlapping_masks__are_matched),
        cmocka_unit_test(overlapping_masks__get_half_a_core_where_a_mask_has_half),
        cmocka_unit_test(masks_that_divide_a_core__divide_it),
        cmocka_unit_test(threads__are_matched_one_by_one),
        cmocka_unit_test(too_many__is_a_matter_of_oversubscribe),
        cmocka_unit_test(bind_none__leaves_each_its_mask),
        cmocka_unit_test(reserve__is_about_rank_0),
        cmocka_unit_test(list__is_given_in_the_order_of_ranks),
        cmocka_unit_test(nobody_and_nothing__are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
