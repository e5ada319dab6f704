/* screen.h - a line on stderr that is drawn again and again in its place, and what comes between. */
#ifndef PF_BASE_SCREEN_H
#define PF_BASE_SCREEN_H

#include <stdbool.h>

/* Whether stderr is a terminal that can do that. */
bool pf_screen_possible(void);

/* The columns of the terminal: what it says, or else COLUMNS, or else 80. */
int pf_screen_width(void);

/* Draws it over the one that is there, cut to the width. Not while another job has the terminal. */
void pf_screen_draw(const char *text);

/* Takes it away, if one is there: before anything else is written. Any thread. */
void pf_screen_clear(void);

#endif
