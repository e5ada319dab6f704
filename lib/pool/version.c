/* version.c - which Pinfold this is. */
#include "pinfold.h"

int pinfold_version_number(void)
{
    return PINFOLD_VERSION_NUMBER;
}

const char *pinfold_version(void)
{
    return PINFOLD_VERSION;
}
