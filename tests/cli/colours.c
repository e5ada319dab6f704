/* tests/cli/colours FILE.png: reads the picture as libpng does, checksums and all, and prints its
 * size and how many colours it has: "200x130 4711". SPDX-License-Identifier: BSD-3-Clause */
#include <png.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    uint32_t *pixels = NULL; /* of four bytes, one of them opaque */
    size_t count = 0, colours = 0;

    if (argc == 2 && png_image_begin_read_from_file(&image, argv[1])) {
        image.format = PNG_FORMAT_RGBA;
        count = (size_t)image.width * image.height;
        pixels = malloc(count * sizeof *pixels);
    }
    if (pixels == NULL || !png_image_finish_read(&image, NULL, pixels, 0, NULL)) {
        fprintf(stderr, "colours: %s\n", argc == 2 ? image.message : "wants one FILE.png");
        return 1;
    }
    qsort(pixels, count, sizeof *pixels, ascending);
    for (size_t i = 0; i < count; i++)
        colours += i == 0 || pixels[i] != pixels[i - 1];
    printf("%ux%u %zu\n", image.width, image.height, colours);
    free(pixels);
    return image.warning_or_error != 0;
}
