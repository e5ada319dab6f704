/* What holds of places on any machine, tried on thousands of random ones: odd numbers of cores
 * in a domain, cores with and without siblings, indexes in no order, CPUs that are offline,
 * forbidden or masked; and `spread` against a model that takes the rule by its word. */
#include "machines.h"

#define CORES 24
#define CPUS  200

/* A number below n, from a generator that is the same everywhere. */
static int below(unsigned *seed, int n)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (int)((*seed >> 8) % (unsigned)n);
}

/* Domains as they occur: consecutive cores, now and then none; sometimes only a single one. */
static void domains(unsigned *seed, struct pf_machine *machine, size_t field, int most)
{
    int number = -1, left = 0;
    bool inside = false;

    for (int i = 0; i < machine->ncores; i++) {
        if (left-- <= 0) {
            left = below(seed, most);
            inside = below(seed, 8) != 0;
            number += inside;
        }
        *(int *)((char *)&machine->cores[i] + field) = inside ? number : -1;
    }
}

static struct pf_machine *random_machine(unsigned *seed, int most_cores)
{
    struct pf_machine *machine = calloc(1, sizeof *machine);
    int index[CPUS], most = 1 + below(seed, 3), used = 0;

    assert_non_null(machine);
    for (int i = 0; i < CPUS; i++) {
        int at = below(seed, i + 1);

        index[i] = index[at];
        index[at] = i;
    }
    machine->ncores = 1 + below(seed, most_cores);
    machine->cores = calloc((size_t)machine->ncores, sizeof *machine->cores);
    assert_non_null(machine->cores);
    for (int i = 0; i < machine->ncores; i++) {
        struct pf_core *core = &machine->cores[i];

        core->logical = i;
        core->npus = 1 + below(seed, most);
        core->pus = calloc((size_t)core->npus, sizeof *core->pus);
        assert_non_null(core->pus);
        for (int j = 0; j < core->npus; j++) {
            core->pus[j] = index[used++];
            if (below(seed, 6))
                pf_cpus_add(&machine->allowed, core->pus[j]);
        }
    }
    machine->npus = used;
    domains(seed, machine, offsetof(struct pf_core, package), 16);
    domains(seed, machine, offsetof(struct pf_core, numa), 9);
    domains(seed, machine, offsetof(struct pf_core, l3), 5);
    snprintf(machine->name, sizeof machine->name, "random");
    return machine;
}

/* With `density` 4, three quarters of the machine's PUs. */
static struct pf_cpus random_mask(unsigned *seed, const struct pf_machine *machine, int density)
{
    struct pf_cpus mask;

    pf_cpus_zero(&mask);
    for (int i = 0; i < machine->ncores; i++)
        for (int j = 0; j < machine->cores[i].npus; j++)
            if (below(seed, density))
                pf_cpus_add(&mask, machine->cores[i].pus[j]);
    return mask;
}

static void assert_disjoint(const struct pf_seating *seating)
{
    struct pf_cpus all = seating->driver.cpus;

    for (int i = 0; i < seating->n; i++) {
        assert_false(pf_cpus_meet(&all, &seating->places[i].cpus));
        pf_cpus_or(&all, &seating->places[i].cpus);
    }
}

/* Disjoint, not empty, inside; as many as the rules say; of whole cores or of single PUs. */
static void assert_sound(const struct pf_machine *machine, const struct pf_cpus *candidates,
                         const struct pf_policy *policy, const struct pf_seating *seating)
{
    struct pf_cpus inside = *candidates;
    int cores, pus, total;

    pf_cpus_minus(&inside, &seating->driver.cpus);
    pf_machine_usable(machine, &inside, &cores, &pus);
    total = policy->places == PF_PLACES_THREADS ? pus : cores;
    assert_int_equal(seating->n, seating->nplaces);
    assert_int_equal(seating->nplaces, total / policy->width);
    assert_false(seating->oversubscribed);
    assert_disjoint(seating);
    for (int i = 0; i < seating->n; i++) {
        const struct pf_place *place = &seating->places[i];

        assert_true(place->bound);
        assert_false(pf_cpus_empty(&place->cpus));
        assert_true(pf_cpus_subset(&place->cpus, &inside));
        assert_int_equal(place->width, policy->width);
        pf_machine_usable(machine, &place->cpus, &cores, &pus);
        assert_int_equal(policy->places == PF_PLACES_THREADS ? pus : cores, policy->width);
        assert_int_equal(place->core, pf_layout_first_core(machine, &place->cpus));
        /* With cores: all that may be used of them. */
        for (int c = 0; policy->places == PF_PLACES_CORES && c < machine->ncores; c++)
            if (pf_layout_pu(&machine->cores[c], &place->cpus, 0) >= 0)
                for (int j = 0; j < machine->cores[c].npus; j++)
                    assert_int_equal(pf_cpus_has(&place->cpus, machine->cores[c].pus[j]),
                                     pf_cpus_has(&inside, machine->cores[c].pus[j]));
    }
}

