/* Seating the workers of this very machine: whatever it is, places lie inside the mask. */
#include "unit.h"

#include "host/bind.h"
#include "pool/seating.h"

static struct pf_cpus mask;

static int read_mask(void **state)
{
    (void)state;
    return pf_bind_read(&mask, 0);
}

static struct pf_policy policy_of(const char *places, const char *bind, const char *oversubscribe)
{
    struct pf_policy policy;

    assert_int_equal(pf_policy_parse(&policy, places, bind, NULL, oversubscribe, 0, NULL), 0);
    return policy;
}

static void here__seats_one_worker_for_each_place_inside_the_mask(void **state)
{
    struct pf_policy policy = policy_of("threads", NULL, NULL);
    struct pf_seating *seating;
    struct pf_cpus all;

    (void)state;
    pf_cpus_zero(&all);
    assert_int_equal(pf_seating_here(&seating, &mask, &policy, 0, NULL), 0);
    assert_int_equal(seating->n, pf_cpus_count(&mask));
    for (int i = 0; i < seating->n; i++) {
        assert_true(seating->places[i].bound);
        assert_int_equal(pf_cpus_count(&seating->places[i].cpus), 1);
        assert_false(pf_cpus_meet(&all, &seating->places[i].cpus));
        pf_cpus_or(&all, &seating->places[i].cpus);
    }
    assert_true(pf_cpus_equal(&all, &mask));
    pf_seating_free(seating);
}

static void here__refuses_more_workers_than_places_when_told_so(void **state)
{
    struct pf_policy policy = policy_of("threads", NULL, "error");
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_seating *seating;

    (void)state;
    assert_int_equal(pf_seating_here(&seating, &mask, &policy, pf_cpus_count(&mask) + 1, &err),
                     PINFOLD_E_PLACES);
    assert_true(err.text[0]);
}

static void here__binds_nobody_when_told_so(void **state)
{
    struct pf_policy policy = policy_of("cores", "none", "allow");
    struct pf_seating *seating;

    (void)state;
    assert_int_equal(pf_seating_here(&seating, &mask, &policy, 3, NULL), 0);
    assert_int_equal(seating->n, 3);
    for (int i = 0; i < 3; i++)
        assert_false(seating->places[i].bound);
    pf_seating_free(seating);
}

static void ranks__with_equal_masks_share_them_as_workers_would(void **state)
{
    enum { RANKS = 3 };
    struct pf_policy policy = policy_of("threads", NULL, "allow");
    struct pf_cpus masks[RANKS] = {mask, mask, mask};
    int local[RANKS] = {-1, -1, -1};
    struct pf_seating *seating;

    (void)state;
    assert_int_equal(pf_seating_ranks(&seating, masks, NULL, local, &policy, RANKS, NULL), 0);
    assert_int_equal(seating->n, RANKS);
    assert_int_equal(seating->oversubscribed, pf_cpus_count(&mask) < RANKS);
    for (int i = 0; i < RANKS; i++)
        assert_true(pf_cpus_subset(&seating->places[i].cpus, &mask));
    pf_seating_free(seating);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(here__seats_one_worker_for_each_place_inside_the_mask),
        cmocka_unit_test(here__refuses_more_workers_than_places_when_told_so),
        cmocka_unit_test(here__binds_nobody_when_told_so),
        cmocka_unit_test(ranks__with_equal_masks_share_them_as_workers_would),
    };

    return cmocka_run_group_tests(tests, read_mask, NULL);
}
