/* error.c - see error.h. */
#include "base/error.h"

#include <stdio.h>

#include "base/sized.h"

const char *pinfold_strerror(int code)
{
    switch (code) {
#define CASE(name, value, text)                                                                    \
    case value:                                                                                    \
        return text;
        PINFOLD_ERRORS(CASE)
#undef CASE
    case 0:
        return "no error";
    default:
        return code > 0 ? "the function's own code" : "an unknown code";
    }
}

int pf_error_give(struct pinfold_error *err, const struct pinfold_error *from)
{
    if (err)
        pf_sized_out(err, from, sizeof *from);
    return from->code;
}

int pf_fail(struct pinfold_error *err, int code, const char *fmt, ...)
{
    struct pinfold_error full = PINFOLD_ERROR_INIT;
    va_list args;

    full.code = code;
    va_start(args, fmt);
    vsnprintf(full.text, sizeof full.text, fmt, args);
    va_end(args);
    return pf_error_give(err, &full);
}
