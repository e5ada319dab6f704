/* resume.h - what a map has to do with the pool's journal.
 *
 * Before it begins, items that are in the journal with the same argument are taken from it: argument
 * means its bytes and the shared ones, by digest. Of what is run, each attempt is noted. Who has no
 * journal does nothing of this.
 */
#ifndef PF_TASK_RESUME_H
#define PF_TASK_RESUME_H

#include "pool/pool.h"
#include "record/digest.h"

struct pf_resume {
    /* Set by the map: */
    const char *verb;
    void *map;
    pinfold_bytes (*argument)(const void *map, uint64_t item);
    bool (*take)(void *map, uint64_t item, pinfold_bytes result); /* false: cannot be its result */
    uint64_t n;

    /* Of resume.c: */
    struct pf_engine *engine;
    struct pf_journal *journal; /* NULL: the pool has none */
    struct pf_digester *digester;
    int64_t call;
    bool sharing;
    unsigned char shared[PF_DIGEST];
    uint32_t *items; /* what the journal has of each, or NULL: nothing */
    uint64_t taken, changed;
    int64_t now; /* when the last batch came */
};

/* Takes what there is. PINFOLD_E_ARGUMENT: the call has no name. A journal that fails is no error
 * here: then nothing, or no more, is taken from it. Whatever it returns, pf_resume_end follows. */
int pf_resume_begin(struct pf_resume *resume, struct pinfold_pool *pool,
                    const struct pinfold_call *how, void (*fn)(void), struct pinfold_error *err);

bool pf_resume_taken(const struct pf_resume *resume, uint64_t item);

/* An item of the lot has a result: the one at `place` of `count` that job->by ran in job->ns. */
void pf_resume_done(struct pf_resume *resume, const struct pf_job *job, const struct pf_lot *lot,
                    size_t place, size_t count, uint64_t item, pinfold_bytes result);

/* It failed; `job` NULL: when it was begun is not known. */
void pf_resume_failed(struct pf_resume *resume, const struct pf_job *job, uint64_t item,
                      const struct pinfold_error *error);

/* Has it on the disk. Returns `code`, or when that is 0 whether the journal failed. */
int pf_resume_end(struct pf_resume *resume, int code, struct pinfold_error *err);

#endif
