/* The tree of a reduction, and the blocks that a run of items is. */
#include "unit.h"

#include "plan/tree.h"

static void blocks__cover_a_run_and_are_whole_nodes(void **state)
{
    uint64_t seed = 7;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        uint64_t first = random_below(&seed, round % 2 ? 100 : UINT64_C(1) << 60);
        uint64_t count = random_below(&seed, round % 3 ? 1000 : UINT64_C(1) << 58);
        uint64_t at = first, expected = first;
        struct pf_block block;
        size_t n = 0;
        while (pf_block_next(&at, first + count, &block)) {
            uint64_t size = UINT64_C(1) << block.level;
            assert_int_equal(block.first, expected);
            assert_int_equal(block.first % size, 0);
            expected = block.first + size;
            assert_true(expected <= first + count);
            assert_int_equal(at, expected);
            /* Larger would not be whole, or not in the run. */
            assert_true(block.first % (2 * size) != 0 || block.first + 2 * size > first + count);
            n++;
        }
        assert_int_equal(expected, first + count);
        assert_int_equal(n, pf_block_count(first, count));
        assert_true(n <= 128);
    }
}

static void siblings__are_the_two_halves_of_a_node(void **state)
{
    (void)state;
    for (unsigned level = 0; level < 40; level++)
        for (uint64_t j = 0; j < 20; j++) {
            struct pf_block block = {j << level, level}, other = pf_block_sibling(block);
            assert_int_equal(other.level, level);
            assert_int_equal(other.first, (j ^ 1) << level);
            assert_int_equal(pf_block_is_right(block), j & 1);
            assert_int_equal(pf_block_sibling(other).first, block.first);
        }
}

static void nothing__is_no_block(void **state)
{
    uint64_t at = 5;
    struct pf_block block;

    (void)state;
    assert_false(pf_block_next(&at, 5, &block));
    assert_int_equal(pf_block_count(5, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks__cover_a_run_and_are_whole_nodes),
        cmocka_unit_test(siblings__are_the_two_halves_of_a_node),
        cmocka_unit_test(nothing__is_no_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
