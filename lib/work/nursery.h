/* nursery.h - where worker processes come from.
 *
 *   driver ══ socket ══ nursery ── fork ─► cell                        without a preload
 *                          └────── fork ─► zygote ─ fork, fork ─► cell  with one
 *
 * The nursery is forked first: before MPI_Init, before any thread, so that whatever it forks
 * starts from a clean, single-threaded memory. It forks a *cell* (cell.h) for each worker on
 * command, learns of deaths, and tells them to its driver. Its driver's death is an end of file on
 * the socket; then it kills all it has and is gone. The driver learns of the nursery's own death
 * the same way.
 *
 * A worker with a `preload` has a *zygote*: it is bound to the worker's place, ran the preload
 * once, and forks cells, which start with everything loaded. It forks twice: the cell, orphaned at
 * once, falls to the nursery (a subreaper). So a zygote's death costs nothing but a new zygote,
 * and the nursery alone reaps cells.
 *
 * A process has one nursery (a process fact, HACKING.md): pf_nursery_get makes it at first.
 */
#ifndef PF_WORK_NURSERY_H
#define PF_WORK_NURSERY_H

#include "base/cpus.h"
#include "base/error.h"
#include "wire/duct.h"

struct pf_nursery;

int pf_nursery_get(struct pf_nursery **nursery, struct pinfold_error *err);
void pf_nursery_end(void);

/* Readable when there is news. */
int pf_nursery_fd(const struct pf_nursery *nursery);

/* Numbers for `count` workers, from the returned one on, that no other worker of this nursery has
 * or had. */
uint32_t pf_nursery_numbers(struct pf_nursery *nursery, uint32_t count);

/* Orders a cell for worker `number`; the answer comes as news. `cpus` (NULL: unbound) is for the
 * zygote; the cell binds itself when it is told who it is. `preload`: a descriptor (preload.h), or
 * -1. All descriptors stay the caller's. */
int pf_nursery_spawn(struct pf_nursery *nursery, uint32_t number, const struct pf_cpus *cpus,
                     int preload, const int fds[PF_DUCT_FDS], struct pinfold_error *err);

/* What this process's nursery, if it has one, says should the process be gone. Rank < 0: nothing. */
void pf_nursery_epitaph(int rank, int size);

/* Kills the cell of a worker, and what its task has started: its death is news. */
void pf_nursery_kill(struct pf_nursery *nursery, uint32_t number);

/* Kills the cell and the zygote of a worker. There is no more news of it. */
void pf_nursery_dismiss(struct pf_nursery *nursery, uint32_t number);

struct pf_news {
    enum { PF_NEWS_SPAWNED, PF_NEWS_DIED, PF_NEWS_FAILED } what;
    uint32_t number;
    int64_t pid;
    int status;     /* DIED: as from waitpid */
    uint64_t peak;  /* DIED: the memory that it had at most, in bytes */
    char text[384]; /* FAILED: why no cell could be made */
};

/* News of the workers first .. first + count - 1; that of others is kept for those who ask for it.
 * 1: *news; 0: none; -1: the nursery is gone. */
int pf_nursery_news(struct pf_nursery *nursery, uint32_t first, uint32_t count,
                    struct pf_news *news);

#endif
