/* name.c - see name.h. */
#include "code/name.h"

#include <dlfcn.h>
#include <stdint.h>

const char *pf_function_name(pf_function *fn)
{
    void *address = (void *)(uintptr_t)fn;
    Dl_info info;

    /* dladdr names the nearest one below, which may be another function. */
    return dladdr(address, &info) && info.dli_saddr == address ? info.dli_sname : NULL;
}
