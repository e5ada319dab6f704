/* layout.c - see layout.h. Rules 1, 2, ... are those of place.c.
 *
 * Everything is made of *atoms*: usable cores (rule 2), or single PUs with places = threads, in
 * depth-first order. A *lot* is the atoms of one place, before the places are put in order.
 */
#include "host/layout.h"

#include "host/levels.h"

#include <stdlib.h>
#include <string.h>

struct atom {
    int core, pu; /* pu -1: all candidates of the core */
    int layer;    /* which of its core's candidates it is, from 0 */
    int lot;      /* -1: none yet */
    int tried;    /* while lots are cut: the depth at which it was left over */
};

struct lot {
    int core, layer; /* of its first atom */
    int position;    /* in the order of the places */
};

struct draft {
    const struct pf_machine *machine;
    const struct pf_cpus *candidates;
    const struct pf_policy *policy;
    struct pf_levels levels;
    int natoms, nlots;
    struct atom *atoms;
    struct lot *lots;
    int *item; /* scratch: one for each atom */
    int *core; /* the same */
};

int pf_layout_pu(const struct pf_core *core, const struct pf_cpus *candidates, int nth)
{
    for (int i = 0; i < core->npus; i++)
        if (pf_cpus_has(candidates, core->pus[i]) && nth-- == 0)
            return core->pus[i];
    return -1;
}

int pf_layout_first_core(const struct pf_machine *machine, const struct pf_cpus *candidates)
{
    for (int i = 0; i < machine->ncores; i++)
        if (pf_layout_pu(&machine->cores[i], candidates, 0) >= 0)
            return i;
    return -1;
}

void pf_layout_whole(struct pf_place *place, const struct pf_machine *machine,
                     const struct pf_cpus *cpus, enum pf_places places)
{
    int cores, pus;

    pf_machine_usable(machine, cpus, &cores, &pus);
    place->cpus = *cpus;
    place->width = places == PF_PLACES_THREADS ? pus : cores;
    place->core = pf_layout_first_core(machine, cpus);
    place->bound = true;
}

static void find_atoms(struct draft *draft)
{
    bool threads = draft->policy->places == PF_PLACES_THREADS;

    for (int i = 0; i < draft->machine->ncores; i++)
        for (int layer = 0;; layer++) {
            int pu = pf_layout_pu(&draft->machine->cores[i], draft->candidates, layer);

            if (pu < 0 || (layer > 0 && !threads))
                break;
            draft->atoms[draft->natoms++] = (struct atom){
                .core = i, .pu = threads ? pu : -1, .layer = layer, .lot = -1, .tried = -1};
        }
}

/* Cuts the free atoms that share `depth` levels with atom `first` into lots. */
static void cut_domain(struct draft *draft, int first, int depth)
{
    int width = draft->policy->width, n = 0;

    for (int i = first; i < draft->natoms; i++) {
        struct atom *atom = &draft->atoms[i];

        if (atom->lot >= 0 ||
            !pf_levels_same(&draft->levels, depth, draft->atoms[first].core, atom->core))
            continue;
        atom->tried = depth;
        draft->item[n++] = i;
    }
    for (int from = 0; from + width <= n; from += width, draft->nlots++)
        for (int i = from; i < from + width; i++)
            draft->atoms[draft->item[i]].lot = draft->nlots;
}

/* Rule 5: the narrowest domains are cut first (the L3s, say), then what was left over in them
 * is put together one level up, and so on to the whole machine: as many places as there can be,
 * as few of them as possible across a border. */
static void cut_lots(struct draft *draft)
{
    int met = 0;

    for (int depth = PF_LEVELS; depth >= 0; depth--)
        for (int i = 0; i < draft->natoms; i++)
            if (draft->atoms[i].lot < 0 && draft->atoms[i].tried != depth)
                cut_domain(draft, i, depth);
    /* Numbers them again, in the order of their first atoms. */
    for (int i = 0; i < draft->nlots; i++)
        draft->item[i] = -1;
    for (int i = 0; i < draft->natoms; i++) {
        struct atom *atom = &draft->atoms[i];

        if (atom->lot < 0)
            continue;
        if (draft->item[atom->lot] < 0) {
            draft->lots[met] = (struct lot){.core = atom->core};
            /* A wide place takes siblings as they come: there are no layers. */
            draft->lots[met].layer = draft->policy->width == 1 ? atom->layer : 0;
            draft->item[atom->lot] = met++;
        }
        atom->lot = draft->item[atom->lot];
    }
}

