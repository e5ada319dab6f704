/* What module.c loads: range functions, since they need nothing of Pinfold's to be linked with.
 * SPDX-License-Identifier: BSD-3-Clause */
#include <pinfold.h>

pinfold_range_fn module_triple;
pinfold_range_fn *module_hidden(void);

int module_triple(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    (void)task, (void)first;
    for (size_t i = 0; i < count; i++)
        ((int *)out)[i] = 3 * ((const int *)in)[i];
    return 0;
}

static int hidden(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    (void)task, (void)first;
    for (size_t i = 0; i < count; i++)
        ((int *)out)[i] = 3 * ((const int *)in)[i] + 1;
    return 0;
}

pinfold_range_fn *module_hidden(void)
{
    return hidden;
}
