/* pen.c - see pen.h. Rules 1, 2, ... are those of place.c. */
#include "host/pen.h"

#include "host/match.h"

#include <stdlib.h>
#include <string.h>

/* Takes all ranks that are connected with `first` through overlaps into the pen. */
static int gather(struct pf_pen *pen, bool *penned, int first, const struct pf_cpus *candidates,
                  int n)
{
    bool grown = true;

    pen->member = malloc(sizeof *pen->member * (size_t)n);
    if (!pen->member)
        return PINFOLD_E_MEMORY;
    pen->candidates = candidates[first];
    penned[first] = true;
    while (grown) {
        grown = false;
        for (int i = 0; i < n; i++)
            if (!penned[i] && pf_cpus_meet(&pen->candidates, &candidates[i])) {
                pf_cpus_or(&pen->candidates, &candidates[i]);
                penned[i] = grown = true;
            }
    }
    /* Whoever is inside the union is a member: the pens before it share nothing with it. */
    for (int i = first; i < n; i++)
        if (pf_cpus_subset(&candidates[i], &pen->candidates))
            pen->member[pen->n++] = i;
    return 0;
}

static enum pf_pen_kind kind_of(const struct pf_pen *pen, const struct pf_cpus *candidates,
                                const bool *chosen)
{
    if (pen->n == 1 && chosen && chosen[pen->member[0]])
        return PF_PEN_WHOLE;
    for (int k = 0; k < pen->n; k++)
        if (!pf_cpus_equal(&candidates[pen->member[k]], &pen->candidates))
            return PF_PEN_UNEVEN;
    return PF_PEN_EVEN;
}

int pf_pens_make(struct pf_pen **ret_pens, int *ret_npens, const struct pf_cpus *candidates,
                 const bool *chosen, int n)
{
    struct pf_pen *pens = calloc((size_t)n, sizeof *pens);
    bool *penned = calloc((size_t)n, sizeof *penned);
    int npens = 0, code = pens && penned ? 0 : PINFOLD_E_MEMORY;

    for (int i = 0; !code && i < n; i++)
        if (!penned[i]) {
            code = gather(&pens[npens], penned, i, candidates, n);
            if (!code)
                pens[npens].kind = kind_of(&pens[npens], candidates, chosen);
            npens++;
        }
    free(penned);
    if (code) {
        pf_pens_free(pens, npens);
        return code;
    }
    *ret_pens = pens;
    *ret_npens = npens;
    return 0;
}

void pf_pens_free(struct pf_pen *pens, int npens)
{
    for (int i = 0; pens && i < npens; i++) {
        free(pens[i].member);
        pf_layout_free(&pens[i].layout);
    }
    free(pens);
}

static int lay_out_whole(struct pf_pen *pen, const struct pf_machine *machine,
                         const struct pf_policy *policy)
{
    pen->layout.places = calloc(1, sizeof *pen->layout.places);
    if (!pen->layout.places)
        return PINFOLD_E_MEMORY;
    pf_layout_whole(&pen->layout.places[0], machine, &pen->candidates, policy->places);
    pen->layout.n = pen->nplaces = 1;
    return 0;
}

/* Gives member k the part of `atom` that it may use. */
static void give(struct pf_place *place, const struct pf_place *atom, const struct pf_cpus *may)
{
    struct pf_cpus share = atom->cpus;

    pf_cpus_and(&share, may);
    pf_cpus_or(&place->cpus, &share);
    if (place->width++ == 0 || atom->core < place->core)
        place->core = atom->core;
    place->bound = true;
}

/* Who has none shares what he may use with the fewest, the first of those on ties. Used with
 * oversubscribe = allow; with the other words nobody looks. */
static void share(struct pf_place *place, int *holders, const struct pf_layout *atoms,
                  const bool *may, const struct pf_cpus *candidates)
{
    int best = -1;

    for (int i = 0; i < atoms->n; i++)
        if (may[i] && (best < 0 || holders[i] < holders[best]))
            best = i;
    if (best < 0)
        return;
    holders[best]++;
    give(place, &atoms->places[best], candidates);
}

/* One matching: `each` atoms for every member. Returns how many members got all of theirs, or a
 * negative code. */
