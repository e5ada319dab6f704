/* map_reduce.c - pinfold_map_reduce: items of an array, and one result of them all.
 *
 * Workers combine the results of a batch as far as it has whole nodes of the tree (plan/tree.h), and
 * answer with a row of blocks. Here blocks meet their siblings, in whatever order they come; those
 * that wait for one are in a search tree by their first item. There are few: for each gap in what
 * has come, at most two for each level.
 */
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "plan/tree.h"
#include "task/items.h"
#include "wire/record.h"

struct node {
    struct pf_block block; /* first of all: nodes are found by it */
    _Alignas(16) unsigned char value[];
};

struct reduction {
    struct pf_items items;
    void *waiting;  /* of tsearch */
    bool no_memory; /* for a result: there will be no root */
};

static int by_first(const void *a, const void *b)
{
    uint64_t x = ((const struct pf_block *)a)->first, y = ((const struct pf_block *)b)->first;

    return x < y ? -1 : x > y;
}

static struct node *find(const struct reduction *reduction, const struct pf_block *block)
{
    struct node *const *at = tfind(block, &reduction->waiting, by_first);

    return at && (*at)->block.level == block->level ? *at : NULL;
}

static void combine(const struct reduction *reduction, struct node *left, const struct node *right)
{
    reduction->items.combine(left->value, right->value, reduction->items.how.shared);
}

/* It meets its sibling, and what they make the next one, as long as there is one. */
static void add(struct reduction *reduction, struct node *node)
{
    for (;;) {
        struct pf_block sibling = pf_block_sibling(node->block);
        struct node *other = find(reduction, &sibling), *left = node, *right = other;
        if (!other)
            break;
        tdelete(&other->block, &reduction->waiting, by_first);
        if (pf_block_is_right(node->block)) {
            left = other;
            right = node;
        }
        combine(reduction, left, right);
        free(right);
        left->block.level++;
        node = left;
    }
    if (!tsearch(node, &reduction->waiting, by_first))
        abort(); /* a part that is forgotten would make a wrong result */
}

static bool take_results(struct pf_items *items, const struct pf_lot *lot,
                         const struct pf_frame *frame)
{
    struct reduction *reduction = (struct reduction *)items; /* items is the first member */
    uint64_t at = lot->first;
    size_t size = items->job.out_size, used = 0;
    struct pf_block block;
    const unsigned char *value;
    pinfold_bytes row;

    if (!pf_record_get(frame->body, frame->size, &used, &row) ||
        row.size != size * pf_block_count(at, frame->count))
        return false;
    value = row.data;
    for (; pf_block_next(&at, lot->first + frame->count, &block); value += size) {
        struct node *node = malloc(sizeof *node + size);
        if (!node) {
            reduction->no_memory = true;
            return true;
        }
        node->block = block;
        memcpy(node->value, value, size);
        add(reduction, node);
    }
    return true;
}

/* What is left are the blocks of all items, each a left half without a right one: from the last to
 * the first they are the root. */
static void fold(struct reduction *reduction)
{
    struct pf_block block;
    struct node *row[64], *last;
    uint64_t at = 0;
    int n = 0;

    while (pf_block_next(&at, reduction->items.n, &block))
        row[n++] = find(reduction, &block);
    last = row[--n];
    while (n-- > 0) {
        combine(reduction, row[n], last);
        last = row[n];
    }
    memcpy(reduction->items.out, last->value, reduction->items.job.out_size);
}

int pinfold_map_reduce(pinfold_pool *pool, pinfold_fn *fn, pinfold_combine_fn *combine_fn,
                       const struct pinfold_call *how, const void *in, size_t in_size, void *out,
                       size_t out_size, size_t n, struct pinfold_error *err)
{
    struct reduction reduction = {.items = {.job = {.in_size = in_size, .out_size = out_size},
                                            .take_results = take_results,
                                            .verb = "map_reduce",
                                            .fn = fn,
                                            .combine = combine_fn,
                                            .in = in,
                                            .out = out,
                                            .n = n}};
    int code;

    if (!combine_fn || !out_size)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "map_reduce: %s",
                       combine_fn ? "results have 0 bytes" : "the combining function is NULL");
    code = pf_items_run(&reduction.items, pool, how, err);
    if (reduction.no_memory)
        code = pf_fail(err, PINFOLD_E_MEMORY, "map_reduce: out of memory for a result of %zu bytes",
                       out_size);
    if (!code && n > 0)
        fold(&reduction);
    tdestroy(reduction.waiting, free);
    return code;
}
