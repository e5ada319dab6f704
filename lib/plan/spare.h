/* spare.h - what the time that a job has left still allows. Pure: facts in, a number out. */
#ifndef PF_PLAN_SPARE_H
#define PF_PLAN_SPARE_H

#include <stddef.h>

struct pf_spare_facts {
    double left;       /* until all is stopped, */
    double estimate;   /* what an item takes, as the caller says (0: he does not), */
    double item_ns;    /* as was measured (0: not yet), */
    double longest_ns; /* and the longest that was seen: all in nanoseconds */
    size_t ahead;      /* items that the worker has, and did not answer for */
};

/* How many items more a worker can be done with in time; 0: none. As long as nothing is known of what
 * they take: one at a time. */
size_t pf_spare_fit(const struct pf_spare_facts *facts);

/* The seconds that are kept for leaving, of so many that are left at the open: what was wished
 * (0: nothing), or a tenth, and no more than PF_SPARE_MARGIN. */
double pf_spare_margin(double wish, double left);
#define PF_SPARE_MARGIN 30.0

#endif
