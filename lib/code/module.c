/* module.c - see module.h. */
#include "code/module.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct search {
    uintptr_t address; /* looked for when `id` is NULL */
    const char *id;
    struct pf_module *found;
};

static bool contains(const struct dl_phdr_info *info, uintptr_t address)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD && address >= start && address - start < segment->p_memsz)
            return true;
    }
    return false;
}

/* Writes "build-id:HEX" when a note of the kind is there. Notes are {sizes, type, name, desc},
 * each part padded to 4 bytes. */
static bool build_id(const struct dl_phdr_info *info, char *out, size_t size)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_NOTE)
            continue;
        const unsigned char *at = (const unsigned char *)(info->dlpi_addr + segment->p_vaddr);
        const unsigned char *end = at + segment->p_memsz;
        while ((size_t)(end - at) >= sizeof(ElfW(Nhdr))) {
            const ElfW(Nhdr) *note = (const void *)at;
            const unsigned char *name = at + sizeof *note;
            size_t name_room = (note->n_namesz + 3u) & ~3u, desc_room = (note->n_descsz + 3u) & ~3u;
            if (name_room + desc_room > (size_t)(end - name))
                break;
            if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
                memcmp(name, "GNU", 4) == 0) {
                int n = snprintf(out, size, "build-id:");
                for (unsigned b = 0; b < note->n_descsz && (size_t)n + 3 < size; b++)
                    n += snprintf(out + n, size - (size_t)n, "%02x", name[name_room + b]);
                return true;
            }
            at = name + name_room + desc_room;
        }
    }
    return false;
}

static void digest(const struct dl_phdr_info *info, char *out, size_t size)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) || !(segment->p_flags & PF_R))
            continue;
        const unsigned char *at = (const unsigned char *)(info->dlpi_addr + segment->p_vaddr);
        for (size_t b = 0; b < segment->p_filesz; b++)
            hash = (hash ^ at[b]) * 0x100000001b3u;
    }
    snprintf(out, size, "digest:%016llx", (unsigned long long)hash);
}

static int look(struct dl_phdr_info *info, size_t size, void *data)
{
    struct search *search = data;
    char id[sizeof search->found->id];

    (void)size;
    if (!search->id && !contains(info, search->address))
        return 0;
    if (!build_id(info, id, sizeof id))
        digest(info, id, sizeof id);
    if (search->id && strcmp(search->id, id) != 0)
        return 0;
    search->found->base = info->dlpi_addr;
    memcpy(search->found->id, id, sizeof id);
    snprintf(search->found->path, sizeof search->found->path, "%s", info->dlpi_name);
    if (!info->dlpi_name[0]) { /* the executable */
        ssize_t n = readlink("/proc/self/exe", search->found->path, sizeof search->found->path - 1);
        search->found->path[n > 0 ? n : 0] = '\0';
    }
    return 1;
}

int pf_module_at(struct pf_module *module, const void *address)
{
    struct search search = {.address = (uintptr_t)address, .found = module};

    return dl_iterate_phdr(look, &search) == 1 ? 0 : -1;
}

int pf_module_by_id(struct pf_module *module, const char *id)
{
    struct search search = {.id = id, .found = module};

    return dl_iterate_phdr(look, &search) == 1 ? 0 : -1;
}
