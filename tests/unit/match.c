/* Matchings: against every assignment there is, on small tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "host/match.h"

#define MOST 6

/* The model: the most seats that askers first.. can have, by trying everything. */
static int best(const bool *may, int naskers, int nseats, int asker, unsigned taken)
{
    int most;

    if (asker == naskers)
        return 0;
    most = best(may, naskers, nseats, asker + 1, taken);
    for (int seat = 0; seat < nseats; seat++)
        if (may[asker * nseats + seat] && !(taken >> seat & 1)) {
            int n = 1 + best(may, naskers, nseats, asker + 1, taken | 1u << seat);

            if (n > most)
                most = n;
        }
    return most;
}

static void match__is_as_large_as_any(void **state)
{
    unsigned seed = 3;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        int naskers = 1 + rand_r(&seed) % MOST, nseats = 1 + rand_r(&seed) % MOST;
        int density = 1 + rand_r(&seed) % 4, seat_of[MOST], given, found = 0;
        bool may[MOST * MOST], taken[MOST] = {false};

        for (int i = 0; i < naskers * nseats; i++)
            may[i] = rand_r(&seed) % density == 0;
        given = pf_match(seat_of, may, naskers, nseats, 1);
        assert_int_equal(given, best(may, naskers, nseats, 0, 0));
        for (int i = 0; i < naskers; i++) {
            if (seat_of[i] < 0)
                continue;
            assert_true(may[i * nseats + seat_of[i]]);
            assert_false(taken[seat_of[i]]);
            taken[seat_of[i]] = true;
            found++;
        }
        assert_int_equal(found, given);
    }
}

static void match__moves_others_only_when_it_must(void **state)
{
    bool may[] = {true, true, true, true, false, false, true, true, true};
    bool all[] = {true, true, true, true, true, true};
    int seat_of[3];

    (void)state;
    assert_int_equal(pf_match(seat_of, may, 3, 3, 1), 3);
    assert_int_equal(seat_of[0], 1);
    assert_int_equal(seat_of[1], 0);
    assert_int_equal(seat_of[2], 2);
    assert_int_equal(pf_match(seat_of, all, 2, 3, 1), 2);
    assert_int_equal(seat_of[0], 0);
    assert_int_equal(seat_of[1], 1);
}

static void match__gives_several_seats_to_each(void **state)
{
    /* asker 0 may have all, asker 1 the first two alone */
    bool may[] = {true, true, true, true, true, true, false, false};
    int seat_of[4];

    (void)state;
    assert_int_equal(pf_match(seat_of, may, 2, 4, 2), 4);
    assert_true(seat_of[0] >= 2 && seat_of[1] >= 2 && seat_of[0] != seat_of[1]);
    assert_true(seat_of[2] < 2 && seat_of[3] < 2 && seat_of[2] != seat_of[3]);
}

static void match__without_seats_gives_none(void **state)
{
    int seat_of[2] = {5, 5};

    (void)state;
    assert_int_equal(pf_match(seat_of, NULL, 2, 0, 1), 0);
    assert_int_equal(seat_of[0], -1);
    assert_int_equal(seat_of[1], -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(match__is_as_large_as_any),
        cmocka_unit_test(match__moves_others_only_when_it_must),
        cmocka_unit_test(match__gives_several_seats_to_each),
        cmocka_unit_test(match__without_seats_gives_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
