/* member.h - a worker as the engine sees it: who it is, and what it has in hand. */
#ifndef PF_POOL_MEMBER_H
#define PF_POOL_MEMBER_H

#include "base/cpus.h"
#include "base/log.h"
#include "plan/chunk.h"
#include "pool/job.h"
#include "port/port.h"
#include "wire/seq.h"

/*        INIT            READY                    STOP            BYE
 *  (new) ────► STARTING ───────► SERVING ─────────────► STOPPING ─────► GONE
 *                  ▲                │ lost, or RETIRING     │ lost        ▲
 *                  └── revive ──────┘                       └─────────────┘
 * RETIRING: its term is over (term.h), it was told STOP, and is lost when it has obeyed. A member
 * that cannot be revived is GONE at once.
 */
enum pf_member_state { PF_STARTING, PF_SERVING, PF_RETIRING, PF_STOPPING, PF_GONE };

struct pf_batch {
    struct pf_job *job; /* NULL: nobody waits for it any more */
    uint64_t call;
    size_t size;       /* how many items it had when it was sent, */
    struct pf_lot lot; /* and those that it did not answer for */
};

struct pf_seat { /* what a worker is told of itself */
    int number, rank, node, slot, width;
    bool bound;
    struct pf_cpus cpus;
    int generation; /* how often it was replaced */
};

struct pf_quiet {  /* quiet.h */
    int64_t since; /* 0: nothing is waited for */
    int64_t patience;
    uint32_t heard; /* the last frame, when it was looked at */
};

struct pf_member {
    struct pf_port *port;
    int lane;
    enum pf_member_state state;
    struct pf_seat seat;
    int64_t pid;
    bool bound;
    char host[64];
    char *cpus;

    struct pf_batch flight[PF_BATCHES_AHEAD]; /* in the order they were sent, and are run */
    int nflight;
    size_t given;    /* items that it was handed in its term, but for those that it dropped */
    int generation;  /* of the worker that the pid is of */
    int idle_deaths; /* in a row, outside of user code or before READY */
    uint64_t well;   /* how often results came from it; since they did: */
    uint64_t died;   /* tasks that died on it, or overran, and those of all when it began: */
    uint64_t then_well, then_died;
    int row;    /* those that went well elsewhere (attempt.h) */
    bool aside; /* for that: it gets no more */
    bool owing; /* when it was stopped it was inside a batch, or its init */

    uint32_t sent;         /* the number of the last frame for it, */
    struct pf_seq heard;   /* and what came from it */
    struct pf_quiet quiet; /* how long nothing did */
};

/* The batch that an answer belongs to, or NULL. */
struct pf_batch *pf_member_batch(struct pf_member *member, uint64_t call, uint64_t first,
                                 uint64_t count);

/* Counts items of a batch as answered, and drops the batch when all are. */
void pf_member_answered(struct pf_member *member, struct pf_batch *batch, size_t count);

/* How many items it has that it did not answer for: in items of this job, where the times of both
 * are known. */
size_t pf_member_ahead(const struct pf_member *member, const struct pf_job *job);

/* Takes over what a READY frame says. Returns its code; err then has the worker's text. */
int pf_member_ready(struct pf_member *member, const struct pf_frame *frame,
                    const struct pf_log *log, struct pinfold_error *err);

/* Fills worker, rank and host of an error that happened on this member. */
void pf_member_blame(const struct pf_member *member, struct pinfold_error *err);

#endif
