/* A module's table of symbols, as the driver looks up where a worker fell. The first eight bytes are
 * the address, the rest the file. */
#define _GNU_SOURCE
#include "fuzz.h"

#include <sys/mman.h>
#include <unistd.h>

#include "code/symbol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = fuzz_input(data, size);
    uint64_t address = fuzz_number(&in, 8);
    struct pf_symbol symbol;
    char path[64];
    int file = memfd_create("module", MFD_CLOEXEC);

    MUST(file >= 0 && write(file, in.at, fuzz_left(&in)) == (ssize_t)fuzz_left(&in));
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (pf_symbol_at(&symbol, path, address)) {
        MUST(memchr(symbol.name, '\0', sizeof symbol.name) && symbol.name[0]);
        for (const char *at = symbol.name; *at; at++) /* it will be part of a line */
            MUST((unsigned char)*at >= ' ' && *at != 127);
    }
    close(file);
    return 0;
}
