/* view.c - see view.h. */
#include "view.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

/* A number from 1 to `most` that begins at *text and ends before `end`; *text goes behind that. */
static bool read_count(const char **text, char end, int32_t most, int32_t *count)
{
    char *stop;

    if (!isdigit((unsigned char)**text)) /* strtoul takes blanks, and signs */
        return false;
    errno = 0;
    unsigned long number = strtoul(*text, &stop, 10);
    if (errno != 0 || *stop != end || number < 1 || number > (unsigned long)most)
        return false;
    *text = stop + 1;
    *count = (int32_t)number;
    return true;
}

/* The same for a number with a fraction. No comparison holds for "nan". */
static bool read_real(const char **text, char end, double least, double most, double *real)
{
    char *stop;

    if (isspace((unsigned char)**text))
        return false;
    double number = strtod(*text, &stop);
    if (stop == *text || *stop != end || !(number >= least && number <= most))
        return false;
    *text = stop + 1;
    *real = number;
    return true;
}

bool view_size(struct view *view, const char *word)
{
    int32_t width, height;

    if (!read_count(&word, 'x', VIEW_SIDE, &width) || !read_count(&word, '\0', VIEW_SIDE, &height))
        return false;
    view->width = width;
    view->height = height;
    return true;
}

bool view_centre(struct view *view, const char *word)
{
    double x, y;

    if (!read_real(&word, ',', -4, 4, &x) || !read_real(&word, '\0', -4, 4, &y))
        return false;
    view->x = x;
    view->y = y;
    return true;
}

bool view_zoom(struct view *view, const char *word)
{
    return read_real(&word, '\0', 0.1, VIEW_ZOOM, &view->zoom);
}

bool view_iterations(struct view *view, const char *word)
{
    return read_count(&word, '\0', VIEW_ITERATIONS, &view->iterations);
}

double view_step(const struct view *view)
{
    /* The set is 2.5 wide and 2.3 high: these leave some air around it. */
    double across = 3.0 / view->width, down = 2.5 / view->height;

    return (across > down ? across : down) / view->zoom;
}
