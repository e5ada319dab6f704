/* progress.h - telling the user how far the pool is.
 *
 * The time in which the pool has something to do is cut into *spells*: one begins when something is
 * asked of an idle pool, and ends when nothing is left. Percent and pace are those of a spell.
 */
#ifndef PF_POOL_PROGRESS_H
#define PF_POOL_PROGRESS_H

#include "base/error.h"
#include "plan/pace.h"

struct pf_engine;

struct pf_progress {
    pinfold_progress_fn *fn; /* NULL: nobody wants to know, and nothing below is kept */
    void *data;
    int64_t every;
    bool busy;       /* in a spell, which */
    int64_t began;   /* began here; */
    int64_t next;    /* not told again before */
    uint64_t ended;  /* all that had ended when the last spell did, */
    uint64_t before; /* and the one before this */
    double spent;    /* seconds of the spells that are over */
    struct pf_pace pace;
    int64_t sampled;  /* when the pace was looked at, */
    uint64_t counted; /* and how much was done by then */
    struct pinfold_progress said;
};

/* Who is told, as the options have it. */
int pf_progress_choose(struct pf_progress *progress, const struct pinfold_options *options,
                       struct pinfold_error *err);

/* Something was asked: notes when a spell begins. */
void pf_progress_begin(struct pf_engine *engine);

/* Tells what is due now, if anything. Calls user code, outside of which the engine is: true. */
bool pf_progress_look(struct pf_engine *engine);

/* When there will be something to tell though nothing happens; PF_NEVER: then never. */
int64_t pf_progress_due(const struct pf_engine *engine);

/* Somebody asked (SIGUSR2): a line on stderr. */
void pf_progress_answer(struct pf_engine *engine);

/* The pool is being closed. */
void pf_progress_last(struct pf_engine *engine);

#endif
