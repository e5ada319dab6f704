/* Ranks that are a part of those on their node: seated without the others, they do not meet them. */
#include "machines.h"

#include "host/part.h"

#define MOST 16

/* Seats ranks with the words "NUMBER:MASK ..."; a '!' before a mask: its user chose it. */
static int seat(struct pf_seating **seating, const char *machine_text, const char *policy_text,
                const char *ranks, struct pinfold_error *err)
{
    struct pf_machine *machine = machine_of(machine_text, NULL);
    struct pf_policy policy = policy_of(policy_text);
    char copy[512], *save = NULL;
    struct pf_cpus masks[MOST];
    bool chosen[MOST];
    int local[MOST], n = 0, code;

    snprintf(copy, sizeof copy, "%s", ranks);
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        char *mask = strchr(word, ':') + 1;
        local[n] = atoi(word);
        chosen[n] = *mask == '!';
        assert_int_equal(pf_cpus_parse(&masks[n++], mask + (*mask == '!')), 0);
    }
    code = pf_seat_part(seating, machine, masks, chosen, local, &policy, n, err);
    pf_machine_free(machine);
    return code;
}

static void seats(const char *machine, const char *policy, const char *ranks, const char *expected)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_seating *seating;

    if (seat(&seating, machine, policy, ranks, &err))
        fail_msg("%s", err.text);
    assert_string_equal(shown(seating), expected);
    pf_seating_free(seating);
}

static void two_parts_with_one_mask__do_not_meet(void **state)
{
    (void)state;
    seats("core:8 pu:1", "", "0:0-7 1:0-7 2:0-7", "0 1 2");
    seats("core:8 pu:1", "", "3:0-7 4:0-7", "3 4");
    seats("pack:2 core:4 pu:1", "spread", "0:0-7 2:0-7", "0 1");
    seats("pack:2 core:4 pu:1", "spread", "1:0-7 3:0-7", "4 5");
    seats("core:4 pu:2", "threads", "1:0-7 5:0-7", "2 3");
    seats("core:8 pu:1", "2", "1:0-7 3:0-7", "2,3 6,7");
    seats("core:4 pu:1", "list:2;0;1", "1:0-3", "0");
}

static void the_order_of_ranks__may_be_any(void **state)
{
    (void)state;
    seats("core:4 pu:1", "", "3:0-3 0:0-3 2:0-3", "3 0 2");
}

static void fewer_places_than_ranks__are_counted_round(void **state)
{
    (void)state;
    seats("core:4 pu:1", "error", "3:0-3 4:0-3", "3 0");
    /* These two would meet there: then the others are not minded. */
    seats("core:4 pu:1", "error", "1:0-3 5:0-3", "0 1");
}

static void masks_of_their_own__are_kept(void **state)
{
    (void)state;
    seats("core:8 pu:1", "", "5:!0-3", "0,1,2,3");
    seats("core:8 pu:1", "", "4:!2 5:!3", "2 3");
    seats("core:8 pu:1", "", "4:0-1 5:2-3", "0 2");
}

static void a_number_that_nobody_told__is_none(void **state)
{
    (void)state;
    seats("core:8 pu:1", "", "-1:0-7 5:0-7", "0 1");
}

static void a_place_of_the_driver__is_nobodys(void **state)
{
    (void)state;
    seats("core:4 pu:1", "core", "1:0-3 2:0-3", "2 3 /0");
}

static void bind_none__leaves_each_its_mask(void **state)
{
    (void)state;
    seats("core:4 pu:1", "none", "1:0-3 3:0-3", "(0,1,2,3) (0,1,2,3)");
}

static void too_many__are_refused_as_without_the_others(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_seating *seating;

    (void)state;
    assert_int_equal(seat(&seating, "core:2 pu:1", "error", "1:0-1 2:0-1 3:0-1", &err),
                     PINFOLD_E_PLACES);
    assert_non_null(strstr(err.text, "3"));
    assert_int_equal(seat(&seating, "core:2 pu:1", "", "", &err), PINFOLD_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_parts_with_one_mask__do_not_meet),
        cmocka_unit_test(the_order_of_ranks__may_be_any),
        cmocka_unit_test(fewer_places_than_ranks__are_counted_round),
        cmocka_unit_test(masks_of_their_own__are_kept),
        cmocka_unit_test(a_number_that_nobody_told__is_none),
        cmocka_unit_test(a_place_of_the_driver__is_nobodys),
        cmocka_unit_test(bind_none__leaves_each_its_mask),
        cmocka_unit_test(too_many__are_refused_as_without_the_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
