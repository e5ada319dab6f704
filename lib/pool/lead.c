/* lead.c - the driver's side of agree.h: it hears who is there, compares, and has everybody
 * seated. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "pool/agree.h"
#include "pool/seating.h"

struct other { /* a rank, as the driver knows it */
    bool here; /* said HELLO */
    bool left; /* said OVER */
    bool seated;
    char host[64];
    char node[160];
    struct pf_cpus mask;
    bool chosen;
    int local, node_number;
};

struct lead {
    struct pf_fabric *fabric;
    const struct pf_facts *mine;
    const struct pf_policy *policy;
    int size, first, last;
    struct other *others; /* by rank; 0 is the driver itself */
    struct pf_seat *seats;
    const struct pf_log *log;
    int64_t deadline;
};

/* ---- facts */
/* The first line in which two sets of facts differ: "executable build-id:..." and theirs. */
static bool differ(const char *mine, const char *theirs, char a[160], char b[160])
{
    while (*mine || *theirs) {
        size_t m = strcspn(mine, "\n"), t = strcspn(theirs, "\n");
        if (m != t || memcmp(mine, theirs, m) != 0) {
            snprintf(a, 160, "%.*s", (int)m, mine);
            snprintf(b, 160, "%.*s", (int)t, theirs);
            return true;
        }
        mine += m + (mine[m] == '\n');
        theirs += t + (theirs[t] == '\n');
    }
    return false;
}

static int compare(const struct lead *lead, int rank, const char *theirs, struct pinfold_error *err)
{
    struct pinfold_error full = PINFOLD_ERROR_INIT;
    char a[160], b[160];

    if (!differ((const char *)lead->mine->same.data, theirs, a, b))
        return 0;
    full.code = PINFOLD_E_DISAGREE;
    full.rank = rank;
    memcpy(full.host, lead->others[rank].host, sizeof full.host);
    snprintf(full.text, sizeof full.text,
             "rank %d on %s does not run the same: '%s' there, '%s' on rank 0: start every rank "
             "with the same program, options and environment",
             rank, full.host, b, a);
    return pf_error_give(err, &full);
}

static int hear_hello(struct lead *lead, int rank, const struct pf_frame *frame,
                      struct pinfold_error *err)
{
    struct pf_reader in = pf_reader_of(frame);
    struct other *other = &lead->others[rank];
    const char *same = pf_unpack_text(&in), *bell;
    struct pf_buf body = {0};
    bool near;
    int code;

    snprintf(other->host, sizeof other->host, "%.63s", pf_unpack_text(&in));
    snprintf(other->node, sizeof other->node, "%.159s", pf_unpack_text(&in));
    bell = pf_unpack_text(&in);
    pf_unpack_cpus(&in, &other->mask);
    other->chosen = pf_unpack_u64(&in);
    other->local = (int)(int64_t)pf_unpack_u64(&in);
    other->here = true;
    near = strcmp(other->node, lead->mine->node) == 0;
    pf_fabric_meet(lead->fabric, rank, near ? bell : "");
    pf_pack_text(&body, near ? pf_fabric_bell(lead->fabric) : "");
    pf_agree_post(lead->fabric, rank, PF_MEET, &body);
    code = compare(lead, rank, same, err);
    if (!code && in.failed) /* another version may say less, but then it is another */
        code = pf_fail(err, PINFOLD_E_MPI, "rank %d said hello with a frame cut short", rank);
    return code;
}

/* ---- waiting for ranks */
static bool all_here(const struct lead *lead)
{
    for (int rank = 1; rank < lead->size; rank++)
        if (!lead->others[rank].here && !lead->others[rank].left)
            return false;
    return true;
}

/* Takes what came; ranks that do not know our bell yet make us look often. */
static struct pf_frame *next(struct lead *lead, int *from, int64_t *patience)
{
    for (;;) {
        struct pf_frame *frame = pf_fabric_kept(lead->fabric, from);
        if (!frame)
            frame = pf_fabric_next(lead->fabric, from);
        if (frame || pf_now() >= lead->deadline)
            return frame;
        int64_t until = pf_now() + *patience;
        pf_fabric_nap(lead->fabric, until < lead->deadline ? until : lead->deadline);
        *patience = *patience < 5 * PF_MS ? 2 * *patience : 10 * PF_MS;
    }
}

