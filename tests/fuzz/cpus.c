/* Lists of CPUs: what is understood is printed such that it is understood again. */
#include "fuzz.h"

#include "base/cpus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = fuzz_input(data, size);
    char *text = fuzz_line(&in), *printed;
    struct pf_cpus set, again;
    size_t length;

    if (pf_cpus_parse(&set, text) == 0) {
        MUST(!pf_cpus_empty(&set));
        length = (size_t)pf_cpus_print_ranges(&set, NULL, 0);
        printed = malloc(length + 1);
        MUST(printed && pf_cpus_print_ranges(&set, printed, length + 1) == (int)length);
        MUST(strlen(printed) == length && pf_cpus_parse(&again, printed) == 0);
        MUST(pf_cpus_equal(&set, &again));
        free(printed);
    }
    free(text);
    return 0;
}
