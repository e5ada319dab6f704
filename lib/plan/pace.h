/* pace.h - how fast it goes, and how long it will take. Pure: samples in, numbers out. */
#ifndef PF_PLAN_PACE_H
#define PF_PLAN_PACE_H

struct pf_pace {           /* zeroes: nothing is known */
    double items, seconds; /* of late: old ones fade */
};

/* So many items in so many seconds; `elapsed` seconds since the beginning, these included. */
void pf_pace_add(struct pf_pace *pace, double items, double seconds, double elapsed);

/* Items per second; 0: not known. */
double pf_pace_rate(const struct pf_pace *pace);

/* The seconds that so many items will take; < 0: not known. */
double pf_pace_left(const struct pf_pace *pace, double items);

#endif
