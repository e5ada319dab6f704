/* symbol.c - see symbol.h.
 *
 * The file is read and not mapped: should somebody shorten it meanwhile, a read is short, and an
 * access to a mapping would be the end of the driver. Whatever the file says is checked by that a
 * read of it succeeds.
 */
#include "code/symbol.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AT_ONCE 1024 /* symbols in one read */

typedef ElfW(Sym) symbol_t;

static bool get(int fd, void *data, size_t size, uint64_t offset)
{
    return offset <= INT64_MAX && pread(fd, data, size, (off_t)offset) == (ssize_t)size;
}

/* A pipe that nobody writes to would hold us: no such file is opened for long. */
static int open_plain(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat stat;

    if (fd >= 0 && (fstat(fd, &stat) != 0 || !S_ISREG(stat.st_mode))) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool holds(const symbol_t *symbol, uint64_t address)
{
    unsigned type = symbol->st_info & 15;

    return (type == STT_FUNC || type == STT_GNU_IFUNC) && symbol->st_shndx != SHN_UNDEF &&
           address >= symbol->st_value && address - symbol->st_value < symbol->st_size;
}

/* It will be part of a line for people, and any file may be a module. */
static bool is_name(const char *name)
{
    const char *at = name;

    while ((unsigned char)*at > ' ' && *at != 127)
        at++;
    return at > name && !*at;
}

/* Of several names for one place, the one that its author would know it by. */
static int rank(const symbol_t *symbol, const char *name)
{
    return 2 * (symbol->st_info >> 4 != STB_LOCAL) + (name[0] != '_');
}

/* Looks through one table of symbols. */
static bool search(int fd, const ElfW(Shdr) * table, const ElfW(Shdr) * strings, uint64_t address,
                   struct pf_symbol *found)
{
    symbol_t symbols[AT_ONCE];
    uint64_t count = table->sh_size / sizeof *symbols;
    int best = -1;

    for (uint64_t first = 0; first < count; first += AT_ONCE) {
        size_t n = count - first < AT_ONCE ? (size_t)(count - first) : AT_ONCE;
        if (!get(fd, symbols, n * sizeof *symbols, table->sh_offset + first * sizeof *symbols))
            break;
        for (size_t i = 0; i < n; i++) {
            char name[sizeof found->name] = "";
            if (!holds(&symbols[i], address) || symbols[i].st_name >= strings->sh_size)
                continue;
            if (pread(fd, name, sizeof name - 1,
                      (off_t)(strings->sh_offset + symbols[i].st_name)) <= 0 ||
                !is_name(name) || rank(&symbols[i], name) <= best)
                continue;
            best = rank(&symbols[i], name);
            memcpy(found->name, name, sizeof name);
            found->offset = address - symbols[i].st_value;
        }
    }
    return best >= 0;
}

static bool section(int fd, const ElfW(Ehdr) * head, uint64_t number, ElfW(Shdr) * out)
{
    return number < head->e_shnum && head->e_shentsize == sizeof *out &&
           get(fd, out, sizeof *out, head->e_shoff + number * sizeof *out);
}

/* What the compiler hangs on to a name (".constprop.0", ".cold") says nothing to its author. */
static void cut_suffix(char *name)
{
    char *dot = name[0] ? strchr(name + 1, '.') : NULL;

    if (dot)
        *dot = '\0';
}

bool pf_symbol_at(struct pf_symbol *symbol, const char *path, uint64_t address)
{
    static const ElfW(Word) kinds[] = {SHT_SYMTAB, SHT_DYNSYM}; /* all there are; exported ones */
    int fd = open_plain(path);
    bool found = false;
    ElfW(Ehdr) head;
    ElfW(Shdr) table, strings;

    if (fd < 0)
        return false;
    if (!get(fd, &head, sizeof head, 0) || memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
        head.e_ident[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32))
        head.e_shnum = 0;
    for (int kind = 0; kind < 2; kind++)
        for (uint64_t i = 0; !found && section(fd, &head, i, &table); i++)
            if (table.sh_type == kinds[kind] && table.sh_entsize == sizeof(symbol_t) &&
                section(fd, &head, table.sh_link, &strings))
                found = search(fd, &table, &strings, address, symbol);
    close(fd);
    if (found)
        cut_suffix(symbol->name);
    return found;
}
