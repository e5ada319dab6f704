/* call.h - one call (a map) as a worker knows it, and its batches that wait. */
#ifndef PF_WORK_CALL_H
#define PF_WORK_CALL_H

#include "base/error.h"
#include "wire/frame.h"

struct pf_call {
    struct pf_call *next;
    uint64_t id;
    pinfold_fn *fn; /* one of the two */
    pinfold_range_fn *range;
    bool family;                 /* its tasks may make tasks, */
    pinfold_combine_fn *combine; /* whose results become one; else: NULL, or results go into the */
    unsigned char *partial;      /* blocks of plan/tree.h: room for those of one path down; owned */
    size_t in_size, out_size;
    const void *shared; /* lies in one of the two: */
    void *copy;
    struct pf_frame *frame; /* a large CALL frame, held */
    size_t shared_size;
    int64_t deadline; /* nobody waits for results behind it; PF_NEVER: there is none */
    bool cancelled;
    bool halted;                /* nothing more of it is begun: the job ends early */
    struct pf_stopped *stopped; /* items that nobody waits for, and that are not answered for */
    int broken; /* the function could not be found here: every item fails with this code, */
    char broken_text[256]; /* and this text */
};

/* Reads a CALL frame and puts it in front of the list. False: out of memory. */
bool pf_call_learn(struct pf_call **list, const struct pf_frame *frame);
struct pf_call *pf_call_find(struct pf_call *list, uint64_t id);
void pf_call_forget(struct pf_call **list, uint64_t id);

/* Why what was stopped fails, on either side. */
#define PF_STOPPED "the task was stopped"

/* Nobody waits for this item any more; whether that is so; and: those of first .. end - 1 are answered
 * for. Without memory it is not taken note of. */
void pf_call_stop(struct pf_call *call, uint64_t item);
bool pf_call_stopped(const struct pf_call *call, uint64_t item);
void pf_call_answered(struct pf_call *call, uint64_t first, uint64_t end);

/* Whether nobody waits for it any more: the driver said so, or its time is over. The driver may
 * have no way to say it while a task runs (inline, or behind a full ring). */
bool pf_call_cancelled(struct pf_call *call, int64_t now);

/* What a worker is told of a call. */
struct pf_call_facts {
    pinfold_fn *fn; /* one of the two */
    pinfold_range_fn *range;
    pinfold_combine_fn *combine; /* or NULL */
    bool family;                 /* tasks may make tasks */
    size_t in_size, out_size;
    pinfold_bytes shared;
    int64_t time; /* how long it may take, in ns; PF_NEVER: for ever */
};

/* The CALL frame that pf_call_learn reads, but for its call's number. */
int pf_call_pack(struct pf_frame **frame, const struct pf_call_facts *facts,
                 struct pinfold_error *err);

struct pf_queued {
    struct pf_queued *next;
    struct pf_frame *frame;
};

#endif
