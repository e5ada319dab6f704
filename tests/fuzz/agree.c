/* The frames by which ranks agree to open a pool, from a rank that says anything; to the driver, and
 * to another rank. The fabric is the input: frames that came from somebody, until there are none. */
#define _GNU_SOURCE
#include "frames.h"

#include "base/clock.h"
#include "pool/agree.h"

#define RANKS 4

struct pf_fabric {
    struct fuzz_input in;
    int rank, last; /* the kind of the last frame */
    struct pf_frame *kept;
};

int pf_fabric_rank(const struct pf_fabric *fabric)
{
    return fabric->rank;
}

int pf_fabric_size(const struct pf_fabric *fabric)
{
    (void)fabric;
    return RANKS;
}

void pf_fabric_post(struct pf_fabric *fabric, int to, struct pf_frame *frame)
{
    (void)fabric;
    MUST(to >= 0 && to < RANKS);
    pf_frame_free(frame);
}

/* The last word to a rank, which else waits for ever: the open fails. */
static struct pf_frame *refuse(void)
{
    uint8_t body[24] = {0};
    struct fuzz_input in = fuzz_input(body, sizeof body);
    int64_t code = PINFOLD_E_TIMEOUT;

    memcpy(body, &code, sizeof code);
    body[8] = 1; /* a text: "" */
    return fuzz_frame(&in, PF_REFUSE, sizeof body);
}

/* Kind, sender, size of the body (two bytes), body. */
struct pf_frame *pf_fabric_next(struct pf_fabric *fabric, int *from)
{
    int kind;

    *from = 0;
    if (!fuzz_left(&fabric->in)) {
        fabric->last = PF_REFUSE;
        return fabric->rank ? refuse() : NULL;
    }
    kind = fabric->last = fuzz_kind(fuzz_number(&fabric->in, 1));
    *from = (int)fuzz_number(&fabric->in, 1) % RANKS;
    if (!fabric->rank)
        *from = *from ? *from : 1;
    return fuzz_frame(&fabric->in, kind, fuzz_number(&fabric->in, 2));
}

void pf_fabric_keep(struct pf_fabric *fabric, int from, struct pf_frame *frame)
{
    (void)from;
    pf_frame_free(fabric->kept);
    fabric->kept = frame;
}

struct pf_frame *pf_fabric_kept(struct pf_fabric *fabric, int *from)
{
    (void)fabric, (void)from;
    return NULL;
}

const char *pf_fabric_bell(const struct pf_fabric *fabric)
{
    (void)fabric;
    return "00001";
}

void pf_fabric_meet(struct pf_fabric *fabric, int rank, const char *bell)
{
    (void)fabric;
    MUST(rank >= 0 && rank < RANKS && strlen(bell) < SIZE_MAX);
}

void pf_fabric_ring(struct pf_fabric *fabric, int rank)
{
    (void)fabric, (void)rank;
}

void pf_fabric_nap(struct pf_fabric *fabric, int64_t until)
{
    (void)fabric, (void)until;
}

void pf_fabric_end(struct pf_fabric *fabric)
{
    (void)fabric;
}

static void lead(struct pf_fabric *fabric, const struct pf_facts *facts,
                 const struct pf_policy *policy)
{
    struct pf_seat seats[RANKS] = {0};
    struct pf_place own = {0};
    struct pf_log silent = {0};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int code = pf_agree_lead(fabric, facts, policy, 0, RANKS - 1, seats, &own, &silent, 0, &err);

    MUST(code <= 0);
    for (int rank = 0; code == 0 && rank < RANKS; rank++)
        MUST(seats[rank].rank == rank && seats[rank].width >= 1 && seats[rank].node < RANKS);
}

static void follow(struct pf_fabric *fabric, const struct pf_facts *facts,
                   const struct pf_policy *policy)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_frame *init = NULL;
    bool lost = false;
    int code = pf_agree_follow(fabric, facts, policy, PF_NEVER, &init, &lost, &err);

    MUST(code <= 0 && code == err.code);
    MUST(code || init || fabric->last == PF_STOP);
    pf_frame_free(init);
}

/* The first byte says whom the rest is said to. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pf_fabric fabric = {.in = fuzz_input(data, size)};
    struct pf_facts facts = {.host = "a", .node = "a 1", .local = -1};
    struct pf_policy policy = {.width = 1};

    setenv("HWLOC_SYNTHETIC", "core:4 pu:1", 1); /* the same machine everywhere, and quick */
    pf_buf_add(&facts.same, "version 1\n", 11);
    for (int cpu = 0; cpu < 4; cpu++)
        pf_cpus_add(&facts.mask, cpu);
    fabric.rank = (int)fuzz_number(&fabric.in, 1) % 2;
    if (fabric.rank == 0)
        lead(&fabric, &facts, &policy);
    else
        follow(&fabric, &facts, &policy);
    pf_frame_free(fabric.kept);
    pf_buf_free(&facts.same);
    return 0;
}
