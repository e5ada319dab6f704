/* view.h - what the picture shows: as people ask for it, in the words of the command line. */
#ifndef MANDELBROT_VIEW_H
#define MANDELBROT_VIEW_H

#include <stdbool.h>
#include <stdint.h>

/* A side that is longer is a slip of the pen, and a zoom that is deeper is finer than the steps
 * of a double. */
#define VIEW_SIDE       16384
#define VIEW_ZOOM       1e12
#define VIEW_ITERATIONS 1000000

struct view {
    double x, y, zoom;     /* the centre of the picture; at zoom 1 the whole set is seen */
    int32_t width, height; /* pixels */
    int32_t iterations;    /* a point that stayed for so many is taken for one of the set */
    int32_t show_workers;  /* whether each tile is tinted by who drew it */
};

/* Each reads one word, and changes the view only when it returns true: the word is as it should
 * be, in full, and within the limits above. */
bool view_size(struct view *view, const char *word);   /* WIDTHxHEIGHT */
bool view_centre(struct view *view, const char *word); /* X,Y: both from -4 to 4 */
bool view_zoom(struct view *view, const char *word);   /* from 0.1 */
bool view_iterations(struct view *view, const char *word);

/* The distance of two neighbouring pixels in the plane. */
double view_step(const struct view *view);

#endif
