/* palette.h - the colours: of the points, and of the workers. */
#ifndef MANDELBROT_PALETTE_H
#define MANDELBROT_PALETTE_H

/* The colour at a position of the palette, which is a circle of length 1: what is behind the
 * point counts no more than what is behind the comma. Each channel is from 0 to 255. */
void palette_colour(double position, double rgb[3]);

/* Dyes a pixel in the worker's own colour. Dark ones are brightened: black would show none. */
void palette_tint(unsigned char rgb[3], int worker);

#endif
