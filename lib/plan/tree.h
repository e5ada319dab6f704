/* tree.h - the one tree by which the results of items are combined. Pure.
 *
 *              ┌───────┴───────┐            Node j of level l covers the items j * 2^l up to
 *          ┌───┴───┐       ┌───┴──┐         (j + 1) * 2^l - 1, as far as there are so many. A
 *        ┌─┴─┐   ┌─┴─┐   ┌─┴─┐    │         node without a right half is its left half.
 *        0   1   2   3   4   5    6
 *
 * So the tree depends on the number of items alone, and on no worker or chunk: a floating-point
 * sum along it is the same bits everywhere (pairwise summation, whose error grows with the
 * logarithm of the number of items: Higham, SIAM J. Sci. Comput. 14 (1993) 783). Whoever has a run
 * of items can combine the whole nodes in it; such a run is a row of *blocks*.
 */
#ifndef PF_PLAN_TREE_H
#define PF_PLAN_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pf_block { /* a whole node: items first .. first + 2^level - 1 */
    uint64_t first;
    unsigned level;
};

/* The largest block that begins at `*at` and ends at `end` or before; `*at` is moved behind it.
 * False: `*at` is `end`. */
bool pf_block_next(uint64_t *at, uint64_t end, struct pf_block *block);

/* How many blocks a run of items is. */
size_t pf_block_count(uint64_t first, uint64_t count);

/* The other half of the node above; and whether a block is a right half. */
struct pf_block pf_block_sibling(struct pf_block block);
bool pf_block_is_right(struct pf_block block);

#endif