static void places__are_sound_on_any_machine(void **state)
{
    unsigned seed = 11;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct pf_machine *machine = random_machine(&seed, CORES);
        struct pf_policy policy = {.places = below(&seed, 2) ? PF_PLACES_CORES : PF_PLACES_THREADS,
                                   .bind = below(&seed, 2) ? PF_BIND_CLOSE : PF_BIND_SPREAD,
                                   .reserve = (enum pf_reserve)below(&seed, 3),
                                   .width = below(&seed, 2) ? 1 : 1 + below(&seed, 4)};
        struct pf_cpus mask = random_mask(&seed, machine, 5), candidates;
        struct pf_seating *seating;
        struct pinfold_error err = PINFOLD_ERROR_INIT;
        int code = pf_seat(&seating, machine, &mask, &policy, 0, &err);

        pf_machine_candidates(machine, &mask, &candidates);
        if (code == 0) {
            assert_sound(machine, &candidates, &policy, seating);
            pf_seating_free(seating);
        } else if (code == PINFOLD_E_TOPOLOGY) {
            assert_true(pf_cpus_empty(&candidates));
        } else {
            int cores, pus;

            assert_int_equal(code, PINFOLD_E_PLACES);
            pf_machine_usable(machine, &candidates, &cores, &pus);
            cores -= policy.reserve == PF_RESERVE_CORE;
            pus -= policy.reserve == PF_RESERVE_CORE ? 3 : policy.reserve == PF_RESERVE_SIBLING;
            assert_true(policy.width > (policy.places == PF_PLACES_THREADS ? pus : cores));
        }
        pf_machine_free(machine);
    }
}

static void place__does_not_depend_on_the_number_of_workers(void **state)
{
    unsigned seed = 12;

    (void)state;
    for (int round = 0; round < 300; round++) {
        struct pf_machine *machine = random_machine(&seed, CORES);
        struct pf_policy policy = {.places = below(&seed, 2) ? PF_PLACES_CORES : PF_PLACES_THREADS,
                                   .bind = below(&seed, 3) ? PF_BIND_SPREAD : PF_BIND_CLOSE,
                                   .oversubscribe = PF_OVERSUBSCRIBE_ALLOW,
                                   .width = 1 + below(&seed, 2)};
        struct pf_seating *all;

        if (pf_seat(&all, machine, NULL, &policy, 0, NULL) == 0) {
            for (int n = 1; n <= all->n + 3; n++) {
                struct pf_seating *some;

                assert_int_equal(pf_seat(&some, machine, NULL, &policy, n, NULL), 0);
                assert_int_equal(some->n, n);
                for (int i = 0; i < n; i++)
                    assert_true(
                        pf_cpus_equal(&some->places[i].cpus, &all->places[i % all->n].cpus));
                pf_seating_free(some);
            }
            pf_seating_free(all);
        }
        pf_machine_free(machine);
    }
}

/* The model of `spread`, by its word: each worker walks down the levels, at each to the domain
 * with the fewest workers among those with room, the first on ties. */
struct model {
    const struct pf_machine *machine;
    int level[3]; /* which of package, numa, l3 is outermost, next, innermost */
    int room[CORES], load[CORES];
};

static int domain(const struct model *model, int level, int core)
{
    const struct pf_core *c = &model->machine->cores[core];

    return model->level[level] == 0 ? c->package : model->level[level] == 1 ? c->numa : c->l3;
}

static bool together(const struct model *model, int depth, int a, int b)
{
    for (int level = 0; level < depth; level++)
        if (domain(model, level, a) != domain(model, level, b))
            return false;
    return true;
}

static void sort_levels(struct model *model)
{
    int count[3] = {0};

    for (int level = 0; level < 3; level++) {
        model->level[level] = level;
        for (int i = 0; i < model->machine->ncores; i++) {
            int j = 0;

            while (domain(model, level, j) != domain(model, level, i))
                j++;
            count[level] += j == i;
        }
    }
    /* stable, three elements */
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < 2; i++)
            if (count[model->level[i]] > count[model->level[i + 1]]) {
                int swap = model->level[i];

                model->level[i] = model->level[i + 1];
                model->level[i + 1] = swap;
            }
}

/* The core of the next worker. */
static int step(struct model *model)
{
    int n = model->machine->ncores, chosen = -1;

    /* `chosen` is a core of the domain that was chosen so far; -1: the whole machine. Domains
     * are in the order of their first cores, so a loop over cores meets them in theirs. */
    for (int depth = 1; depth <= 4; depth++) {
        int best = -1, best_load = 0;

        for (int i = 0; i < n; i++) {
            int room = 0, load = 0;

            if (chosen >= 0 && !together(model, depth - 1, chosen, i))
                continue;
            for (int j = 0; j < n; j++)
                if (depth == 4 ? j == i : together(model, depth, i, j)) {
                    room += model->room[j];
                    load += model->load[j];
                }
            if (room > 0 && (best < 0 || load < best_load)) {
                best = i;
                best_load = load;
            }
        }
        chosen = best;
    }
    model->room[chosen]--;
    model->load[chosen]++;
    return chosen;
}

