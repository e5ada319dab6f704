/* Rows of byte strings of any size. */
#include "unit.h"

#include "wire/record.h"

static void records__come_back_as_they_were_put_aligned(void **state)
{
    static _Alignas(64) unsigned char body[20000];
    uint64_t seed = 3;

    (void)state;
    for (int round = 0; round < 200; round++) {
        size_t used = 0, end, sizes[50];
        pinfold_bytes bytes;
        for (int i = 0; i < 50; i++) {
            size_t after;
            sizes[i] = random_below(&seed, round % 2 ? 4 : 300);
            after = pf_record_after(used, sizes[i]);
            assert_true(after <= sizeof body);
            memset(pf_record_put(body, &used, sizes[i]), i, sizes[i]);
            assert_int_equal(used, after);
        }
        end = used;
        used = 0;
        for (int i = 0; i < 50; i++) {
            assert_true(pf_record_get(body, end, &used, &bytes));
            assert_int_equal(bytes.size, sizes[i]);
            assert_int_equal((uintptr_t)bytes.data % 16, 0);
            for (size_t j = 0; j < bytes.size; j++)
                assert_int_equal(((const unsigned char *)bytes.data)[j], i);
        }
        assert_int_equal(used, end);
        assert_false(pf_record_get(body, end, &used, &bytes));
    }
}

static void eight_bytes__cost_sixteen(void **state)
{
    size_t used = pf_record_after(0, 8);

    (void)state;
    assert_int_equal(used, 24);
    assert_int_equal(pf_record_after(used, 8), 40);
}

static void get__refuses_what_is_cut_short(void **state)
{
    _Alignas(64) unsigned char body[256];
    size_t used = 0, end;
    pinfold_bytes bytes;

    (void)state;
    memset(pf_record_put(body, &used, 100), 1, 100);
    end = used;
    for (size_t size = 0; size < end; size++) {
        used = 0;
        assert_false(pf_record_get(body, size, &used, &bytes));
        assert_int_equal(used, 0);
    }
    memset(body, 0xff, sizeof body); /* a size beyond all memory */
    assert_false(pf_record_get(body, sizeof body, &used, &bytes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records__come_back_as_they_were_put_aligned),
        cmocka_unit_test(eight_bytes__cost_sixteen),
        cmocka_unit_test(get__refuses_what_is_cut_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
