/* match.h - a largest matching between askers and seats. Pure. */
#ifndef PF_HOST_MATCH_H
#define PF_HOST_MATCH_H

#include <stdbool.h>

/* may[asker * nseats + seat]: whether the asker may have the seat. Every asker wants `each`
 * seats. seat_of[asker * each + k] becomes its kth seat, or -1; no seat is given twice. Lower
 * askers and lower seats go first where that costs nothing. Returns how many seats were given,
 * the largest number possible, or -1: out of memory. */
int pf_match(int *seat_of, const bool *may, int naskers, int nseats, int each);

#endif