/* Rules 3 and 4: the layers one after the other, each in the order of the policy. */
static int order_lots(struct draft *draft)
{
    int placed = 0, code = 0;

    for (int i = 0; i < draft->nlots; i++)
        draft->core[i] = draft->lots[i].core;
    for (int layer = 0; !code && placed < draft->nlots; layer++) {
        int n = 0;

        for (int i = 0; i < draft->nlots; i++)
            if (draft->lots[i].layer == layer)
                draft->item[n++] = i;
        if (draft->policy->bind == PF_BIND_SPREAD)
            code = pf_levels_spread(draft->item, n, draft->core, &draft->levels);
        for (int i = 0; i < n; i++)
            draft->lots[draft->item[i]].position = placed++;
    }
    return code;
}

static int fill_places(struct pf_layout *layout, const struct draft *draft)
{
    layout->places = calloc((size_t)draft->nlots + 1, sizeof *layout->places);
    if (!layout->places)
        return PINFOLD_E_MEMORY;
    layout->n = draft->nlots;
    for (int i = 0; i < draft->natoms; i++) {
        const struct atom *atom = &draft->atoms[i];
        const struct pf_core *core = &draft->machine->cores[atom->core];
        struct pf_place *place;

        if (atom->lot < 0)
            continue;
        place = &layout->places[draft->lots[atom->lot].position];
        if (place->width++ == 0)
            place->core = atom->core;
        place->bound = true;
        for (int j = 0; j < core->npus; j++)
            if (atom->pu < 0 ? pf_cpus_has(draft->candidates, core->pus[j])
                             : atom->pu == core->pus[j])
                pf_cpus_add(&place->cpus, core->pus[j]);
    }
    return 0;
}

static int from_atoms(struct pf_layout *layout, const struct pf_machine *machine,
                      const struct pf_cpus *candidates, const struct pf_policy *policy)
{
    struct draft draft = {.machine = machine, .candidates = candidates, .policy = policy};
    size_t n = (size_t)machine->npus;
    int code = pf_levels_make(&draft.levels, machine);

    draft.atoms = calloc(n, sizeof *draft.atoms);
    draft.lots = calloc(n, sizeof *draft.lots);
    draft.item = calloc(n, sizeof *draft.item);
    draft.core = calloc(n, sizeof *draft.core);
    if (!draft.atoms || !draft.lots || !draft.item || !draft.core)
        code = PINFOLD_E_MEMORY;
    if (!code) {
        find_atoms(&draft);
        cut_lots(&draft);
        code = order_lots(&draft);
    }
    if (!code)
        code = fill_places(layout, &draft);
    free(draft.atoms);
    free(draft.lots);
    free(draft.item);
    free(draft.core);
    pf_levels_free(&draft.levels);
    return code;
}

/* "0,16;1,17": places as the user wrote them, in that order whatever bind says. */
static int from_list(struct pf_layout *layout, const struct pf_machine *machine,
                     const struct pf_cpus *candidates, const char *list, struct pinfold_error *err)
{
    char *text = strdup(list), *rest = text, *item;
    size_t n = 1;
    int code = 0;

    for (const char *at = list; *at; at++)
        n += *at == ';';
    layout->places = calloc(n, sizeof *layout->places);
    if (!text || !layout->places) {
        free(text);
        return PINFOLD_E_MEMORY;
    }
    while (!code && (item = strsep(&rest, ";")) != NULL) {
        struct pf_cpus cpus, missing;

        if (pf_cpus_parse(&cpus, item)) {
            code =
                pf_fail(err, PINFOLD_E_ARGUMENT,
                        "'%s' in the list of places is no list of CPUs such as 0,16 or 0-3", item);
            break;
        }
        missing = cpus;
        pf_cpus_minus(&missing, candidates);
        if (!pf_cpus_empty(&missing)) {
            int cpu = pf_cpus_next(&missing, -1);

            code =
                pf_fail(err, PINFOLD_E_ARGUMENT, "the list of places names CPU %d, which %s", cpu,
                        pf_machine_core_of(machine, cpu) < 0 ? "this machine does not have"
                                                             : "this process may not use");
            break;
        }
        pf_layout_whole(&layout->places[layout->n++], machine, &cpus, PF_PLACES_LIST);
    }
    free(text);
    return code;
}

int pf_layout_make(struct pf_layout *layout, const struct pf_machine *machine,
                   const struct pf_cpus *candidates, const struct pf_policy *policy,
                   struct pinfold_error *err)
{
    int code;

    memset(layout, 0, sizeof *layout);
    if (policy->places == PF_PLACES_LIST)
        code = from_list(layout, machine, candidates, policy->list, err);
    else
        code = from_atoms(layout, machine, candidates, policy);
    if (code == PINFOLD_E_MEMORY)
        pf_fail(err, code, "out of memory for the places of %d cores", machine->ncores);
    if (code)
        pf_layout_free(layout);
    return code;
}

void pf_layout_free(struct pf_layout *layout)
{
    free(layout->places);
    layout->places = NULL;
    layout->n = 0;
}
