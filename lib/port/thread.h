/* thread.h - workers that are threads of the driver's own process. */
#ifndef PF_PORT_THREAD_H
#define PF_PORT_THREAD_H

#include "port/port.h"

/* Starts a thread for each lane, which waits for its INIT, and takes its place then. The depth in
 * workers (work/worker.h) that the caller is at is what the threads are one deeper than. */
int pf_thread_open(struct pf_port **port, int lanes, struct pinfold_error *err);

#endif
