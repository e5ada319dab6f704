/* policy.c - see policy.h. */
#include "host/policy.h"

#include "base/cpus.h"

#include <string.h>

struct word {
    const char *text;
    int value;
};

static const struct word places_words[] = {
    {"cores", PF_PLACES_CORES}, {"threads", PF_PLACES_THREADS}, {NULL, 0}};
static const struct word bind_words[] = {{"close", PF_BIND_CLOSE},
                                         {"compact", PF_BIND_CLOSE},
                                         {"spread", PF_BIND_SPREAD},
                                         {"none", PF_BIND_NONE},
                                         {NULL, 0}};
static const struct word reserve_words[] = {{"none", PF_RESERVE_NONE},
                                            {"core", PF_RESERVE_CORE},
                                            {"sibling", PF_RESERVE_SIBLING},
                                            {NULL, 0}};
static const struct word oversubscribe_words[] = {{"warn", PF_OVERSUBSCRIBE_WARN},
                                                  {"error", PF_OVERSUBSCRIBE_ERROR},
                                                  {"allow", PF_OVERSUBSCRIBE_ALLOW},
                                                  {NULL, 0}};

/* The value of `text`; -1 when it is not one of the words. */
static int find(const struct word *words, const char *text)
{
    if (!text)
        return words[0].value;
    for (; words->text; words++)
        if (strcmp(words->text, text) == 0)
            return words->value;
    return -1;
}

int pf_policy_parse(struct pf_policy *ret, const char *places, const char *bind,
                    const char *reserve, const char *oversubscribe, int width,
                    struct pinfold_error *err)
{
    struct pf_policy policy = {.width = width ? width : 1};
    int value;

    if (places && strncmp(places, "list:", 5) == 0) {
        policy.places = PF_PLACES_LIST;
        policy.list = places + 5;
    } else {
        value = find(places_words, places);
        if (value < 0)
            return pf_fail(err, PINFOLD_E_ARGUMENT,
                           "places is cores, threads or list:0,16;1,17, not '%s'", places);
        policy.places = (enum pf_places)value;
    }
    value = find(bind_words, bind);
    if (value < 0)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "bind is close, spread or none, not '%s'", bind);
    policy.bind = (enum pf_bind)value;
    value = find(reserve_words, reserve);
    if (value < 0)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "reserve is none, core or sibling, not '%s'",
                       reserve);
    policy.reserve = (enum pf_reserve)value;
    value = find(oversubscribe_words, oversubscribe);
    if (value < 0)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "oversubscribe is error, warn or allow, not '%s'",
                       oversubscribe);
    policy.oversubscribe = (enum pf_oversubscribe)value;
    if (policy.width < 1 || policy.width > PF_CPUS_MAX)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "cpus per task is a number from 1 to %d, not %d",
                       PF_CPUS_MAX, width);
    if (policy.places == PF_PLACES_LIST && policy.width > 1)
        return pf_fail(err, PINFOLD_E_ARGUMENT,
                       "a list of places says how wide each is: leave cpus per task away");
    *ret = policy;
    return 0;
}
