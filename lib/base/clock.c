/* clock.c - see clock.h. */
#include "base/clock.h"

#include <time.h>

int64_t pf_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * PF_S + t.tv_nsec;
}

int64_t pf_deadline(double seconds)
{
    if (!(seconds < 1e9)) /* also true of a NaN */
        return PF_NEVER;
    if (seconds < 0) /* the past is all one */
        seconds = 0;
    return pf_now() + (int64_t)(seconds * (double)PF_S);
}

int64_t pf_left(int64_t deadline)
{
    return deadline == PF_NEVER ? PF_NEVER : deadline - pf_now();
}
