/* place.c - see place.h.
 *
 * The rules
 * ---------
 * A place is the set of hardware threads (hwloc's PUs) that a worker is bound to. Everything
 * here is decided from a table and some masks, so that it can be tested on machines that nobody
 * has.
 *
 *  1. Candidates. Only PUs count that hwloc calls allowed (cgroups) and that are in the mask
 * which the process was born with (taskset, batch systems, launchers): hwloc does not know
 * masks.
 *  2. Cores. A core is usable when at least one of its PUs is a candidate, and a worker on it
 * is bound to all of those: half a core is better than none. A PU below no Core is a core.
 *  3. Places. `cores`: one for each usable core. `threads`: one for each candidate PU, in
 * layers: the first candidate of every core, then the second of those that have one, and so on,
 * so that siblings come last. `list`: as written.
 *  4. Order. `close`: each layer in hwloc's logical (depth-first) order. `spread`: each layer
 *     dealt out over packages, NUMA nodes and L3 caches, the level with the fewest domains
 *     outermost (levels.c). Neither depends on how many workers there are. Domains are those of
 *     the whole machine; only usable cores fill them.
 *  5. Wide places. K cores each, or with `threads` K PUs as they come in depth-first order:
 *     inside the narrowest domains first; what is left over there is put together one level up
 *     (layout.c).
 *  6. The driver's own place. `core`: the first usable core, which then is no candidate for
 *     workers. `sibling`: the second candidate PU of that core; the worker there keeps the
 * others. Where that would leave a worker nothing, there is no such place, and a notice.
 *  7. More workers than places: `error`; or `warn`: nobody on the node is bound, because two
 *     workers on one core while others are alone is the worst of all; or `allow`: worker i sits
 *     at place i mod P.
 *  8. Ranks bring masks of their own. Those whose masks meet compete for the same cores: they
 * are a *pen* (pen.c). In a pen of equal masks, rules 3 to 5 hold as for one process. A mask
 * that its user chose and that meets no other is a place already. In a pen of masks that
 * differ, places are given by a largest matching (match.c), so that everybody sits inside his
 * mask and alone, if that is possible at all.
 *
 * Nothing is computed from CPU numbers: siblings are what the table says they are.
 */
#include "host/place.h"

#include "host/pen.h"
#include "host/reserve.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is being seated: the workers of one process share one set of candidates, n ranks have n.
 */
struct crowd {
    const struct pf_machine *machine;
    const struct pf_policy *policy;
    struct pf_seating *seating;
    int n;                      /* 0: as many as there are places */
    int nsets;                  /* 1 or n */
    const struct pf_cpus *full; /* candidates, before the driver took its place */
    struct pf_cpus *set;        /* after that */
    bool ranks;                 /* each with a mask of its own */
    const bool *chosen;
    struct pf_pen *pens;
    int npens;
    int nplaces;
    bool short_of_places; /* in one pen at least */
    bool barren;          /* one pen has no place at all */
};

static void PINFOLD_PRINTF(2, 3) note(struct pf_seating *seating, const char *fmt, ...)
{
    size_t length = strlen(seating->notice);
    va_list args;

    if (length && length < sizeof seating->notice - 3) {
        strcpy(seating->notice + length, "; ");
        length += 2;
    }
    va_start(args, fmt);
    vsnprintf(seating->notice + length, sizeof seating->notice - length, fmt, args);
    va_end(args);
}

/* Rule 6. Takes the driver's place out of all `sets` that the workers live on, unless one of
 * them would be empty then. */
static void reserve(struct crowd *crowd, const struct pf_layout *list)
{
    static const struct pf_layout no_list = {0};
    const struct pf_policy *policy = crowd->policy;
    struct pf_place driver;
    bool fits;

    if (policy->reserve == PF_RESERVE_NONE || policy->bind == PF_BIND_NONE)
        return;
    pf_reserve_find(&driver, crowd->machine, &crowd->full[0], policy, list ? list : &no_list);
    fits = driver.bound;
    for (int i = 0; fits && i < (list ? list->n : crowd->nsets); i++)
        fits = !pf_cpus_subset(list ? &list->places[i].cpus : &crowd->set[i], &driver.cpus);
    if (!fits) {
        note(crowd->seating, "no place is reserved for the driver: there is no %s to spare",
             policy->reserve == PF_RESERVE_CORE ? "core" : "second hardware thread");
        return;
    }
    crowd->seating->driver = driver;
    for (int i = 0; list && i < list->n; i++)
        pf_cpus_minus(&list->places[i].cpus, &driver.cpus);
    for (int i = 0; !list && i < crowd->nsets; i++)
        pf_cpus_minus(&crowd->set[i], &driver.cpus);
}

