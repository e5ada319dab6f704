/* complain.c - see complain.h. */
#define _GNU_SOURCE /* program_invocation_short_name */
#include "complain.h"

#include "escape.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void complain(const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "%s: ", program_invocation_short_name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void complain_of(const char *path, const char *reason)
{
    fprintf(stderr, "%s: ", program_invocation_short_name);
    escape_write(stderr, *path ? path : "''");
    fprintf(stderr, ": %s\n", reason);
}

bool complain_of_output(void)
{
    int error = fflush(stdout) != 0 ? errno : ferror(stdout) ? EIO : 0;

    if (error != 0)
        complain("standard output: %s", strerror(error));
    return error == 0;
}
