/* launch.h - what the environment says of how this process was started. The one file that knows
 * launchers by their variables. */
#ifndef PF_HOST_LAUNCH_H
#define PF_HOST_LAUNCH_H

#include <stdbool.h>

struct pf_launch {
    const char *by; /* "mpirun (Open MPI)", "srun", ...; NULL: nobody */
    int rank, size; /* as the launcher says; -1: it does not */
    int local;      /* the rank's number among those of its node, from 0; -1: nobody says */
    bool lonely;    /* several processes, and nothing by which MPI could join them */
    int cpus;       /* the user asked for so many for each process (srun -c); -1: for none */
    enum {
        PF_MASK_UNKNOWN, /* nothing is said of the CPU mask */
        PF_MASK_DEFAULT, /* the launcher bound us as it always does: not the user's wish */
        PF_MASK_WISHED,  /* the user asked for this binding */
    } mask;
};

struct pf_launch pf_launch_look(void);

#endif
