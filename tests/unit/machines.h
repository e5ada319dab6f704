/* machines.h - for the tests of places: machines from a line of text, and seatings as a line.
 */
#ifndef TEST_MACHINES_H
#define TEST_MACHINES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/place.h"

/* A synthetic machine, in hwloc's words. `allowed` narrows what its cgroup allows; NULL: all.
 */
static inline struct pf_machine *machine_of(const char *text, const char *allowed)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_machine *machine = NULL;
    struct pf_cpus set;

    if (pf_machine_load(&machine, text, &err))
        fail_msg("%s", err.text);
    if (allowed) {
        assert_int_equal(pf_cpus_parse(&set, allowed), 0);
        pf_cpus_and(&machine->allowed, &set);
    }
    return machine;
}

/* A policy from "threads spread sibling error 2": words and a width in any order. */
static inline struct pf_policy policy_of(const char *text)
{
    char copy[256], *save = NULL;
    struct pf_policy policy = {.width = 1};

    snprintf(copy, sizeof copy, "%s", text);
    for (char *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        struct pf_policy one;

        if (atoi(word))
            policy.width = atoi(word);
        else if (strncmp(word, "list:", 5) == 0) {
            policy.places = PF_PLACES_LIST;
            policy.list = text + (word - copy) + 5; /* the list is the last word */
        } else if (pf_policy_parse(&one, word, NULL, NULL, NULL, 0, NULL) == 0)
            policy.places = one.places;
        else if (pf_policy_parse(&one, NULL, NULL, NULL, word, 0, NULL) == 0)
            policy.oversubscribe = one.oversubscribe;
        else if (strcmp(word, "none") &&
                 pf_policy_parse(&one, NULL, NULL, word, NULL, 0, NULL) == 0)
            policy.reserve = one.reserve;
        else if (pf_policy_parse(&one, NULL, word, NULL, NULL, 0, NULL) == 0)
            policy.bind = one.bind;
        else
            fail_msg("no such word: %s", word);
    }
    return policy;
}

/* "0,8 4,12 (0-1)": the places of the workers in order; in parentheses the unbound; behind a
 * slash the driver's. */
static inline const char *shown(const struct pf_seating *seating)
{
    static char text[8192];
    size_t length = 0;

    text[0] = '\0';
    for (int i = 0; i < seating->n; i++) {
        const struct pf_place *place = &seating->places[i];
        char cpus[1024];

        pf_cpus_print(&place->cpus, cpus, sizeof cpus);
        length += (size_t)snprintf(text + length, sizeof text - length,
                                   place->bound ? "%s%s" : "%s(%s)", i ? " " : "", cpus);
    }
    if (seating->driver.bound) {
        char cpus[1024];

        pf_cpus_print(&seating->driver.cpus, cpus, sizeof cpus);
        snprintf(text + length, sizeof text - length, " /%s", cpus);
    }
    return text;
}

#endif
