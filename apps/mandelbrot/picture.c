/* picture.c - see picture.h. */
#include "picture.h"

#include <errno.h>
#include <fcntl.h>
#include <png.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int picture_try(const char *path)
{
    struct stat info;
    bool there = stat(path, &info) == 0;

    /* Whoever reads a pipe would take the end of a trial for the end. */
    if (there && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
        return access(path, W_OK) == 0 ? 0 : errno;
    int fd = open(path, O_WRONLY | O_CLOEXEC | (there ? 0 : O_CREAT | O_EXCL), 0666);
    if (fd < 0)
        return errno;
    close(fd);
    if (!there)
        unlink(path);
    return 0;
}

/* The whole file in memory, to be freed. 0, or errno. */
static int encode(const unsigned char *rgb, int width, int height, char **bytes, size_t *size)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)width,
                       .height = (png_uint_32)height,
                       .format = PNG_FORMAT_RGB};
    FILE *memory = open_memstream(bytes, size);

    if (memory == NULL)
        return errno;
    int written = png_image_write_to_stdio(&image, memory, 0, rgb, 0, NULL);
    /* Memory is all that it may lack. */
    return fclose(memory) == 0 && written ? 0 : ENOMEM;
}

int picture_write(const char *path, const unsigned char *rgb, int width, int height)
{
    char *bytes = NULL;
    size_t size = 0;
    struct stat info;

    int error = encode(rgb, width, height, &bytes, &size);
    if (error == 0) {
        FILE *file = fopen(path, "we");
        if (file == NULL) {
            error = errno;
        } else {
            if (fwrite(bytes, 1, size, file) != size)
                error = errno;
            if (fclose(file) != 0 && error == 0)
                error = errno;
            /* Only what is a file under this very name: no device, and no link to one. */
            if (error != 0 && lstat(path, &info) == 0 && S_ISREG(info.st_mode))
                unlink(path);
        }
    }
    free(bytes);
    return error;
}
