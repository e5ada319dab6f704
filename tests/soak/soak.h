/* soak.h - random work for a pool, and a trivial model of what must come of it.
 * SPDX-License-Identifier: BSD-3-Clause */
#ifndef SOAK_H
#define SOAK_H

#include <pinfold.h>

struct soak_round {
    pinfold_pool *pool;
    uint64_t random;
    bool isolated; /* tasks may crash, and workers be killed */
    bool breakable, starved,
        crashy;       /* faults on purpose: it may break, fail for memory, lose tasks */
    int kills;        /* that may have cost a task, and were not seen yet */
    bool killed;      /* somebody was, or crashed */
    uint64_t asked;   /* items and tasks */
    bool grown;       /* tasks have made tasks: how many are counted is not known */
    char broken[512]; /* why the pool is, "" if it is not */
    struct pinfold_progress last;
    char wrong[1024]; /* what was not as it must be, "" if all was */
};

/* How many times slower than usual this machine may be. */
unsigned soak_patience(void);

/* Below n. */
uint64_t soak_below(struct soak_round *round, uint64_t n);

/* Notes the first thing that is wrong. */
void soak_wrong(struct soak_round *round, const char *fmt, ...) PINFOLD_PRINTF(2, 3);

/* Work, item by item: what becomes of it is known before. */
enum soak_kind { SOAK_GOOD, SOAK_SLOW, SOAK_CODE, SOAK_SEGV, SOAK_ABORT, SOAK_EXIT, SOAK_HANG };
struct soak_item {
    int64_t value;
    int32_t kind, pad;
};
int soak_task(pinfold_task *task);
#define SOAK_LIMIT 0.5 /* for what hangs: a machine that is busy may leave others for a while */

struct soak_item soak_item(struct soak_round *round, bool limited);
int64_t soak_right(const struct soak_item *item);

/* Whether an item's code is one that it may have; `err` (or NULL) has its text. */
void soak_check(struct soak_round *round, const struct soak_item *item, int code,
                const struct pinfold_error *err, const char *verb);

/* The same for a call of which nothing should fail. True: it did not. */
bool soak_went_well(struct soak_round *round, int code, const struct pinfold_error *err,
                    const char *verb);

/* Kills a worker, maybe. */
void soak_kill(struct soak_round *round);

/* What a round does: each of these is one thing. */
void soak_map(struct soak_round *round);
void soak_map_bytes(struct soak_round *round);
void soak_reduce(struct soak_round *round);
void soak_stream(struct soak_round *round);
void soak_family(struct soak_round *round);

/* Futures that last longer than what makes them. */
#define SOAK_FUTURES 300
struct soak_futures {
    struct soak_future {
        pinfold_future *future;
        struct soak_item item;
        bool cancelled;
    } row[SOAK_FUTURES];
    int n;
};
void soak_submit(struct soak_round *round, struct soak_futures *futures);
void soak_cancel(struct soak_round *round, struct soak_futures *futures);
void soak_group(struct soak_round *round, struct soak_futures *futures);
void soak_results(struct soak_round *round, struct soak_futures *futures, int n);

#endif
