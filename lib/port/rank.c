/* rank.c - see rank.h. */
#include "port/rank.h"

#include <stdlib.h>
#include <sys/prctl.h>

#include "base/clock.h"
#include "host/bind.h"
#include "work/worker.h"

struct rank {
    struct pf_link link;
    struct pf_fabric *fabric;
    struct pf_frame *first; /* came before we served */
    _Atomic uint32_t busy;
};

static struct pf_frame *next(struct pf_link *link)
{
    struct rank *rank = (struct rank *)link; /* link is the first member */
    struct pf_frame *frame = rank->first;
    int from;

    rank->first = NULL;
    return frame ? frame : pf_fabric_next(rank->fabric, &from);
}

static void release(struct pf_link *link, struct pf_frame *frame)
{
    (void)link;
    pf_frame_free(frame);
}

static struct pf_frame *reserve(struct pf_link *link, size_t body)
{
    (void)link;
    return pf_frame_new(PF_KIND_NONE, body);
}

static void commit(struct pf_link *link, struct pf_frame *frame, bool ring)
{
    struct rank *rank = (struct rank *)link;

    pf_fabric_post(rank->fabric, 0, frame);
    if (ring)
        pf_fabric_ring(rank->fabric, 0);
}

static bool wait_for_frames(struct pf_link *link)
{
    pf_fabric_nap(((struct rank *)link)->fabric, PF_NEVER);
    return true; /* without its driver the launcher ends the job */
}

static const struct pf_link_ops ops = {next, release, reserve, commit, release, wait_for_frames};

int pf_rank_serve(struct pf_fabric *fabric, struct pf_frame *init, struct pinfold_error *err)
{
    struct rank rank = {.link.ops = &ops, .fabric = fabric, .first = init};
    struct pf_worker worker;
    struct pf_cpus mask;
    char name[16] = "";
    int code, known = pf_bind_read(&mask, 0);

    rank.link.busy = &rank.busy;
    prctl(PR_GET_NAME, name);
    pf_worker_setup(&worker, &rank.link);
    worker.titled = true;
    pf_worker_serve(&worker);
    code = worker.stop_code;
    if (code)
        pf_fail(err, code, "%s", worker.stop_text);
    pf_worker_clear(&worker);
    prctl(PR_SET_NAME, name);
    if (known == 0)
        pf_bind_apply(&mask);
    return code;
}
