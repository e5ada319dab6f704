/* agree.h - all ranks agree to open a pool, or all learn why not.
 *
 *   every other rank                       the driver (rank 0)
 *   HELLO: facts, host, mask, bell ──────► compares the facts with its own
 *                                  ◄────── MEET: its bell
 *   (the first of its node)        ◄────── SEAT: the masks of all ranks of the node
 *   SEATED: who sits where         ──────►
 *                                  ◄────── INIT: you are a worker; or STOP: you are none (at once
 *                                          where no rank is one, else at the end of the pool);
 *                                          or REFUSE: code, text
 *
 * A pool over a communicator of the user's has a fabric of its own, which all ranks leave together:
 *   OVER                           ──────►  when the pool is closed, or there is none
 *                                  ◄────── OVER
 *
 * Ranks meet in this way also where the pool will be local to the driver: a rank that did not
 * know that (a variable reaches the ranks of one node alone) would wait in MPI_Init for ever.
 */
#ifndef PF_POOL_AGREE_H
#define PF_POOL_AGREE_H

#include "base/log.h"
#include "host/launch.h"
#include "host/place.h"
#include "pool/member.h"
#include "port/mpi.h"

struct pf_facts {
    struct pf_buf same; /* lines that must be the same on all ranks */
    char host[64];
    char node[160]; /* tells nodes apart: host name and boot */
    struct pf_cpus mask;
    bool chosen;
    int local; /* its number among the job's ranks of this node, where not all may come; or -1 */
};

/* Looks at this process; before MPI is started. `wrong`: why this rank cannot open, or NULL. `part`:
 * not all of the job's ranks come. */
int pf_facts_look(struct pf_facts *facts, const struct pinfold_options *options, const char *wrong,
                  const struct pf_launch *launch, bool part, struct pinfold_error *err);

/* The driver (lead.c). Seats ranks `first` .. `last` as workers 0, 1, ...: seats[] has room for them.
 * `own` gets the driver's own place (policy->reserve), if there is one. On failure all others
 * are told. PINFOLD_E_TIMEOUT: some rank did not come. Collective: yes. */
int pf_agree_lead(struct pf_fabric *fabric, const struct pf_facts *facts,
                  const struct pf_policy *policy, int first, int last, struct pf_seat *seats,
                  struct pf_place *own, const struct pf_log *log, int64_t deadline,
                  struct pinfold_error *err);

/* The driver, when lead had gone well: lets all ranks return from the open, with 0 (the pool is
 * the driver's alone) or with why there is no pool. */
void pf_agree_dismiss(struct pf_fabric *fabric, int code, const char *text);

/* Any other rank (follow.c): 0 and its first frame (INIT, or what comes before it: HOST, ARGS); or 0 and NULL (no worker, and
 * the pool is closed); or the code that the driver sent; or PINFOLD_E_TIMEOUT, and `lost` is set:
 * nothing was heard of the driver until `deadline`. Collective: yes. */
int pf_agree_follow(struct pf_fabric *fabric, const struct pf_facts *facts,
                    const struct pf_policy *policy, int64_t deadline, struct pf_frame **init,
                    bool *lost, struct pinfold_error *err);

/* Whether the driver has said that there are no more pools. */
bool pf_agree_driver_left(struct pf_fabric *fabric);

/* At the end: the driver answers all that may still open, the others say that they are done.
 * Collective: yes. */
void pf_agree_over(struct pf_fabric *fabric);

/* Ends a fabric: OVER is said and heard, so that no frame is left in MPI for who comes next. Not `in
 * peace`, where some rank cannot be reached: the others are told, the fabric stays, and the job will
 * be aborted. Collective: yes. */
void pf_agree_end(struct pf_fabric *fabric, bool in_peace);

/* ---- for lead.c and follow.c: posts a frame of this kind to a rank, rings it, frees the body */
void pf_agree_post(struct pf_fabric *fabric, int to, int kind, struct pf_buf *body);
void pf_pack_cpus(struct pf_buf *body, const struct pf_cpus *cpus);
void pf_unpack_cpus(struct pf_reader *in, struct pf_cpus *cpus);

#endif
