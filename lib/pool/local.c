/* local.c - opening a pool on this machine alone: inline, with threads, or with processes. */
#include <stdlib.h>

#include "pool/opening.h"
#include "pool/seating.h"
#include "port/inline.h"
#include "port/process.h"
#include "port/thread.h"
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

static int make_processes(struct pf_port **port, struct pf_opening *open,
                          struct pf_nursery *nursery, const struct pf_seat *seats, int n,
                          struct pinfold_error *err)
{
    const struct pf_cpus **cpus = calloc((size_t)n, sizeof *cpus);
    int preload = -1, code = 0;

    if (!cpus)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for %d workers", n);
    for (int i = 0; i < n; i++)
        cpus[i] = seats[i].bound ? &seats[i].cpus : NULL;
    if (open->options.preload)
        code = pf_preload_write(&preload, open->options.preload, open->options.preload_arg, err);
    if (!code)
        code = pf_process_open(port, nursery, n, cpus, preload, err);
    free(cpus);
    return code;
}

/* A preload is for the process, so it is run here, before there is a thread that could use what it
 * loads. */
static int make_threads(struct pf_port **port, struct pf_opening *open, int n,
                        struct pinfold_error *err)
{
    char text[384] = "";
    int code = 0;

    if (open->options.preload)
        code = open->options.preload(open->options.preload_arg, text, sizeof text);
    if (code)
        return pf_fail(err, PINFOLD_E_WORKER_INIT, "preload failed: %.300s (%d)",
                       text[0] ? text : "it gave no reason", code);
    return pf_thread_open(port, n, err);
}

/* Workers with places: processes of this nursery, or threads (NULL). */
static int open_placed(struct pf_opening *open, struct pf_nursery *nursery,
                       struct pinfold_error *err)
{
    struct pf_seating *seating = NULL;
    struct pf_port *port;
    struct pf_seat *seats = NULL;
    int code =
        pf_seating_here(&seating, &open->facts.mask, &open->policy, open->options.max_workers, err);

    if (!code)
        code = pf_opening_pool(open, seating->n, open->options.preload != NULL, err);
    if (!code) {
        seats = calloc((size_t)seating->n, sizeof *seats);
        if (!seats)
            code = pf_fail(err, PINFOLD_E_MEMORY, "out of memory for %d workers", seating->n);
    }
    for (int i = 0; !code && i < seating->n; i++) {
        const struct pf_place *place = &seating->places[i];
        seats[i] = (struct pf_seat){.number = i,
                                    .slot = i,
                                    .width = place->width,
                                    .bound = place->bound,
                                    .cpus = place->cpus};
    }
    if (!code)
        code = nursery ? make_processes(&port, open, nursery, seats, seating->n, err)
                       : make_threads(&port, open, seating->n, err);
    if (!code) {
        pf_opening_add(open, port, seats, open->facts.host);
        pf_opening_own_place(open, &seating->driver);
        if (seating->notice[0])
            pf_log(&open->log, PF_WARNING, "%s", seating->notice);
    }
    pf_seating_free(seating);
    free(seats);
    return code;
}

static int open_processes(struct pf_opening *open, struct pinfold_error *err)
{
    struct pf_nursery *nursery;
    int code = pf_nursery_get(&nursery, err);

    return code ? code : open_placed(open, nursery, err);
}

int pf_open_local(struct pf_opening *open, struct pinfold_error *err)
{
    switch (open->backend) {
    case PF_INLINE:
        return open_inline(open, err);
    case PF_THREADS:
        return open_placed(open, NULL, err);
    default:
        return open_processes(open, err);
    }
}
