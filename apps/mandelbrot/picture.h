/* picture.h - a picture as a PNG file. */
#ifndef MANDELBROT_PICTURE_H
#define MANDELBROT_PICTURE_H

/* Whether the file can be written, before there is anything to write: 0, or the reason (errno).
 * It leaves nothing behind, so neither does a program that is stopped halfway. */
int picture_try(const char *path);

/* Writes width x height pixels of three bytes, by row from the top. 0, or errno; a file that did
 * not become whole is removed. */
int picture_write(const char *path, const unsigned char *rgb, int width, int height);

#endif