/* One pen for all: the workers of one process, or ranks with a list. */
static int make_one_pen(struct crowd *crowd)
{
    crowd->pens = calloc(1, sizeof *crowd->pens);
    if (!crowd->pens)
        return PINFOLD_E_MEMORY;
    crowd->npens = 1;
    crowd->pens[0].n = crowd->n;
    for (int i = 0; i < crowd->nsets; i++)
        pf_cpus_or(&crowd->pens[0].candidates, &crowd->set[i]);
    return 0;
}

/* From candidates to pens with places. */
static int lay_out(struct crowd *crowd, struct pinfold_error *err)
{
    bool listed = crowd->policy->places == PF_PLACES_LIST;
    int code;

    if (!listed)
        reserve(crowd, NULL);
    if (listed || !crowd->ranks)
        code = make_one_pen(crowd);
    else
        code = pf_pens_make(&crowd->pens, &crowd->npens, crowd->set, crowd->chosen, crowd->n);
    if (code)
        return pf_fail(err, code, "out of memory for the places of %d workers", crowd->n);
    for (int i = 0; i < crowd->npens; i++) {
        struct pf_pen *pen = &crowd->pens[i];

        code = pf_pen_lay_out(pen, crowd->machine, crowd->set, crowd->policy, err);
        if (code)
            return code;
        if (listed)
            reserve(crowd, &pen->layout);
        if (crowd->n == 0)
            crowd->n = pen->n = pen->nplaces;
        crowd->nplaces += pen->nplaces;
        crowd->short_of_places |= pen->n > pen->nplaces;
        crowd->barren |= pen->layout.n == 0;
    }
    return 0;
}

/* bind = none, or rule 7's `warn`: cpus is all that a worker may use. */
static void leave_unbound(struct crowd *crowd)
{
    struct pf_seating *seating = crowd->seating;
    int cores, pus;

    memset(&seating->driver, 0, sizeof seating->driver);
    seating->driver.core = -1;
    for (int i = 0; i < crowd->n; i++) {
        struct pf_place *place = &seating->places[i];

        place->cpus = crowd->full[crowd->nsets == 1 ? 0 : i];
        if (i == 0 || crowd->nsets > 1)
            pf_machine_usable(crowd->machine, &place->cpus, &cores, &pus);
        place->width = crowd->policy->places == PF_PLACES_THREADS ? pus : cores;
        place->core = -1;
        place->bound = false;
    }
}

static int take_places(struct crowd *crowd, struct pinfold_error *err)
{
    for (int i = 0; i < crowd->npens; i++) {
        const struct pf_pen *pen = &crowd->pens[i];

        for (int k = 0; k < pen->n; k++) {
            int worker = pen->member ? pen->member[k] : k;
            const struct pf_place *place = &pen->layout.places[k % pen->layout.n];

            /* Only a list can be at odds with a mask. */
            if (crowd->nsets > 1 && !pf_cpus_subset(&place->cpus, &crowd->full[worker]))
                return pf_fail(err, PINFOLD_E_ARGUMENT,
                               "the list of places gives worker %d a CPU outside of the mask "
                               "that its rank was started with",
                               worker);
            crowd->seating->places[worker] = *place;
        }
    }
    return 0;
}

/* There may be places enough on the node, and not for those masks. */
static const char *shortage(const struct crowd *crowd, char *text, size_t size)
{
    if (crowd->n > crowd->nplaces)
        snprintf(text, size, "more workers (%d) than places (%d)", crowd->n, crowd->nplaces);
    else
        snprintf(text, size, "more workers in some of the %d ranks' masks than places", crowd->n);
    return text;
}

