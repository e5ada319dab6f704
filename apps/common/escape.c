/* escape.c - see escape.h. */
#include "escape.h"

#include <string.h>

bool escape_needed(const char *name)
{
    return name[strcspn(name, "\\\n\r")] != '\0';
}

void escape_write(FILE *file, const char *name)
{
    for (;;) {
        size_t plain = strcspn(name, "\\\n\r");
        fwrite(name, 1, plain, file);
        name += plain;
        if (*name == '\0')
            return;
        fputs(*name == '\\' ? "\\\\" : *name == '\n' ? "\\n" : "\\r", file);
        name++;
    }
}
