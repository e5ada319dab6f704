/* address.c - see address.h. */
#include "code/address.h"

#include <dlfcn.h>
#include <string.h>

#include "code/module.h"

int pf_pack_function(struct pf_buf *buf, pf_function *fn, struct pinfold_error *err)
{
    struct pf_module module = {0};

    if (fn && pf_module_at(&module, (const void *)(uintptr_t)fn) != 0)
        return pf_fail(err, PINFOLD_E_FUNCTION,
                       "the function at %p lies in no executable or shared object: pass a plain "
                       "C function",
                       (void *)(uintptr_t)fn);
    pf_pack_text(buf, module.id);
    pf_pack_text(buf, module.path);
    pf_pack_u64(buf, (uintptr_t)fn - module.base);
    return 0;
}

int pf_unpack_function(struct pf_reader *in, pf_function **fn, struct pinfold_error *err)
{
    const char *id = pf_unpack_text(in), *path = pf_unpack_text(in);
    uint64_t offset = pf_unpack_u64(in);
    struct pf_module module;

    if (in->failed)
        return pf_fail(err, PINFOLD_E_FUNCTION, "a function's address arrived cut short");
    *fn = NULL;
    if (!id[0])
        return 0;
    if (pf_module_by_id(&module, id) != 0) {
        /* Not loaded yet. It stays open: its functions may be called until the end. */
        void *opened = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (!opened)
            return pf_fail(err, PINFOLD_E_FUNCTION, "cannot load the function's module: %s",
                           dlerror());
        if (pf_module_by_id(&module, id) != 0) {
            dlclose(opened);
            return pf_fail(err, PINFOLD_E_FUNCTION,
                           "%s is another build here (%s is wanted): copy the same file to every "
                           "node",
                           path, id);
        }
    }
    *fn = (pf_function *)(module.base + offset);
    return 0;
}