static int gather(struct lead *lead, struct pinfold_error *err)
{
    int64_t patience = 20 * PF_US;
    int code = 0, missing = 0, first = 0;

    while (!all_here(lead)) {
        struct pinfold_error why = PINFOLD_ERROR_INIT;
        int from, bad = 0;
        struct pf_frame *frame = next(lead, &from, &patience);
        if (!frame)
            break;
        patience = 20 * PF_US;
        if (frame->kind == PF_HELLO)
            bad = hear_hello(lead, from, frame, &why);
        else if (frame->kind == PF_OVER)
            lead->others[from].left = true;
        free(frame);
        if (lead->others[from].left && !code)
            bad = pf_fail(&why, PINFOLD_E_OVER,
                          "rank %d has called pinfold_finalize, and opens no "
                          "more pools",
                          from);
        if (bad && !code) /* the first one is told; all must be heard, so that all learn of it */
            code = pf_error_give(err, &why);
    }
    for (int rank = lead->size - 1; rank > 0; rank--) {
        if (!lead->others[rank].here && !lead->others[rank].left) {
            missing++;
            first = rank;
        }
    }
    if (missing && !code)
        code = pf_fail(err, PINFOLD_E_TIMEOUT,
                       "%d of %d ranks did not come to pinfold_pool_open in time, the first is "
                       "rank %d (open-timeout sets the time)",
                       missing, lead->size, first);
    return code;
}

/* ---- seating */
static void number_nodes(struct lead *lead)
{
    int nodes = 0;

    for (int rank = 0; rank < lead->size; rank++) {
        struct other *other = &lead->others[rank];
        other->node_number = -1;
        for (int before = 0; before < rank && other->node_number < 0; before++)
            if (strcmp(lead->others[before].node, other->node) == 0)
                other->node_number = lead->others[before].node_number;
        if (other->node_number < 0)
            other->node_number = nodes++;
    }
}

/* The worker ranks of a node, in order; their number. */
static int ranks_of(const struct lead *lead, int node, int *ranks)
{
    int n = 0;

    for (int rank = lead->first; rank <= lead->last; rank++)
        if (lead->others[rank].node_number == node)
            ranks[n++] = rank;
    return n;
}

static void seat(struct lead *lead, int rank, int slot, const struct pf_place *place)
{
    int number = rank - lead->first;

    lead->seats[number] = (struct pf_seat){.number = number,
                                           .rank = rank,
                                           .node = lead->others[rank].node_number,
                                           .slot = slot,
                                           .width = place->width,
                                           .bound = place->bound,
                                           .cpus = place->cpus};
    lead->others[rank].seated = true;
}

static int seat_own_node(struct lead *lead, const int *ranks, int n, struct pf_place *own,
                         struct pinfold_error *err)
{
    struct pf_cpus *masks = calloc((size_t)n + 1, sizeof *masks);
    bool *chosen = calloc((size_t)n + 1, sizeof *chosen);
    int *local = calloc((size_t)n + 1, sizeof *local), code;
    struct pf_seating *seating = NULL;

    if (!masks || !chosen || !local) {
        free(masks);
        free(chosen);
        free(local);
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for %d ranks", n);
    }
    for (int i = 0; i < n; i++) {
        masks[i] = lead->others[ranks[i]].mask;
        chosen[i] = lead->others[ranks[i]].chosen;
        local[i] = lead->others[ranks[i]].local;
    }
    code = pf_seating_ranks(&seating, masks, chosen, local, lead->policy, n, err);
    if (!code) {
        for (int i = 0; i < n; i++)
            seat(lead, ranks[i], i, &seating->places[i]);
        *own = seating->driver;
        if (seating->notice[0])
            pf_log(lead->log, PF_WARNING, "%s", seating->notice);
        pf_seating_free(seating);
    }
    free(masks);
    free(chosen);
    free(local);
    return code;
}

