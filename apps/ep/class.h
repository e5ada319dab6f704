/* class.h - the sizes of the benchmark and what the sums must come to. */
#ifndef EP_CLASS_H
#define EP_CLASS_H

#include <stdbool.h>

struct class
{
    char letter;
    int log2_pairs;
    double sx, sy; /* published with NPB */
};

/* NULL: there is no such class. */
const struct class *class_find(const char *name);

/* Whether the sums agree with the published ones to a relative error of 1e-8. */
bool class_verify(const struct class *class, double sx, double sy);

#endif
