/* levels.c - see levels.h. Rules 1, 2, ... are those of place.c.
 *
 * Rule 4, as an algorithm. "Each step goes to the least-loaded child that still has room, the
 * lowest on ties": all children start empty, so the loads of those with room never differ by
 * more than one, and the steps go round and round in the order of the children, passing by
 * those that are full. What happens inside a child depends on nothing outside of it. So the
 * order of a domain is the orders of its children, dealt out like cards:
 *
 *     child 0:  a b c d                      dealt:  a e g  b f h  c i  d
 *     child 1:  e f
 *     child 2:  g h i
 *
 * The number of workers does not occur in it: worker i's place is the same for all numbers of
 * workers above i.
 */
#include "host/levels.h"

#include <stdlib.h>
#include <string.h>

static int domain_of(const struct pf_core *core, int level)
{
    return level == 0 ? core->package : level == 1 ? core->numa : core->l3;
}

/* Numbers the domains of one level, inside of those of `parent` (NULL: of the machine), in the
 * order of their first cores. Returns how many there are, or -1: out of memory. */
static int number_level(const struct pf_machine *machine, int level, const int *parent, int *domain)
{
    int *first = malloc(sizeof *first * (size_t)machine->ncores);
    int n = 0;

    if (!first)
        return -1;
    for (int i = 0; i < machine->ncores; i++) {
        int own = domain_of(&machine->cores[i], level), known = n;

        /* It is that of the core before it, nearly always: so the latest is tried first. */
        for (; known > 0; known--) {
            int other = first[known - 1];

            if (domain_of(&machine->cores[other], level) == own &&
                (!parent || parent[other] == parent[i]))
                break;
        }
        if (known == 0) {
            first[n] = i;
            known = ++n;
        }
        domain[i] = known - 1;
    }
    free(first);
    return n;
}

int pf_levels_make(struct pf_levels *levels, const struct pf_machine *machine)
{
    int count[PF_LEVELS], order[PF_LEVELS];

    memset(levels, 0, sizeof *levels);
    for (int level = 0; level < PF_LEVELS; level++) {
        int at = level;

        levels->domain[level] = calloc((size_t)machine->ncores, sizeof *levels->domain[level]);
        count[level] =
            levels->domain[level] ? number_level(machine, level, NULL, levels->domain[level]) : -1;
        if (count[level] < 0) {
            pf_levels_free(levels);
            return PINFOLD_E_MEMORY;
        }
        /* Outermost first: fewer domains first; on ties Package, NUMANode, L3 as they come. */
        for (; at > 0 && count[order[at - 1]] > count[level]; at--)
            order[at] = order[at - 1];
        order[at] = level;
    }
    for (int depth = 0; depth < PF_LEVELS; depth++) {
        levels->ndomains[depth] = number_level(
            machine, order[depth], depth ? levels->domain[depth - 1] : NULL, levels->domain[depth]);
        if (levels->ndomains[depth] < 0) {
            pf_levels_free(levels);
            return PINFOLD_E_MEMORY;
        }
    }
    return 0;
}

void pf_levels_free(struct pf_levels *levels)
{
    for (int level = 0; level < PF_LEVELS; level++) {
        free(levels->domain[level]);
        levels->domain[level] = NULL;
    }
}

bool pf_levels_same(const struct pf_levels *levels, int depth, int a, int b)
{
    return depth == 0 || levels->domain[depth - 1][a] == levels->domain[depth - 1][b];
}

struct spread {
    const int *core;
    const struct pf_levels *levels;
    int *scratch; /* one for each item */
    int *start;   /* one for each domain of the innermost level, and one more */
};

/* Sorts the items by their domain, stably; start[d] becomes the first of domain d. */
static void sort_by_domain(const struct spread *spread, int level, int *item, int n)
{
    const int *domain = spread->levels->domain[level];
    int ndomains = spread->levels->ndomains[level];
    int *start = spread->start;

    memset(start, 0, sizeof *start * (size_t)(ndomains + 1));
    for (int i = 0; i < n; i++)
        start[domain[spread->core[item[i]]] + 1]++;
    for (int d = 0; d < ndomains; d++)
        start[d + 1] += start[d];
    for (int i = 0; i < n; i++)
        spread->scratch[start[domain[spread->core[item[i]]]]++] = item[i];
    memcpy(item, spread->scratch, sizeof *item * (size_t)n);
}

/* Deals out what lies child by child in `item`. `start` is used by deeper levels too, so the
 * children are found by their domain again. */
static void deal(const struct spread *spread, int level, int *item, int n)
{
    const int *domain = spread->levels->domain[level];
    int nchildren = 0, out = 0;

    for (int i = 0; i < n; i++)
        if (i == 0 || domain[spread->core[item[i]]] != domain[spread->core[item[i - 1]]])
            spread->start[nchildren++] = i;
    spread->start[nchildren] = n;
    for (int round = 0; out < n; round++)
        for (int child = 0; child < nchildren; child++)
            if (round < spread->start[child + 1] - spread->start[child])
                spread->scratch[out++] = item[spread->start[child] + round];
    memcpy(item, spread->scratch, sizeof *item * (size_t)n);
}

static void spread_level(const struct spread *spread, int level, int *item, int n)
{
    int first = 0;

    if (level == PF_LEVELS || n < 2)
        return;
    sort_by_domain(spread, level, item, n);
    for (int i = 1; i <= n; i++) {
        const int *domain = spread->levels->domain[level];

        if (i < n && domain[spread->core[item[i]]] == domain[spread->core[item[first]]])
            continue;
        spread_level(spread, level + 1, item + first, i - first);
        first = i;
    }
    deal(spread, level, item, n);
}

int pf_levels_spread(int *item, int n, const int *core, const struct pf_levels *levels)
{
    struct spread spread = {.core = core, .levels = levels};
    int code = 0;

    /* The innermost level has the most domains: it cuts those of the others. */
    spread.scratch = malloc(sizeof(int) * (size_t)(n + 1));
    spread.start = malloc(sizeof(int) * (size_t)(levels->ndomains[PF_LEVELS - 1] + 1));
    if (spread.scratch && spread.start)
        spread_level(&spread, 0, item, n);
    else
        code = PINFOLD_E_MEMORY;
    free(spread.scratch);
    free(spread.start);
    return code;
}