static void ask_node(struct lead *lead, const int *ranks, int n)
{
    struct pf_buf body = {0};

    pf_pack_u64(&body, (uint64_t)n);
    for (int i = 0; i < n; i++) {
        pf_pack_cpus(&body, &lead->others[ranks[i]].mask);
        pf_pack_u64(&body, lead->others[ranks[i]].chosen);
        pf_pack_u64(&body, (uint64_t)(int64_t)lead->others[ranks[i]].local);
    }
    pf_agree_post(lead->fabric, ranks[0], PF_SEAT, &body);
}

static int hear_seated(struct lead *lead, int leader, const struct pf_frame *frame, int *ranks,
                       struct pinfold_error *err)
{
    struct pf_reader in = pf_reader_of(frame);
    int n = ranks_of(lead, lead->others[leader].node_number, ranks);
    int code = (int)(int64_t)pf_unpack_u64(&in);
    const char *text = pf_unpack_text(&in);

    if (code < 0 && !in.failed)
        return pf_fail(err, code, "on node %s: %.400s", lead->others[leader].host, text);
    if (text[0])
        pf_log(lead->log, PF_WARNING, "on node %s: %s", lead->others[leader].host, text);
    for (int i = 0; i < n; i++) {
        struct pf_place place = {.core = -1};
        pf_unpack_cpus(&in, &place.cpus);
        place.width = (int)pf_unpack_u64(&in);
        place.bound = pf_unpack_u64(&in);
        in.failed |= place.width < 1;
        seat(lead, ranks[i], i, &place);
    }
    return in.failed || code
               ? pf_fail(err, PINFOLD_E_MPI, "node %s answered with a frame that cannot be read",
                         lead->others[leader].host)
               : 0;
}

static bool all_seated(const struct lead *lead)
{
    for (int rank = lead->first; rank <= lead->last; rank++)
        if (!lead->others[rank].seated)
            return false;
    return true;
}

static int seat_all(struct lead *lead, struct pf_place *own, struct pinfold_error *err)
{
    int *ranks = calloc((size_t)lead->size, sizeof *ranks), n, code;
    int64_t patience = 20 * PF_US;

    if (!ranks)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for %d ranks", lead->size);
    number_nodes(lead);
    for (int node = 1; node < lead->size; node++)
        if ((n = ranks_of(lead, node, ranks)) > 0)
            ask_node(lead, ranks, n);
    n = ranks_of(lead, 0, ranks);
    code = n ? seat_own_node(lead, ranks, n, own, err) : 0;
    while (!all_seated(lead) && !code) {
        int from;
        struct pf_frame *frame = next(lead, &from, &patience);
        if (!frame)
            code = pf_fail(err, PINFOLD_E_TIMEOUT,
                           "a node did not say in time where its ranks sit (open-timeout sets the "
                           "time)");
        else if (frame->kind == PF_SEATED)
            code = hear_seated(lead, from, frame, ranks, err);
        free(frame);
    }
    free(ranks);
    return code;
}

int pf_agree_lead(struct pf_fabric *fabric, const struct pf_facts *facts,
                  const struct pf_policy *policy, int first, int last, struct pf_seat *seats,
                  struct pf_place *own, const struct pf_log *log, int64_t deadline,
                  struct pinfold_error *err)
{
    struct lead lead = {fabric, facts, policy,  pf_fabric_size(fabric), first, last, NULL,
                        seats,  log,   deadline};
    struct pinfold_error why = PINFOLD_ERROR_INIT;
    int code;

    lead.others = calloc((size_t)lead.size, sizeof *lead.others);
    if (!lead.others)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for %d ranks", lead.size);
    lead.others[0] = (struct other){
        .here = true, .mask = facts->mask, .chosen = facts->chosen, .local = facts->local};
    memcpy(lead.others[0].host, facts->host, sizeof facts->host);
    memcpy(lead.others[0].node, facts->node, sizeof facts->node);
    code = gather(&lead, &why);
    if (!code)
        code = seat_all(&lead, own, &why);
    if (code) {
        /* Those that left, or never came, find it when they come: frames wait for them. */
        pf_agree_dismiss(fabric, code, why.text);
        pf_error_give(err, &why);
    }
    free(lead.others);
    return code;
}
