/* name.h - what a function is called. */
#ifndef PF_CODE_NAME_H
#define PF_CODE_NAME_H

#include "code/address.h"

/* The name that the dynamic linker knows the function by, until its module is unloaded. NULL: it has
 * none, as static functions, and those of an executable that was not linked with -rdynamic. */
const char *pf_function_name(pf_function *fn);

#endif
