/* Who sits where, by what a user types. Lines: places, bind, reserve, oversubscribe; two numbers (of
 * workers, and the width); the mask. */
#include "fuzz.h"

#include "host/place.h"
#include "host/topology.h"

static void look(const struct pf_seating *seating)
{
    MUST(seating->n > 0 && seating->n <= PF_SEATS_MAX);
    for (int i = 0; i < seating->n; i++)
        MUST(!pf_cpus_empty(&seating->places[i].cpus));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pf_machine *machine;
    struct fuzz_input in = fuzz_input(data, size);
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_seating *seating;
    struct pf_policy policy;
    struct pf_cpus mask;
    char *line[6];
    int n = 0, width = 0;

    if (!machine)
        MUST(pf_machine_load(&machine, "pack:2 l3:2 core:2 pu:2", NULL) == 0);
    for (int i = 0; i < 6; i++)
        line[i] = fuzz_line(&in);
    sscanf(line[4], "%6d %6d", &n, &width);
    if (pf_policy_parse(&policy, line[0][0] ? line[0] : NULL, line[1][0] ? line[1] : NULL,
                        line[2][0] ? line[2] : NULL, line[3][0] ? line[3] : NULL, width,
                        &err) == 0 &&
        pf_seat(&seating, machine, pf_cpus_parse(&mask, line[5]) == 0 ? &mask : NULL, &policy, n,
                &err) == 0) {
        look(seating);
        pf_seating_free(seating);
    } else {
        MUST(err.code < 0 && err.text[0]);
    }
    for (int i = 0; i < 6; i++)
        free(line[i]);
    return 0;
}
