/* preload.h - a preload function with its argument, on its way to a zygote: written once into a
 * memfd, which travels beside every order for a cell. */
#ifndef PF_WORK_PRELOAD_H
#define PF_WORK_PRELOAD_H

#include "base/buf.h"
#include "base/error.h"

/* A descriptor (the caller's, close-on-exec) that holds both. */
int pf_preload_write(int *fd, pinfold_preload_fn *preload, pinfold_bytes arg,
                     struct pinfold_error *err);

/* The same in two steps: as bytes, which may travel to another node (free the buffer; it may have
 * failed); and what holds those. */
int pf_preload_pack(struct pf_buf *body, pinfold_preload_fn *preload, pinfold_bytes arg,
                    struct pinfold_error *err);
int pf_preload_hold(int *fd, const void *body, size_t size, struct pinfold_error *err);

/* Runs what such a descriptor holds. Returns preload's code, or why it could not be run; `text`
 * says why. */
int pf_preload_run(int fd, char *text, size_t size);

#endif
