/* palette.c - see palette.h. */
#include "palette.h"

#include <math.h>

/* From night over ice and gold to embers, and back into the night. */
static const unsigned char stops[][3] = {
    {4, 8, 38},      {20, 62, 160},  {78, 166, 238}, {236, 246, 255},
    {255, 214, 116}, {226, 100, 40}, {96, 18, 54},   {22, 6, 44},
};
enum { STOPS = sizeof stops / sizeof stops[0] };

void palette_colour(double position, double rgb[3])
{
    double along = (position - floor(position)) * STOPS;
    int stop = (int)along;
    double t = along - stop;

    t = t * t * (3 - 2 * t); /* flat at the stops, so that none is seen as an edge */
    for (int i = 0; i < 3; i++) {
        double from = stops[stop % STOPS][i], to = stops[(stop + 1) % STOPS][i];
        rgb[i] = from + (to - from) * t;
    }
}

/* How much red the hues have, which go round in 1536 steps: full, down, none, none, up, full.
 * Green and blue are the same, a third and two thirds of the way later. */
static int wheel(int hue)
{
    int step = hue % 256;

    switch (hue / 256 % 6) {
    case 0:
    case 5:
        return 255;
    case 1:
        return 255 - step;
    case 4:
        return step;
    default:
        return 0;
    }
}

void palette_tint(unsigned char rgb[3], int worker)
{
    /* Steps of the golden section keep any number of first workers far apart; 949 of 1536 is
     * near it, and comes by every hue. */
    int hue = (int)((820 + 949LL * worker) % 1536);
    int light = rgb[0];

    for (int i = 1; i < 3; i++)
        light = rgb[i] > light ? rgb[i] : light;
    for (int i = 0; i < 3; i++) {
        int own = 84 + wheel(hue + 1536 - 512 * i) * 160 / 255;
        rgb[i] = (unsigned char)(own * (70 + light * 185 / 255) / 255);
    }
}
