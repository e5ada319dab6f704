/* policy.h - what the user wants of places: four words and a width. */
#ifndef PF_HOST_POLICY_H
#define PF_HOST_POLICY_H

#include "base/error.h"

enum pf_places { PF_PLACES_CORES, PF_PLACES_THREADS, PF_PLACES_LIST };
enum pf_bind { PF_BIND_CLOSE, PF_BIND_SPREAD, PF_BIND_NONE };
enum pf_reserve { PF_RESERVE_NONE, PF_RESERVE_CORE, PF_RESERVE_SIBLING };
enum pf_oversubscribe { PF_OVERSUBSCRIBE_WARN, PF_OVERSUBSCRIBE_ERROR, PF_OVERSUBSCRIBE_ALLOW };

struct pf_policy {
    enum pf_places places;
    enum pf_bind bind;
    enum pf_reserve reserve;
    enum pf_oversubscribe oversubscribe;
    int width;        /* cores (or PUs) of a place, at least 1 */
    const char *list; /* with PF_PLACES_LIST: "0,16;1,17", borrowed */
};

/* Reads the four words (NULL: the default) and the width (0: 1). PINFOLD_E_ARGUMENT names the
 * word and the words there are. */
int pf_policy_parse(struct pf_policy *policy, const char *places, const char *bind,
                    const char *reserve, const char *oversubscribe, int width,
                    struct pinfold_error *err);

#endif
