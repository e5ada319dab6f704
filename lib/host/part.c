/* part.c - see part.h. The order of places does not depend on how many are taken (rule 4 of
 * place.c): that is what makes a number enough. */
#include "host/part.h"

#include <stdlib.h>
#include <string.h>

/* Whether the ranks share their mask with the rest of the node, as far as they can know. */
static bool competes(const struct pf_cpus *masks, const bool *chosen, const int *local, int n)
{
    for (int i = 0; i < n; i++)
        if (local[i] < 0 || (chosen && chosen[i]) || !pf_cpus_equal(&masks[i], &masks[0]))
            return false;
    return true;
}

/* Whether each of them has a place of its own, counted round. */
static bool distinct(const int *local, int n, int nplaces)
{
    bool *taken = calloc((size_t)nplaces, sizeof *taken);
    bool fits = taken && n <= nplaces;

    for (int i = 0; fits && i < n; i++) {
        fits = !taken[local[i] % nplaces];
        taken[local[i] % nplaces] = true;
    }
    free(taken);
    return fits;
}

/* Leaves those of `all` places that are these ranks'. */
static bool pick(struct pf_seating *all, const int *local, int n)
{
    struct pf_place *places = calloc((size_t)n, sizeof *places);

    if (!places)
        return false;
    for (int i = 0; i < n; i++)
        places[i] = all->places[local[i] % all->n];
    free(all->places);
    all->places = places;
    all->n = n;
    return true;
}

int pf_seat_part(struct pf_seating **seating, const struct pf_machine *machine,
                 const struct pf_cpus *masks, const bool *chosen, const int *local,
                 const struct pf_policy *policy, int n, struct pinfold_error *err)
{
    struct pf_seating *all = NULL;

    if (n > 0 && competes(masks, chosen, local, n) &&
        pf_seat(&all, machine, &masks[0], policy, 0, NULL) == 0 && all->n > 0 &&
        distinct(local, n, all->n) && pick(all, local, n)) {
        *seating = all;
        return 0;
    }
    pf_seating_free(all); /* what is wrong, if anything is, is said there: */
    return pf_seat_ranks(seating, machine, masks, chosen, policy, n, err);
}
