/* screen.c - see screen.h.
 *
 * The one thing that must be known is whether the cursor stands behind a line of ours. It is a fact of
 * the process, as its stderr is: pools, and the log, write there in turn.
 */
#include "base/screen.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static atomic_bool drawn;

bool pf_screen_possible(void)
{
    const char *kind = getenv("TERM");

    return isatty(STDERR_FILENO) && kind && *kind && strcmp(kind, "dumb") != 0;
}

int pf_screen_width(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return columns && atoi(columns) > 0 ? atoi(columns) : 80;
}

/* A program in the background leaves the terminal to the one that has it. */
static bool is_ours(void)
{
    pid_t group = tcgetpgrp(STDERR_FILENO);

    return group < 0 || group == getpgrp();
}

/* How many bytes of it fit, without half a character of UTF-8. The last column stays free: behind it
 * terminals differ. */
static int fitting(const char *text, int width)
{
    int columns = 0, n = 0;

    while (text[n]) {
        if (((unsigned char)text[n] & 0xC0) != 0x80 && ++columns >= width)
            break;
        n++;
    }
    return n;
}

void pf_screen_draw(const char *text)
{
    if (!is_ours())
        return;
    atomic_store(&drawn, true);
    fprintf(stderr, "\r%.*s\033[K", fitting(text, pf_screen_width()), text);
}

void pf_screen_clear(void)
{
    if (atomic_exchange(&drawn, false) && is_ours())
        fputs("\r\033[K", stderr);
}
