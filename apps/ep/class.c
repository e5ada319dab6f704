/* class.c - see class.h. */
#include "class.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>

static const struct class classes[] = {
    {'S', 24, -3.247834652034740e+3, -6.958407078382297e+3},
    {'W', 25, -2.863319731645753e+3, -6.320053679109499e+3},
    {'A', 28, -4.295875165629892e+3, -1.580732573678431e+4},
    {'B', 30, 4.033815542441498e+4, -2.660669192809235e+4},
    {'C', 32, 4.764367927995374e+4, -8.084072988043731e+4},
    {'D', 36, 1.982481200946593e+5, -1.020596636361769e+5},
};

const struct class *class_find(const char *name)
{
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (toupper((unsigned char)name[0]) == classes[i].letter && name[1] == '\0')
            return &classes[i];
    return NULL;
}

static bool near(double found, double published)
{
    return fabs((found - published) / published) <= 1e-8;
}

bool class_verify(const struct class *class, double sx, double sy)
{
    return near(sx, class->sx) && near(sy, class->sy);
}
