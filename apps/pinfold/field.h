/* field.h - text as a value of JSON, and as a field of a table with tabs. */
#ifndef PINFOLD_FIELD_H
#define PINFOLD_FIELD_H

#include <stdio.h>

/* With its quotes. Bytes that are no UTF-8 become U+FFFD, as everywhere. */
void field_json(FILE *out, const char *text);

/* Control characters are '?': what separates fields and lines is not in it. */
void field_plain(FILE *out, const char *text);

/* The same, and "-" for "". */
void field_tsv(FILE *out, const char *text);

#endif
