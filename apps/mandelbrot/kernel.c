/* kernel.c - see kernel.h.
 *
 * A point c belongs to the Mandelbrot set if z -> z^2 + c, from z = 0, stays bounded. How long
 * one outside needs to leave is its colour, and made continuous by how far the last step went:
 * n + 1 - log2(log2|z| / log2 R) for a radius R of escape (256; the larger it is, the smoother).
 *
 * The light: the derivative z' of z with respect to c is followed too, since z / z' points away
 * from the set. Taken for the slope of a landscape, it is lit from the upper left.
 *
 * All workers must come to the same bytes, on whatever machines they are. So there are only sums,
 * products, quotients and roots, for which IEEE 754 leaves one result, and no logarithm of libm,
 * whose last bits depend on the processor that it finds: one is made of products below.
 */
#include "kernel.h"
#include "palette.h"
#include "view.h"

#include <math.h>

enum { SAMPLES = 2 }; /* each way in a pixel */

/* By squaring: it doubles the logarithm, whose next binary digit is then whether 2 was passed. */
static double log2_of(double x)
{
    int exponent;
    double mantissa = 2 * frexp(x, &exponent), result = exponent - 1;

    for (double digit = 0.5; digit > 1e-5; digit /= 2) {
        mantissa *= mantissa;
        if (mantissa >= 2) {
            mantissa /= 2;
            result += digit;
        }
    }
    return result;
}

/* The colour of a point that left at z with the derivative d, after n steps. */
static void colour(int n, double zx, double zy, double dx, double dy, double rgb[3])
{
    double smooth = n + 1 - log2_of(log2_of(zx * zx + zy * zy) / 16);
    double x = zx * dx + zy * dy, y = zy * dx - zx * dy; /* along z / d */
    double length = sqrt(x * x + y * y);
    double slope = length > 0 && length < INFINITY ? (y - x) / length : 0; /* up to sqrt(2) */
    double light = 0.66 + 0.24 * slope;

    /* The nearer to the set, the faster the steps grow: by its logarithm the palette keeps pace.
     * It begins with blue where the whole picture ends. */
    palette_colour(0.18 * log2_of(smooth + 1) - 0.32, rgb);
    for (int i = 0; i < 3; i++)
        rgb[i] *= light;
}

static void sample(double cx, double cy, int iterations, double rgb[3])
{
    double zx = 0, zy = 0, dx = 0, dy = 0, xx = 0, yy = 0;

    for (int n = 0; n < iterations; n++) {
        double next = 2 * (zx * dx - zy * dy) + 1;
        dy = 2 * (zx * dy + zy * dx);
        dx = next;
        zy = 2 * zx * zy + cy;
        zx = xx - yy + cx;
        xx = zx * zx;
        yy = zy * zy;
        if (xx + yy > 65536) {
            colour(n + 1, zx, zy, dx, dy, rgb);
            return;
        }
    }
    rgb[0] = rgb[1] = rgb[2] = 0;
}

/* Light adds up, and the value of a channel is about the root of its light: so the mean of the
 * samples is that of their squares. */
static void draw(const struct view *view, double step, int column, int row, unsigned char rgb[3])
{
    double sum[3] = {0}, one[3];

    for (int k = 0; k < SAMPLES * SAMPLES; k++) {
        double right = column + (k % SAMPLES + 0.5) / SAMPLES - 0.5 * view->width;
        double down = row + (k / SAMPLES + 0.5) / SAMPLES - 0.5 * view->height;
        sample(view->x + right * step, view->y - down * step, view->iterations, one);
        for (int i = 0; i < 3; i++)
            sum[i] += one[i] * one[i];
    }
    for (int i = 0; i < 3; i++)
        rgb[i] = (unsigned char)(sqrt(sum[i] / (SAMPLES * SAMPLES)) + 0.5);
}

int kernel_task(pinfold_task *task)
{
    const struct view *view = pinfold_task_shared(task).data;
    const struct tile *tile = pinfold_task_arg(task).data;
    struct pixels *pixels = pinfold_task_out(task, sizeof *pixels);
    int worker = pinfold_task_worker(task)->number;
    double step = view_step(view);

    for (int y = 0; y < tile->height; y++)
        for (int x = 0; x < tile->width; x++) {
            draw(view, step, tile->left + x, tile->top + y, pixels->rgb[y][x]);
            if (view->show_workers)
                palette_tint(pixels->rgb[y][x], worker);
        }
    return 0;
}
