/* mandelbrot: draws the Mandelbrot set.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A map over the tiles of the picture. They differ widely in work: a point in the set takes all
 * iterations, one far outside three. That is what a map is for. The results come in the order of
 * the tiles, so the picture is the same whoever drew what; --show-workers shows who did.
 */
#include <pinfold_main.h>

#include "kernel.h"
#include "picture.h"
#include "view.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Usage: mandelbrot [OPTION]... -o FILE.png\n"
    "Draws the Mandelbrot set. The same options make the same bytes, with any number of\n"
    "workers.\n"
    "\n"
    "  -o FILE.png       where the picture goes\n"
    "  --size WxH        its pixels [1280x800], up to 16384 each way\n"
    "  --centre X,Y      the point in its middle [-0.7,0], both from -4 to 4\n"
    "  --zoom Z          how much is enlarged [1: the whole set], from 0.1 to 1e12\n"
    "  --iterations N    after how many a point is taken for one of the set [1000], up to\n"
    "                    1000000; deep zooms want more\n"
    "  --show-workers    tint each tile by the worker that drew it\n"
    "  --help            this text\n"
    "\n"
    "A place to go: --centre -0.743643887,0.131825904 --zoom 400 --iterations 3000\n"
    "\n"
    "Exit status: 0 the picture is there; 1 it could not be written; 2 wrong usage; 3 the\n"
    "workers could not be used.\n"
    "\n";

/* ---- The work */

static size_t tiles_along(int32_t side)
{
    return ((size_t)side + KERNEL_SIDE - 1) / KERNEL_SIDE;
}

static int32_t part(int32_t rest)
{
    return rest < KERNEL_SIDE ? rest : KERNEL_SIDE;
}

/* Row by row, as they lie in the picture. */
static void cut(const struct view *view, struct tile *tile)
{
    for (int32_t top = 0; top < view->height; top += KERNEL_SIDE)
        for (int32_t left = 0; left < view->width; left += KERNEL_SIDE)
            *tile++ = (struct tile){left, top, part(view->width - left), part(view->height - top)};
}

static void paste(const struct view *view, const struct tile *tile, const struct pixels *pixels,
                  unsigned char *picture)
{
    for (int y = 0; y < tile->height; y++)
        memcpy(picture + 3 * ((size_t)(tile->top + y) * (size_t)view->width + (size_t)tile->left),
               pixels->rgb[y], 3 * (size_t)tile->width);
}

/* Returns 1. */
static int cannot_write(const char *path, int error)
{
    fprintf(stderr, "mandelbrot: %s: %s\n", *path ? path : "''", strerror(error));
    return 1;
}

/* What the command line asks for. */
struct wish {
    struct view view;
    const char *path;
};

static int run(pinfold_pool *pool, void *data)
{
    const struct wish *wish = data;
    const struct view *view = &wish->view;
    const char *path = wish->path;
    struct pinfold_call how = {.size = sizeof how, .shared = {view, sizeof *view}, .key = "mandelbrot"};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int status = 1;

    int error = picture_try(path); /* before hours of work, not after */
    if (error != 0)
        return cannot_write(path, error);

    size_t count = tiles_along(view->width) * tiles_along(view->height);
    struct tile *tiles = calloc(count, sizeof *tiles);
    struct pixels *pixels = calloc(count, sizeof *pixels);
    unsigned char *picture = malloc(3 * (size_t)view->width * (size_t)view->height);
    bool memory = tiles != NULL && pixels != NULL && picture != NULL;

    if (memory)
        cut(view, tiles);
    if (!memory) {
        fprintf(stderr, "mandelbrot: out of memory\n");
    } else if (pinfold_map(pool, kernel_task, &how, tiles, sizeof *tiles, pixels, sizeof *pixels,
                           count, &err) != 0) {
        fprintf(stderr, "mandelbrot: %s\n", err.text);
        status = 3;
    } else {
        for (size_t i = 0; i < count; i++)
            paste(view, &tiles[i], &pixels[i], picture);
        error = picture_write(path, picture, view->width, view->height);
        status = error == 0 ? 0 : cannot_write(path, error);
    }
    free(picture);
    free(pixels);
    free(tiles);
    return status;
}

/* ---- The command line */

/* Prints, on the driver alone, a line of what is wrong. Returns 2. */
static int wrong(const char *what, const char *word)
{
    if (pinfold_is_driver())
        fprintf(stderr, "mandelbrot: %s%s (try --help)\n", what, word);
    return 2;
}

/* Returns -1 to go on, else the status to end with. All ranks come to the same end, before MPI
 * is started. */
static int read_arguments(struct view *view, const char **path, struct pinfold_options *options,
                          int argc, char **argv)
{
    static const struct option known[] = {{"size", required_argument, NULL, 's'},
                                          {"centre", required_argument, NULL, 'c'},
                                          {"zoom", required_argument, NULL, 'z'},
                                          {"iterations", required_argument, NULL, 'i'},
                                          {"show-workers", no_argument, NULL, 'w'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int letter;

    if (pinfold_options_parse(options, &argc, argv, &err) != 0)
        return wrong(err.text, "");
    opterr = pinfold_is_driver(); /* getopt's own line about an unknown option */
    while ((letter = getopt_long(argc, argv, "o:", known, NULL)) != -1) {
        switch (letter) {
        case 'o':
            *path = optarg;
            break;
        case 's':
            if (!view_size(view, optarg))
                return wrong("--size wants WxH, both from 1 to 16384, not ", optarg);
            break;
        case 'c':
            if (!view_centre(view, optarg))
                return wrong("--centre wants X,Y, both from -4 to 4, not ", optarg);
            break;
        case 'z':
            if (!view_zoom(view, optarg))
                return wrong("--zoom wants a number from 0.1 to 1e12, not ", optarg);
            break;
        case 'i':
            if (!view_iterations(view, optarg))
                return wrong("--iterations wants a number from 1 to 1000000, not ", optarg);
            break;
        case 'w':
            view->show_workers = 1;
            break;
        case 'h':
            if (pinfold_is_driver())
                printf("%s%s", usage, pinfold_options_help());
            return 0;
        default:
            return 2;
        }
    }
    if (optind != argc)
        return wrong("it takes only options, not ", argv[optind]);
    if (*path == NULL)
        return wrong("-o FILE.png is missing", "");
    return -1;
}

int main(int argc, char **argv)
{
    struct pinfold_options options = {.size = sizeof options, .log = pinfold_log_stderr};
    struct wish wish = {
        .view = {.x = -0.7, .zoom = 1, .width = 1280, .height = 800, .iterations = 1000}};

    int status = read_arguments(&wish.view, &wish.path, &options, argc, argv);
    if (status >= 0) /* a launcher would end the driver for another rank's status */
        return pinfold_is_driver() ? status : 0;
    return pinfold_drive(&options, run, &wish);
}
