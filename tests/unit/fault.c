/* Faults on purpose: what the words mean, and that fate is the same whenever it is asked. */
#include "unit.h"

#include "plan/fault.h"

static void words__set_what_they_name(void **state)
{
    struct pf_faults faults;

    (void)state;
    assert_int_equal(pf_faults_parse(&faults,
                                     "seed=7,delay=0.1,duplicate=.05,drop=1e-3,truncate=1,"
                                     "memory=0.25,crash=12",
                                     NULL),
                     0);
    assert_int_equal(faults.seed, 7);
    assert_true(faults.delay == 0.1 && faults.duplicate == 0.05 && faults.drop == 1e-3 &&
                faults.truncate == 1 && faults.memory == 0.25);
    assert_int_equal(faults.crash, 12);
    assert_true(pf_faults_any(&faults));
}

static void no_words__are_no_faults(void **state)
{
    struct pf_faults faults = {.drop = 1};

    (void)state;
    assert_int_equal(pf_faults_parse(&faults, NULL, NULL), 0);
    assert_false(pf_faults_any(&faults));
    assert_int_equal(pf_faults_parse(&faults, "", NULL), 0);
    assert_int_equal(pf_faults_parse(&faults, "seed=3", NULL), 0); /* nothing is done with it */
    assert_false(pf_faults_any(&faults));
}

static void nonsense__is_one_line_that_names_it(void **state)
{
    static const char *const texts[] = {
        "drop",
        "drop=",
        "drop=2",
        "drop=-1",
        "drop=nan",
        "drop=0.1x",
        "seed=-1",
        "seed=1.5",
        "seed= 1",
        "crash=",
        "drops=0.1",
        "delay=0.1,,",
        ",delay=0.1",
        "=",
        "delay=0.1;drop=0.1",
        "Drop=0.1",
        "drop =0.1",
        "seed=99999999999999999999",
        "drop=0.1,crash=x",
        "drop=0x",
        " ",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        struct pf_faults faults = {.seed = 5};
        if (pf_faults_parse(&faults, texts[i], &err) == 0)
            fail_msg("taken: %s", texts[i]);
        assert_int_equal(err.code, PINFOLD_E_ARGUMENT);
        assert_non_null(strstr(err.text, "PINFOLD_FAULTS"));
        assert_null(strchr(err.text, '\n'));
        assert_int_equal(faults.seed, 5);
    }
}

static bool same(struct pf_fate a, struct pf_fate b)
{
    return a.drop == b.drop && a.duplicate == b.duplicate && a.cut == b.cut && a.size == b.size &&
           a.memory == b.memory && a.delay == b.delay;
}

static void fate__depends_on_seed_lane_way_and_number_alone(void **state)
{
    struct pf_faults faults = {1, .5, .5, .5, .5, .5, 0}, others = faults;
    int differ[4] = {0};

    (void)state;
    others.seed = 2;
    for (uint64_t i = 0; i < 1000; i++) {
        struct pf_passing frame = {3, false, i, 100}, next = frame, lane = frame, up = frame;
        struct pf_fate fate = pf_fault_fate(&faults, &frame);
        next.count++;
        lane.lane++;
        up.up = true;
        assert_true(same(fate, pf_fault_fate(&faults, &frame)));
        differ[0] += !same(fate, pf_fault_fate(&others, &frame));
        differ[1] += !same(fate, pf_fault_fate(&faults, &next));
        differ[2] += !same(fate, pf_fault_fate(&faults, &lane));
        differ[3] += !same(fate, pf_fault_fate(&faults, &up));
    }
    for (int i = 0; i < 4; i++)
        assert_in_range(differ[i], 900, 1000);
}

static void shares__are_kept(void **state)
{
    struct pf_faults faults = {
        .seed = 1, .delay = 0.1, .duplicate = 0.2, .drop = 0.01, .truncate = 0.3, .memory = 0.05};
    int delayed = 0, twice = 0, dropped = 0, cut = 0, memory = 0;

    (void)state;
    for (uint64_t i = 0; i < 100000; i++) {
        struct pf_passing frame = {0, true, i, 64};
        struct pf_fate fate = pf_fault_fate(&faults, &frame);
        delayed += fate.delay > 0;
        assert_true(fate.delay >= 0 && fate.delay <= 10 * PF_MS);
        twice += fate.duplicate;
        dropped += fate.drop;
        cut += fate.cut;
        memory += fate.memory;
        if (fate.cut)
            assert_true(fate.size < 64);
    }
    assert_in_range(delayed, 9500, 10500);
    assert_in_range(twice, 19500, 20500);
    assert_in_range(dropped, 850, 1150);
    assert_in_range(cut, 29300, 30700);
    assert_in_range(memory, 4600, 5400);
}

static void body__of_nothing_cannot_be_cut(void **state)
{
    struct pf_faults faults = {.truncate = 1};

    (void)state;
    assert_false(pf_fault_fate(&faults, &(struct pf_passing){0, true, 0, 0}).cut);
    assert_true(pf_fault_fate(&faults, &(struct pf_passing){0, true, 0, 1}).cut);
}

static void faults__of_a_share_of_0_never_happen(void **state)
{
    struct pf_faults faults = {.seed = 9};

    (void)state;
    for (uint64_t i = 0; i < 10000; i++)
        assert_true(same(pf_fault_fate(&faults, &(struct pf_passing){0, false, i, 10}),
                         (struct pf_fate){0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words__set_what_they_name),
        cmocka_unit_test(no_words__are_no_faults),
        cmocka_unit_test(nonsense__is_one_line_that_names_it),
        cmocka_unit_test(fate__depends_on_seed_lane_way_and_number_alone),
        cmocka_unit_test(shares__are_kept),
        cmocka_unit_test(body__of_nothing_cannot_be_cut),
        cmocka_unit_test(faults__of_a_share_of_0_never_happen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