/* Rule 7. */
static int settle(struct crowd *crowd, struct pinfold_error *err)
{
    const struct pf_policy *policy = crowd->policy;
    struct pf_seating *seating = crowd->seating;
    bool unbound = policy->bind == PF_BIND_NONE;
    char text[128];

    if (crowd->n == 0 ||
        (crowd->barren && !unbound && policy->oversubscribe != PF_OVERSUBSCRIBE_WARN))
        return pf_fail(err, PINFOLD_E_PLACES,
                       "there is no place of %d %s in what may be used of '%s'", policy->width,
                       policy->places == PF_PLACES_THREADS ? "hardware threads" : "cores",
                       crowd->machine->name);
    if (crowd->short_of_places && policy->oversubscribe == PF_OVERSUBSCRIBE_ERROR)
        return pf_fail(err, PINFOLD_E_PLACES,
                       "%s on '%s': take fewer, or set oversubscribe to allow (they share) or "
                       "warn (none is bound)",
                       shortage(crowd, text, sizeof text), crowd->machine->name);
    if (crowd->short_of_places && policy->oversubscribe == PF_OVERSUBSCRIBE_WARN && !unbound) {
        note(seating, "%s: all of them are left unbound", shortage(crowd, text, sizeof text));
        unbound = true;
    }
    seating->places = calloc((size_t)crowd->n, sizeof *seating->places);
    if (!seating->places)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for the places of %d workers",
                       crowd->n);
    seating->n = crowd->n;
    seating->nplaces = crowd->nplaces;
    seating->oversubscribed = crowd->short_of_places;
    if (!unbound)
        return take_places(crowd, err);
    leave_unbound(crowd);
    return 0;
}

/* `masks` has crowd->nsets masks; NULL: no mask. */
static int seat(struct pf_seating **ret, struct crowd *crowd, const struct pf_cpus *masks,
                struct pinfold_error *err)
{
    struct pf_cpus *sets = calloc(2 * (size_t)crowd->nsets, sizeof *sets);
    struct pf_seating *seating = calloc(1, sizeof *seating);
    int code = 0;

    if (!sets || !seating)
        code = pf_fail(err, PINFOLD_E_MEMORY, "out of memory for the places of workers");
    for (int i = 0; !code && i < crowd->nsets; i++) {
        pf_machine_candidates(crowd->machine, masks ? &masks[i] : NULL, &sets[i]);
        sets[crowd->nsets + i] = sets[i];
        if (pf_cpus_empty(&sets[i]))
            code = pf_fail(err, PINFOLD_E_TOPOLOGY,
                           "of the %d hardware threads of '%s' none may be used",
                           crowd->machine->npus, crowd->machine->name);
    }
    if (!code) {
        crowd->full = sets;
        crowd->set = sets + crowd->nsets;
        crowd->seating = seating;
        seating->driver.core = -1;
        code = lay_out(crowd, err);
    }
    if (!code)
        code = settle(crowd, err);
    pf_pens_free(crowd->pens, crowd->npens);
    free(sets);
    if (code) {
        pf_seating_free(seating);
        return code;
    }
    *ret = seating;
    return 0;
}

int pf_seat(struct pf_seating **seating, const struct pf_machine *machine,
            const struct pf_cpus *mask, const struct pf_policy *policy, int n,
            struct pinfold_error *err)
{
    struct crowd crowd = {.machine = machine, .policy = policy, .n = n, .nsets = 1};

    if (n < 0 || n > PF_SEATS_MAX)
        return pf_fail(err, PINFOLD_E_ARGUMENT,
                       "the number of workers on a node is from 1 to %d, not %d", PF_SEATS_MAX, n);
    return seat(seating, &crowd, mask, err);
}

int pf_seat_ranks(struct pf_seating **seating, const struct pf_machine *machine,
                  const struct pf_cpus *masks, const bool *chosen, const struct pf_policy *policy,
                  int n, struct pinfold_error *err)
{
    struct crowd crowd = {
        .machine = machine, .policy = policy, .n = n, .nsets = n, .ranks = true, .chosen = chosen};

    if (n < 1 || n > PF_SEATS_MAX)
        return pf_fail(err, PINFOLD_E_ARGUMENT,
                       "the number of ranks on a node is from 1 to %d, not %d", PF_SEATS_MAX, n);
    return seat(seating, &crowd, masks, err);
}

void pf_seating_free(struct pf_seating *seating)
{
    if (!seating)
        return;
    free(seating->places);
    free(seating);
}
