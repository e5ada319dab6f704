/* facts.c - what a rank tells of itself when a pool is opened (agree.h). */
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/option.h"
#include "code/address.h"
#include "code/module.h"
#include "host/mask.h"
#include "pool/agree.h"

static void add_line(struct pf_buf *text, const char *what, const char *value)
{
    pf_buf_add(text, what, strlen(what));
    pf_buf_add(text, " ", 1);
    pf_buf_add(text, value, strlen(value));
    pf_buf_add(text, "\n", 1);
}

static void add_module(struct pf_buf *text, const char *what, const void *address)
{
    struct pf_module module;

    add_line(text, what, pf_module_at(&module, address) == 0 ? module.id : "unknown");
}

static void add_function(struct pf_buf *text, const char *what, pf_function *fn)
{
    struct pf_module module = {0};
    char offset[32];

    if (fn)
        pf_module_at(&module, (const void *)(uintptr_t)fn);
    snprintf(offset, sizeof offset, "+0x%jx", (uintmax_t)((uintptr_t)fn - module.base));
    add_line(text, what, fn ? offset : "none");
}

static void look_at_node(struct pf_facts *facts)
{
    char boot[64] = "";
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

    gethostname(facts->host, sizeof facts->host - 1);
    if (file) {
        if (!fgets(boot, sizeof boot, file))
            boot[0] = '\0';
        fclose(file);
    }
    snprintf(facts->node, sizeof facts->node, "%s %s", facts->host, boot);
}

int pf_facts_look(struct pf_facts *facts, const struct pinfold_options *options, const char *wrong,
                  const struct pf_launch *launch, bool part, struct pinfold_error *err)
{
    struct utsname system = {0};
    char wire[16];

    *facts = (struct pf_facts){0};
    uname(&system);
    snprintf(wire, sizeof wire, "%d", PF_WIRE_VERSION);
    add_line(&facts->same, "version", PINFOLD_VERSION);
    add_line(&facts->same, "wire", wire);
    add_line(&facts->same, "architecture", system.machine);
    add_module(&facts->same, "executable", (const void *)getauxval(AT_ENTRY));
    add_module(&facts->same, "libpinfold", (const void *)(uintptr_t)pf_facts_look);
    add_function(&facts->same, "preload", (pf_function *)options->preload);
    add_function(&facts->same, "init", (pf_function *)options->init);
    add_function(&facts->same, "finish", (pf_function *)options->finish);
    add_line(&facts->same, "options", wrong ? wrong : "without a mistake");
    pf_options_text(options, &facts->same);
    pf_buf_add(&facts->same, "", 1);
    look_at_node(facts);
    pf_mask_given(&facts->mask, &facts->chosen, launch);
    facts->local = part ? launch->local : -1;
    if (facts->same.failed)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a pool");
    return 0;
}
