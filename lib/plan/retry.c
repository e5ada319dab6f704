/* retry.c - see retry.h. */
#include "plan/retry.h"

#include "pinfold.h"

/* The task itself has failed, or may not have: and it may go well the next time. */
static bool is_worth_it(int code)
{
    switch (code) {
    case PINFOLD_E_TASK_SIGNAL:
    case PINFOLD_E_TASK_EXIT:
    case PINFOLD_E_TASK_CODE:
    case PINFOLD_E_TASK_TIME:
    case PINFOLD_E_TASK_MEMORY:
    case PINFOLD_E_MEMORY:
    case PINFOLD_E_WORKER_LOST:
        return true;
    default:
        return code > 0;
    }
}

bool pf_retry_again(int code, int attempt, int retries)
{
    return is_worth_it(code) && attempt <= retries;
}

bool pf_retry_blames(int code)
{
    return code == PINFOLD_E_TASK_SIGNAL || code == PINFOLD_E_TASK_EXIT ||
           code == PINFOLD_E_TASK_TIME || code == PINFOLD_E_TASK_MEMORY;
}

bool pf_retry_by(int number, int failed_on, int others)
{
    return number != failed_on || others == 0;
}

bool pf_retry_aside(const struct pf_aside_facts *facts)
{
    if (facts->row < PF_ASIDE_ROW || facts->others_well < PF_ASIDE_WELL)
        return false;
    if (9 * facts->others_died > facts->others_well)
        return false;
    return facts->serving > 1 && 2 * (facts->serving - 1) >= facts->workers;
}
