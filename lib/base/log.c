/* log.c - see log.h. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/screen.h"

void pf_log(const struct pf_log *log, char level, const char *fmt, ...)
{
    char text[1024];
    va_list args;

    if (!log->fn)
        return;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    log->fn(log->data, level, text);
}

void pinfold_log_stderr(void *data, char level, const char *text)
{
    const char *name = data ? (const char *)data : program_invocation_short_name;
    const char *wanted = getenv("PINFOLD_LOG");

    if (level == PF_DETAIL && !(wanted && strcmp(wanted, "debug") == 0))
        return;
    pf_screen_clear();
    fprintf(stderr, "%s: %s%s\n", name, level == PF_WARNING ? "warning: " : "", text);
}
