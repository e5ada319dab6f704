/* meter.c - see meter.h, and pinfold_progress_stderr.
 *
 * On a terminal the line goes away when there is nothing left to do, so that what the program then
 * prints stands by itself; and a last one stays when the pool is closed. A program of a thousand maps
 * so leaves one line, not a thousand. In a file, lines come seldom enough for somebody to read them.
 */
#include "base/meter.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/screen.h"

#define SHORT_S 0.5 /* work that takes no longer needs no line: it would only flash */
#define EVERY_S 5.0 /* between two lines in a file */

/* ---- the text */
struct text {
    char *at;
    size_t room;
};

static void add(struct text *text, const char *fmt, ...) PINFOLD_PRINTF(2, 3);
static void add(struct text *text, const char *fmt, ...)
{
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(text->at, text->room, fmt, args);
    va_end(args);
    if (n < 0)
        return;
    if ((size_t)n >= text->room)
        n = text->room ? (int)text->room - 1 : 0;
    text->at += n;
    text->room -= (size_t)n;
}

/* Three digits of it, where there are units enough. */
static void add_rate(struct text *text, double rate)
{
    static const struct {
        double from, times;
        const char *unit;
    } units[] = {{999.5e9, 1e-12, " T/s"}, {999.5e6, 1e-9, " G/s"}, {999.5e3, 1e-6, " M/s"},
                 {999.5, 1e-3, " k/s"},    {0.0995, 1, "/s"},       {0.0995 / 60, 60, "/min"},
                 {0, 3600, "/h"}};
    size_t i = 0;

    while (rate < units[i].from)
        i++;
    add(text, "  %.3g%s", rate * units[i].times, units[i].unit);
}

static void add_time(struct text *text, double seconds)
{
    long long s = seconds < 1e15 ? (long long)(seconds + 0.5) : 1000000000000000LL;

    if (s < 3600)
        add(text, "  %lld:%02lld", s / 60, s % 60);
    else if (s < 100 * 3600)
        add(text, "  %lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
    else
        add(text, "  %lld days", (s + 43200) / 86400);
}

/* Rounded down: 100 % is when it is done. */
static int percent(uint64_t finished, uint64_t total)
{
    double share = total ? (double)finished / (double)total : 1;

    return finished < total && share >= 0.99 ? 99 : (int)(100 * share);
}

void pf_meter_text(char *buffer, size_t size, const char *name, const struct pinfold_progress *p)
{
    struct text text = {buffer, size};
    uint64_t all = p->done + p->failed + p->cancelled;
    uint64_t finished = p->last ? all : p->finished;
    uint64_t total = p->last ? all + p->running + p->queued : p->total;

    add(&text, "%s", name);
    if (total)
        add(&text, "  %3d%%  %llu/%llu done", percent(finished, total),
            (unsigned long long)finished, (unsigned long long)total);
    else
        add(&text, "  %llu done", (unsigned long long)finished);
    if (p->failed)
        add(&text, ", %llu failed", (unsigned long long)p->failed);
    if (p->cancelled && p->last)
        add(&text, ", %llu cancelled", (unsigned long long)p->cancelled);
    if (!p->last)
        add(&text, ", %llu running", (unsigned long long)p->running);
    if (p->rate > 0)
        add_rate(&text, p->rate);
    if (p->last || p->left < 0)
        add_time(&text, p->elapsed);
    else
        add_time(&text, p->left);
    if (!p->last && p->left >= 0)
        add(&text, " left");
}

/* ---- where it goes */
static void in_a_file(const struct pinfold_progress *progress, const char *text)
{
    /* Of the time that all pools had something to do: the driver's thread alone comes here. */
    static double next = EVERY_S;

    if (progress->last) {
        next = EVERY_S;
    } else {
        if (progress->elapsed < next)
            return;
        next = progress->elapsed + EVERY_S;
    }
    fprintf(stderr, "%s\n", text);
}

static void show(const char *name, const struct pinfold_progress *progress)
{
    char text[512];

    pf_meter_text(text, sizeof text, name, progress);
    if (!pf_screen_possible()) {
        in_a_file(progress, text);
    } else if (progress->last) {
        pf_screen_clear();
        fprintf(stderr, "%s\n", text);
    } else if (progress->running + progress->queued == 0 && progress->finished == progress->total) {
        pf_screen_clear();
    } else if (progress->elapsed >= SHORT_S) {
        pf_screen_draw(text);
    }
}

void pinfold_progress_stderr(void *data, const struct pinfold_progress *progress)
{
    if (progress)
        show(data ? (const char *)data : program_invocation_short_name, progress);
    else
        pf_screen_clear();
}

void pf_meter_auto(void *data, const struct pinfold_progress *progress)
{
    if (progress->elapsed >= SHORT_S)
        pinfold_progress_stderr(data, progress);
}

void pf_meter_say(const struct pinfold_progress *progress)
{
    char text[512];

    pf_meter_text(text, sizeof text, program_invocation_short_name, progress);
    pf_screen_clear();
    fprintf(stderr, "%s\n", text);
}
