/* retry.h - whether a task that failed is tried again, and by whom; and who is put aside. Pure: facts
 * in, a choice out.
 *
 * A task that failed says little of its worker: it may be the task. But when it then goes well
 * elsewhere, it was the worker, or chance. So only tasks that are tried again show which worker is
 * bad: PF_ASIDE_ROW different ones in a row, none of its tasks well in between, each well on
 * another worker; while PF_ASIDE_WELL tasks at least went well on the others, and of these no more
 * than one in ten died, first attempts alone: a worker that is late with its own would be held
 * against others that are at the second ones already. Tasks that fail wherever they are put nobody aside; where one in twenty
 * dies by chance, a worker is taken for bad once in three million tasks.
 */
#ifndef PF_PLAN_RETRY_H
#define PF_PLAN_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#define PF_RETRIES_MAX 1000
#define PF_ASIDE_ROW   5
#define PF_ASIDE_WELL  10

/* Whether a task whose attempt number `attempt` (from 1) failed with this code is tried again. */
bool pf_retry_again(int code, int attempt, int retries);

/* Whether such a failure may be its worker's: the process died, overran its time, or its memory. */
bool pf_retry_blames(int code);

/* Whether worker `number` may try what failed on worker `failed_on` (-1: on nobody). `others`: how
 * many others may, now or soon. */
bool pf_retry_by(int number, int failed_on, int others);

struct pf_aside_facts {
    int row;                           /* tasks that died on the worker, and went well elsewhere, */
    uint64_t others_well, others_died; /* and those of the others, since one went well on it */
    int serving, workers;              /* how many are not put aside, it included; and are at all */
};

/* Whether the worker is put aside. At least half of all stay. */
bool pf_retry_aside(const struct pf_aside_facts *facts);

#endif
