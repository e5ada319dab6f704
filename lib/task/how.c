/* how.c - see how.h. */
#include "task/how.h"

#include "base/clock.h"
#include "base/sized.h"
#include "wire/frame.h"

void pf_how_read(struct pinfold_call *how, const struct pinfold_call *given)
{
    *how = (struct pinfold_call){.size = sizeof *how};
    if (given)
        pf_sized_in(how, sizeof *how, given);
}

int pf_how_check(const struct pinfold_call *how, const char *verb, struct pinfold_error *err)
{
    if (how->shared.size > PF_ITEM_MAX)
        return pf_fail(err, PINFOLD_E_TOO_BIG, "%s: %zu shared bytes are more than 1 GiB", verb,
                       how->shared.size);
    if (how->shared.size && !how->shared.data)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: shared.data is NULL and shared.size is not 0",
                       verb);
    if (!(how->timeout >= 0))
        return pf_fail(err, PINFOLD_E_ARGUMENT, "%s: a timeout of %g s makes no sense", verb,
                       how->timeout);
    return 0;
}

int64_t pf_how_deadline(const struct pinfold_call *how)
{
    return how->timeout > 0 ? pf_deadline(how->timeout) : PF_NEVER;
}
