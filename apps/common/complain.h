/* complain.h - what went wrong: one line on stderr for each thing, headed by the program's name. */
#ifndef COMMON_COMPLAIN_H
#define COMMON_COMPLAIN_H

#include <stdbool.h>

void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Of a path, which stays on one line whatever is in it. */
void complain_of(const char *path, const char *reason);

/* Writes out what is left of standard output, and complains when some of it was lost: false. */
bool complain_of_output(void);

#endif
