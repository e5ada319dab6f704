/* escape.h - names that must stay on one line, as sha256sum writes them. */
#ifndef COMMON_ESCAPE_H
#define COMMON_ESCAPE_H

#include <stdbool.h>
#include <stdio.h>

/* Whether the name has a byte that is written otherwise: newline, carriage return, backslash.
 */
bool escape_needed(const char *name);
void escape_write(FILE *file, const char *name);

#endif
