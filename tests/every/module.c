/* Functions outside of the program. SPDX-License-Identifier: BSD-3-Clause */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "every.h"

static void triples(pinfold_pool *pool, pinfold_range_fn *fn, int more)
{
    int in[100], out[100];

    for (int i = 0; i < 100; i++)
        in[i] = i;
    CHECK(pinfold_map_range(pool, fn, NULL, in, sizeof *in, out, sizeof *out, 100, NULL) == 0);
    for (int i = 0; i < 100; i++)
        CHECK(out[i] == 3 * i + more);
}

/* Loaded by the driver when the workers run already: they load it by themselves. */
static void loaded_late(pinfold_pool *pool)
{
    const char *path = getenv("EVERY_MODULE");
    pinfold_range_fn *triple, *(*hidden)(void);
    void *module;

    if (!path || !path[0]) {
        every_skip("this build makes no shared objects");
        return;
    }
    module = dlopen(path, RTLD_NOW);
    if (!CHECK(module != NULL))
        return;
    *(void **)&triple = dlsym(module, "module_triple");
    *(void **)&hidden = dlsym(module, "module_hidden");
    if (!CHECK(triple && hidden))
        return;
    triples(pool, triple, 0);
    triples(pool, hidden(), 1);
}

const struct every_test module_tests[] = {
    {"functions of a module that was loaded after open, static ones too", loaded_late, NULL},
    {NULL, NULL, NULL},
};
