/* complain.c - see complain.h. */
#define _GNU_SOURCE /* program_invocation_short_name */
#include "complain.h"

#include "escape.h"

#include <pinfold.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The line that shows how far it is may be drawn there: it goes away first. */
static void begin(void)
{
    pinfold_progress_stderr(NULL, NULL);
    fprintf(stderr, "%s: ", program_invocation_short_name);
}

void complain(const char *format, ...)
{
    va_list arguments;

    begin();
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void complain_of(const char *path, const char *reason)
{
    begin();
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
