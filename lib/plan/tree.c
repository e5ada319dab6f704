/* tree.c - see tree.h. */
#include "plan/tree.h"

bool pf_block_next(uint64_t *at, uint64_t end, struct pf_block *block)
{
    uint64_t left = end - *at;
    unsigned fits, begins;

    if (left == 0)
        return false;
    fits = 63u - (unsigned)__builtin_clzll(left);
    begins = *at ? (unsigned)__builtin_ctzll(*at) : 63u;
    *block = (struct pf_block){*at, fits < begins ? fits : begins};
    *at += (uint64_t)1 << block->level;
    return true;
}

size_t pf_block_count(uint64_t first, uint64_t count)
{
    struct pf_block block;
    uint64_t at = first;
    size_t n = 0;

    while (pf_block_next(&at, first + count, &block))
        n++;
    return n;
}

struct pf_block pf_block_sibling(struct pf_block block)
{
    return (struct pf_block){block.first ^ (uint64_t)1 << block.level, block.level};
}

bool pf_block_is_right(struct pf_block block)
{
    return block.first >> block.level & 1;
}
