/* line.c - see line.h. */
#include "task/line.h"

#include <stdlib.h>

static void begin(struct pf_line *line, struct pf_line **at, int priority)
{
    *line = (struct pf_line){.next = *at, .priority = priority, .members = 1};
    TAILQ_INIT(&line->waiting);
    *at = line;
}

void pf_line_setup(struct pf_line **lines, struct pf_line *usual, int priority)
{
    *lines = NULL;
    begin(usual, lines, priority);
}

struct pf_line *pf_line_join(struct pf_line **lines, int priority)
{
    struct pf_line **at = lines, *line;

    while (*at && (*at)->priority > priority)
        at = &(*at)->next;
    if (*at && (*at)->priority == priority) {
        (*at)->members++;
        return *at;
    }
    line = malloc(sizeof *line);
    if (line)
        begin(line, at, priority);
    return line;
}

void pf_line_leave(struct pf_line **lines, struct pf_line *line)
{
    if (--line->members > 0)
        return;
    while (*lines != line)
        lines = &(*lines)->next;
    *lines = line->next;
    free(line);
}

struct pf_line *pf_line_first(struct pf_line *lines)
{
    while (lines && TAILQ_EMPTY(&lines->waiting))
        lines = lines->next;
    return lines;
}
