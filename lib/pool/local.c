/* local.c - opening a pool on this machine alone: inline, or with processes. */
#include <stdlib.h>

#include "pool/opening.h"
#include "pool/seating.h"
#include "port/inline.h"
#include "port/process.h"
#include "work/nursery.h"
#include "work/preload.h"

static int open_inline(struct pf_opening *open, struct pinfold_error *err)
{
    struct pf_port *port;
    struct pf_seat seat = {.bound = false};
    int code = pf_opening_pool(open, 1, false, err);

    if (!code)
        code = pf_inline_open(&port, err);
    if (code)
        return code;
    pf_opening_add(open, port, &seat, open->facts.host);
    return 0;
}

static int open_processes(struct pf_opening *open, struct pinfold_error *err)
{
    struct pf_nursery *nursery;
    struct pf_seating *seating = NULL;
    struct pf_port *port;
    struct pf_seat *seats = NULL;
    const struct pf_cpus **cpus = NULL;
    int preload = -1, code = pf_nursery_get(&nursery, err);

    if (!code)
        code = pf_seating_here(&seating, &open->facts.mask, &open->policy,
                               open->options.max_workers, err);
    if (!code)
        code = pf_opening_pool(open, seating->n, open->options.preload != NULL, err);
    if (!code) {
        seats = calloc((size_t)seating->n, sizeof *seats);
        cpus = calloc((size_t)seating->n, sizeof *cpus);
        if (!seats || !cpus)
            code = pf_fail(err, PINFOLD_E_MEMORY, "out of memory for %d workers", seating->n);
    }
    for (int i = 0; !code && i < seating->n; i++) {
        const struct pf_place *place = &seating->places[i];
        seats[i] = (struct pf_seat){.number = i,
                                    .slot = i,
                                    .width = place->width,
                                    .bound = place->bound,
                                    .cpus = place->cpus};
        cpus[i] = place->bound ? &place->cpus : NULL;
    }
    if (!code && open->options.preload)
        code = pf_preload_write(&preload, open->options.preload, open->options.preload_arg, err);
    if (!code)
        code = pf_process_open(&port, nursery, seating->n, cpus, preload, err);
    if (!code) {
        pf_opening_add(open, port, seats, open->facts.host);
        pf_opening_own_place(open, &seating->driver);
        if (seating->notice[0])
            pf_log(&open->log, PF_WARNING, "%s", seating->notice);
    }
    pf_seating_free(seating);
    free(seats);
    free(cpus);
    return code;
}

int pf_open_local(struct pf_opening *open, struct pinfold_error *err)
{
    return open->backend == PF_INLINE ? open_inline(open, err) : open_processes(open, err);
}
