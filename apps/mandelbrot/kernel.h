/* kernel.h - one tile of the picture, as a task. */
#ifndef MANDELBROT_KERNEL_H
#define MANDELBROT_KERNEL_H

#include <pinfold.h>

enum { KERNEL_SIDE = 64 };

/* A part of the picture: at most KERNEL_SIDE pixels each way, less at its right and lower edges. */
struct tile {
    int32_t left, top, width, height;
};

struct pixels {
    unsigned char rgb[KERNEL_SIDE][KERNEL_SIDE][3]; /* by row, from the top; the rest is 0 */
};

/* Input: a tile. Output: its pixels. The call's shared bytes are the view. */
int kernel_task(pinfold_task *task);

#endif
