/* Which masks are a wish. Ours is our parent's: nobody narrowed it. */
#include "unit.h"

#include "host/bind.h"
#include "host/mask.h"

static bool is_chosen(const char *by, int cpus)
{
    struct pf_launch launch = {.by = by, .cpus = cpus};
    struct pf_cpus mask, own;
    bool chosen;

    assert_int_equal(pf_bind_read(&own, 0), 0);
    pf_mask_given(&mask, &chosen, &launch);
    assert_true(pf_cpus_equal(&mask, &own));
    return chosen;
}

static int all_of_them(void **state)
{
    static struct pf_cpus own;
    struct pf_cpus parents;

    if (pf_bind_read(&own, 0) || pf_bind_read(&parents, getppid()) ||
        !pf_cpus_equal(&own, &parents))
        return -1;
    *state = &own;
    return 0;
}

static void all_that_the_launcher_has__is_no_wish(void **state)
{
    (void)state;
    assert_false(is_chosen("a PMIx launcher", -1));
    assert_false(is_chosen(NULL, -1));
}

static void as_many_as_were_asked_for__are_a_wish(void **state)
{
    int n = pf_cpus_count(*state);

    assert_true(is_chosen("a PMIx launcher", n));
    assert_true(is_chosen("a PMIx launcher", n + 1)); /* he got fewer: they are his */
    assert_false(is_chosen("a PMIx launcher", n - 1));
    assert_false(is_chosen(NULL, n));
}

/* MPI binds its processes, and does so behind our backs. */
static void what_was_kept__holds_for_ranks(void **state)
{
    struct pf_launch launch = {.by = "a PMIx launcher", .cpus = -1}, none = {.cpus = -1};
    const struct pf_cpus *own = *state;
    struct pf_cpus one, mask;
    bool chosen;

    pf_cpus_zero(&one);
    for (int cpu = 0; pf_cpus_count(&one) == 0; cpu++)
        if (pf_cpus_has(own, cpu))
            pf_cpus_add(&one, cpu);
    if (pf_cpus_equal(&one, own))
        skip(); /* there is nothing to be bound out of */
    pf_mask_keep();
    assert_int_equal(pf_bind_apply(&one), 0);
    pf_mask_keep(); /* once is for all */
    pf_mask_given(&mask, &chosen, &launch);
    assert_true(pf_cpus_equal(&mask, own));
    assert_false(chosen);
    pf_mask_given(&mask, &chosen, &none); /* alone, or in a task: what holds now */
    assert_true(pf_cpus_equal(&mask, &one));
    assert_int_equal(pf_bind_apply(own), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_the_launcher_has__is_no_wish),
        cmocka_unit_test(as_many_as_were_asked_for__are_a_wish),
        cmocka_unit_test(what_was_kept__holds_for_ranks),
    };

    return cmocka_run_group_tests(tests, all_of_them, NULL);
}
