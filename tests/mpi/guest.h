/* guest.h - a program that uses MPI itself, and Pinfold as its guest. SPDX-License-Identifier: BSD-3-Clause
 *
 * guest pools            one sentence after the other about pools over communicators, as TAP
 * guest MODE [RANK]      one life of MPI and Pinfold, in one of the orders that there are
 */
#ifndef GUEST_H
#define GUEST_H

#include <pinfold_mpi.h>
#include <stdio.h>

struct guest_test {
    const char *name;
    void (*run)(void); /* on all ranks */
};
extern const struct guest_test pools_tests[], manners_tests[];

/* Runs those of `modes` that has this name; -1: none has. */
int guest_life(const char *mode, int who);

extern int guest_rank, guest_size; /* in the world */
extern long guest_nursery;         /* the process that pinfold_prepare made, or 0 */
extern struct pinfold_options guest_options;

/* The test has failed, unless `condition`. Any rank. */
#define CHECK(condition) guest_check(condition, #condition, __FILE__, __LINE__)
bool guest_check(bool condition, const char *text, const char *file, int line);
int guest_failed(void); /* how often on this rank, since the last call */

/* The test shows nothing here. */
void guest_skip(const char *why);

/* Opens a pool over comm, that must open, and have `workers` of them; NULL on ranks that served. */
pinfold_pool *guest_open(MPI_Comm comm, int workers);
void guest_close(pinfold_pool *pool);

/* Has the pool square some numbers, times `factor`, and looks at the results. */
void guest_use(pinfold_pool *pool, long factor);

/* The one child of this process; 0: it has none, -1: several. */
long guest_child(void);

#endif