static void spread__is_what_the_rule_says(void **state)
{
    unsigned seed = 13;

    (void)state;
    for (int round = 0; round < 1000; round++) {
        struct pf_machine *machine = random_machine(&seed, CORES);
        bool threads = below(&seed, 2);
        struct pf_policy policy = {.places = threads ? PF_PLACES_THREADS : PF_PLACES_CORES,
                                   .bind = PF_BIND_SPREAD,
                                   .width = 1};
        struct pf_seating *seating;

        if (pf_seat(&seating, machine, NULL, &policy, 0, NULL) == 0) {
            struct model model = {.machine = machine};
            int layer = 0, left = 0;

            sort_levels(&model);
            for (int i = 0; i < seating->n; i++, left--) {
                int core;

                /* A layer is full: the next one begins with no load. */
                while (left == 0) {
                    memset(model.load, 0, sizeof model.load);
                    for (int c = 0; c < machine->ncores; c++) {
                        model.room[c] =
                            pf_layout_pu(&machine->cores[c], &machine->allowed, layer) >= 0;
                        left += model.room[c];
                    }
                    layer++;
                }
                core = step(&model);
                assert_int_equal(seating->places[i].core, core);
                if (threads)
                    assert_int_equal(
                        pf_cpus_next(&seating->places[i].cpus, -1),
                        pf_layout_pu(&machine->cores[core], &machine->allowed, layer - 1));
            }
            pf_seating_free(seating);
        }
        pf_machine_free(machine);
    }
}

/* The model of ranks: whether everybody can have a core (or PU) of his own, by trying. */
static bool seatable(const struct pf_machine *machine, const struct pf_cpus *candidates, int n,
                     int rank, unsigned taken)
{
    if (rank == n)
        return true;
    for (int i = 0; i < machine->ncores; i++)
        if (!(taken >> i & 1) && pf_layout_pu(&machine->cores[i], &candidates[rank], 0) >= 0 &&
            seatable(machine, candidates, n, rank + 1, taken | 1u << i))
            return true;
    return false;
}

static void ranks__sit_in_their_masks_and_alone_if_that_is_possible(void **state)
{
    enum { RANKS = 6 };
    unsigned seed = 14;
    int shared_rounds = 0;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct pf_machine *machine = random_machine(&seed, 7) /* the model tries everything */;
        struct pf_policy policy = {.places = PF_PLACES_CORES,
                                   .bind = below(&seed, 2) ? PF_BIND_CLOSE : PF_BIND_SPREAD,
                                   .oversubscribe = below(&seed, 2) ? PF_OVERSUBSCRIBE_ALLOW
                                                                    : PF_OVERSUBSCRIBE_WARN,
                                   .width = 1};
        struct pf_cpus masks[RANKS], candidates[RANKS];
        bool chosen[RANKS], empty = false;
        int n = 1 + below(&seed, RANKS), kind = below(&seed, 4), code;
        struct pf_seating *seating;

        for (int i = 0; i < n; i++) {
            /* scattered, sparse, equal or disjoint */
            masks[i] = random_mask(&seed, machine, kind == 1 ? 2 : 5);
            if (kind == 1) {
                struct pf_cpus other = random_mask(&seed, machine, 2);

                pf_cpus_and(&masks[i], &other);
            }
            if (kind == 2 && i > 0)
                masks[i] = masks[i - 1];
            for (int j = 0; kind == 3 && j < i; j++)
                pf_cpus_minus(&masks[i], &masks[j]);
            chosen[i] = below(&seed, 2);
            pf_machine_candidates(machine, &masks[i], &candidates[i]);
            pf_cpus_and(&candidates[i], &masks[i]);
            empty |= pf_cpus_empty(&candidates[i]);
        }
        code = pf_seat_ranks(&seating, machine, masks, chosen, &policy, n, NULL);
        if (empty) {
            assert_int_equal(code, PINFOLD_E_TOPOLOGY);
        } else {
            assert_int_equal(code, 0);
            assert_int_equal(seating->n, n);
            for (int i = 0; i < n; i++) {
                assert_false(pf_cpus_empty(&seating->places[i].cpus));
                assert_true(pf_cpus_subset(&seating->places[i].cpus, &candidates[i]));
            }
            if (seating->oversubscribed) {
                assert_false(seatable(machine, candidates, n, 0, 0));
                shared_rounds++;
                if (policy.oversubscribe == PF_OVERSUBSCRIBE_WARN)
                    for (int i = 0; i < n; i++) {
                        assert_false(seating->places[i].bound);
                        assert_true(pf_cpus_equal(&seating->places[i].cpus, &candidates[i]));
                    }
            } else {
                assert_disjoint(seating);
                assert_true(seating->nplaces >= n);
            }
            pf_seating_free(seating);
        }
        pf_machine_free(machine);
    }
    /* Both ways were gone. */
    assert_true(shared_rounds > 100 && shared_rounds < 2900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places__are_sound_on_any_machine),
        cmocka_unit_test(place__does_not_depend_on_the_number_of_workers),
        cmocka_unit_test(spread__is_what_the_rule_says),
        cmocka_unit_test(ranks__sit_in_their_masks_and_alone_if_that_is_possible),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
