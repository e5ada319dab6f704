/* pace.c - see pace.h.
 *
 * The pace is a quotient of two sums, items and seconds, both of which fade alike. So the first
 * samples are not mistaken for more than they are, as they are by an average that begins at the first
 * of them, and samples count for as long as they took.
 *
 * What is remembered is about the last quarter of the time that there was. A fixed time would be too
 * short where tasks take minutes, and end by the dozen: the rate would fall to 0 between two of the
 * dozens. All of the time would be too long where the tasks at the end are not like those at the
 * beginning.
 */
#include "plan/pace.h"

#define MEMORY_LEAST 1.0 /* seconds */
#define MEMORY_SHARE 0.25

void pf_pace_add(struct pf_pace *pace, double items, double seconds, double elapsed)
{
    double memory = MEMORY_LEAST + MEMORY_SHARE * elapsed;
    double kept = seconds > 0 ? memory / (memory + seconds) : 1;

    pace->items = pace->items * kept + items;
    pace->seconds = pace->seconds * kept + (seconds > 0 ? seconds : 0);
}

double pf_pace_rate(const struct pf_pace *pace)
{
    return pace->seconds > 0 ? pace->items / pace->seconds : 0;
}

double pf_pace_left(const struct pf_pace *pace, double items)
{
    double rate = pf_pace_rate(pace);

    if (!(items > 0))
        return 0;
    return rate > 0 ? items / rate : -1;
}
