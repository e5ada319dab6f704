/* clock.h - monotonic time in nanoseconds, and deadlines. */
#ifndef PF_BASE_CLOCK_H
#define PF_BASE_CLOCK_H

#include <stdint.h>

#define PF_NEVER INT64_MAX

#define PF_US 1000LL
#define PF_MS 1000000LL
#define PF_S  1000000000LL

int64_t pf_now(void);

/* The instant that is `seconds` from now; PF_NEVER for infinity and all that cannot be counted. */
int64_t pf_deadline(double seconds);

/* The nanoseconds until a deadline (negative: it is over); PF_NEVER for PF_NEVER. */
int64_t pf_left(int64_t deadline);

#endif