static int match_atoms(struct pf_pen *pen, const struct pf_layout *atoms,
                       const struct pf_cpus *candidates, int each)
{
    size_t cells = (size_t)pen->n * (size_t)atoms->n;
    bool *may = calloc(cells + 1, sizeof *may);
    int *seat_of = calloc((size_t)pen->n * (size_t)each, sizeof *seat_of);
    int *holders = calloc((size_t)atoms->n + 1, sizeof *holders);
    int full = 0, code = may && seat_of && holders ? 0 : PINFOLD_E_MEMORY;

    for (int k = 0; !code && k < pen->n; k++)
        for (int i = 0; i < atoms->n; i++)
            may[(size_t)k * (size_t)atoms->n + (size_t)i] =
                pf_cpus_meet(&atoms->places[i].cpus, &candidates[pen->member[k]]);
    if (!code && pf_match(seat_of, may, pen->n, atoms->n, each) < 0)
        code = PINFOLD_E_MEMORY;
    for (int k = 0; !code && k < pen->n; k++) {
        struct pf_place *place = &pen->layout.places[k];
        int got = 0;

        memset(place, 0, sizeof *place);
        for (int i = 0; i < each; i++) {
            int seat = seat_of[(size_t)k * (size_t)each + (size_t)i];

            if (seat < 0)
                continue;
            give(place, &atoms->places[seat], &candidates[pen->member[k]]);
            holders[seat]++;
            got++;
        }
        full += got == each;
    }
    for (int k = 0; !code && k < pen->n; k++)
        if (pen->layout.places[k].width == 0)
            share(&pen->layout.places[k], holders, atoms, may + (size_t)k * (size_t)atoms->n,
                  &candidates[pen->member[k]]);
    free(may);
    free(seat_of);
    free(holders);
    return code ? code : full;
}

/* After a matching of single PUs in the name of cores: each member also gets those PUs of its
 * core that it may use and nobody has. */
static void widen(struct pf_pen *pen, const struct pf_machine *machine,
                  const struct pf_cpus *candidates)
{
    struct pf_cpus taken;

    pf_cpus_zero(&taken);
    for (int k = 0; k < pen->n; k++)
        pf_cpus_or(&taken, &pen->layout.places[k].cpus);
    for (int k = 0; k < pen->n; k++) {
        struct pf_place *place = &pen->layout.places[k];
        const struct pf_core *core = &machine->cores[place->core];

        for (int i = 0; i < core->npus; i++)
            if (pf_cpus_has(&candidates[pen->member[k]], core->pus[i]) &&
                !pf_cpus_has(&taken, core->pus[i])) {
                pf_cpus_add(&place->cpus, core->pus[i]);
                pf_cpus_add(&taken, core->pus[i]);
            }
    }
}

/* Rule 8, the last case. First by cores (or PUs, as the policy says); when that leaves somebody
 * out, and the masks divide cores between ranks ({0} and {16}, siblings), by PUs. */
static int lay_out_uneven(struct pf_pen *pen, const struct pf_machine *machine,
                          const struct pf_cpus *candidates, const struct pf_policy *policy,
                          struct pinfold_error *err)
{
    struct pf_policy single = *policy;
    struct pf_layout atoms;
    int full, code;

    pen->layout.places = calloc((size_t)pen->n, sizeof *pen->layout.places);
    if (!pen->layout.places)
        return PINFOLD_E_MEMORY;
    pen->layout.n = pen->n;
    single.width = 1;
    code = pf_layout_make(&atoms, machine, &pen->candidates, &single, err);
    if (code)
        return code;
    full = match_atoms(pen, &atoms, candidates, policy->width);
    pen->nplaces = full < pen->n ? full : atoms.n / policy->width;
    pf_layout_free(&atoms);
    if (full < 0 || full == pen->n || policy->places == PF_PLACES_THREADS || policy->width > 1)
        return full < 0 ? full : 0;

    single.places = PF_PLACES_THREADS;
    code = pf_layout_make(&atoms, machine, &pen->candidates, &single, err);
    if (code)
        return code;
    full = match_atoms(pen, &atoms, candidates, 1);
    pf_layout_free(&atoms);
    if (full < 0)
        return full;
    pen->nplaces = full;
    if (full == pen->n)
        widen(pen, machine, candidates);
    return 0;
}

int pf_pen_lay_out(struct pf_pen *pen, const struct pf_machine *machine,
                   const struct pf_cpus *candidates, const struct pf_policy *policy,
                   struct pinfold_error *err)
{
    int code;

    switch (pen->kind) {
    case PF_PEN_WHOLE:
        code = lay_out_whole(pen, machine, policy);
        break;
    case PF_PEN_UNEVEN:
        code = lay_out_uneven(pen, machine, candidates, policy, err);
        break;
    case PF_PEN_EVEN:
    default:
        code = pf_layout_make(&pen->layout, machine, &pen->candidates, policy, err);
        pen->nplaces = pen->layout.n;
    }
    if (code == PINFOLD_E_MEMORY)
        pf_fail(err, code, "out of memory for the places of %d workers", pen->n);
    return code;
}
