/* fault.h - the modes of fault.c. */
#ifndef FAULT_H
#define FAULT_H

#include <pinfold.h>
#include <stdio.h>

/* Each closes the pool; 0 when all went as it should. */
int fault_spin(pinfold_pool *pool, struct pinfold_options *options);
int fault_daemons(pinfold_pool *pool, struct pinfold_options *options);
int fault_segfaults(pinfold_pool *pool, struct pinfold_options *options);
int fault_kept(pinfold_pool *pool, struct pinfold_options *options);
int fault_losses(pinfold_pool *pool, struct pinfold_options *options);
int fault_zygotes(pinfold_pool *pool, struct pinfold_options *options);
int fault_nursery(pinfold_pool *pool, struct pinfold_options *options);
int fault_from_task(pinfold_pool *pool, struct pinfold_options *options);
int fault_hang(pinfold_pool *pool, struct pinfold_options *options);
int fault_exit(pinfold_pool *pool, struct pinfold_options *options);
int fault_absent(pinfold_pool *pool, struct pinfold_options *options);
int fault_leave(pinfold_pool *pool, struct pinfold_options *options);

_Noreturn void fault_sleep(void);
pinfold_preload_fn fault_preload;

double fault_now(void);

/* Prints "WHAT CODE TEXT"; returns the code. */
int fault_tell(const char *what, int code, const struct pinfold_error *err);

#endif
