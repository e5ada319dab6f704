/* The table of a machine: from synthetic descriptions, from XML, from what is neither, and
 * live. Machines of which hwloc can say more than a description does are XML made by hwloc
 * itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/bind.h"
#include "host/topology.h"

static struct pf_machine *load(const char *source)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_machine *machine = NULL;

    if (pf_machine_load(&machine, source, &err))
        fail_msg("%s", err.text);
    return machine;
}

/* Loading fails with this text in the message, and nothing is written to the outputs. */
static void refused(const char *source, const char *part)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_machine *machine = (struct pf_machine *)&err;

    assert_int_equal(pf_machine_load(&machine, source, &err), PINFOLD_E_TOPOLOGY);
    assert_ptr_equal(machine, &err);
    assert_int_equal(err.code, PINFOLD_E_TOPOLOGY);
    if (!strstr(err.text, part))
        fail_msg("'%s' is not in: %s", part, err.text);
    assert_null(strchr(err.text, '\n'));
}

/* A file with this content; its name is good until the next call. */
static const char *file_with(const char *content)
{
    static char path[256];
    const char *folder = getenv("TMPDIR");
    int fd;

    snprintf(path, sizeof path, "%s/pinfold-topology-XXXXXX", folder ? folder : "/tmp");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    close(fd);
    return path;
}

#define XML_HEAD                                                                                   \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">\n"      \
    "<topology version=\"2.0\">\n"
#define SETS(cpus)                                                                                 \
    "cpuset=\"" cpus "\" complete_cpuset=\"" cpus "\" nodeset=\"0x1\" "                            \
    "complete_nodeset=\"0x1\" "
#define MACHINE(cpus, allowed)                                                                     \
    "<object type=\"Machine\" os_index=\"0\" " SETS(                                               \
        cpus) "allowed_cpuset=\"" allowed "\" allowed_nodeset=\"0x1\" gp_index=\"1\">\n"           \
              "<object type=\"NUMANode\" os_index=\"0\" " SETS(                                    \
                  cpus) "gp_index=\"2\" "                                                          \
                        "local_memory=\"1024\"><page_type size=\"4096\" "                          \
                        "count=\"0\"/></object>\n"
#define PU(os, cpus, gp)                                                                           \
    "<object type=\"PU\" os_index=\"" os "\" " SETS(cpus) "gp_index=\"" gp "\"/>\n"
#define CORE(os, cpus, gp, inside)                                                                 \
    "<object type=\"Core\" os_index=\"" os "\" " SETS(cpus) "gp_index=\"" gp "\">\n" inside        \
                                                            "</object>\n"
#define XML_TAIL "</object>\n</topology>\n"

static void table__has_cores_and_pus_in_logical_order(void **state)
{
    struct pf_machine *machine = load("pack:2 l3:2 core:2 pu:2(indexes=0,8,1,9,2,10,3,11,4,12,5,"
                                      "13,6,14,7,15)");

    (void)state;
    assert_int_equal(machine->ncores, 8);
    assert_int_equal(machine->npus, 16);
    assert_int_equal(machine->npackages, 2);
    assert_int_equal(machine->nl3, 4);
    assert_false(machine->coreless);
    assert_false(machine->live);
    assert_int_equal(pf_cpus_count(&machine->allowed), 16);
    for (int i = 0; i < 8; i++) {
        const struct pf_core *core = &machine->cores[i];

        assert_int_equal(core->logical, i);
        assert_int_equal(core->package, i / 4);
        assert_int_equal(core->l3, i / 2);
        assert_int_equal(core->npus, 2);
        assert_int_equal(core->pus[0], i);
        assert_int_equal(core->pus[1], i + 8);
    }
    assert_int_equal(pf_machine_core_of(machine, 11), 3);
    assert_int_equal(pf_machine_core_of(machine, 16), -1);
    pf_machine_free(machine);
}

static void table__makes_a_core_of_a_pu_without_one(void **state)
{
    struct pf_machine *machine = load("pack:2 pu:3");

    (void)state;
    assert_true(machine->coreless);
    assert_int_equal(machine->ncores, 6);
    assert_int_equal(machine->cores[5].npus, 1);
    assert_int_equal(machine->cores[5].os, -1);
    assert_int_equal(machine->cores[5].package, 1);
    assert_int_equal(machine->cores[5].l3, -1);
    pf_machine_free(machine);
}

static void table__mixes_cores_and_bare_pus(void **state)
{
    const char *path =
        file_with(XML_HEAD MACHINE("0x0000000f", "0x0000000f")
                      CORE("7", "0x00000005", "10", PU("0", "0x1", "11") PU("2", "0x4", "12"))
                          PU("1", "0x2", "13") PU("3", "0x8", "14") XML_TAIL);
    struct pf_machine *machine = load(path);

    (void)state;
    unlink(path);
    assert_true(machine->coreless);
    assert_int_equal(machine->ncores, 3);
    assert_int_equal(machine->cores[0].npus, 2);
    assert_int_equal(machine->cores[0].os, 7);
    assert_int_equal(machine->cores[0].pus[1], 2);
    assert_int_equal(machine->cores[1].pus[0], 1);
    assert_int_equal(machine->cores[2].pus[0], 3);
    assert_int_equal(machine->cores[2].logical, 2);
    pf_machine_free(machine);
}

static void table__keeps_what_is_not_allowed(void **state)
{
    const char *path = file_with(
        XML_HEAD MACHINE("0x0000000f", "0x0000000a")
            CORE("0", "0x00000003", "10", PU("0", "0x1", "11") PU("1", "0x2", "12"))
                CORE("1", "0x0000000c", "13", PU("2", "0x4", "14") PU("3", "0x8", "15")) XML_TAIL);
    struct pf_machine *machine = load(path);
    struct pf_cpus mask, candidates;
    int cores, pus;

    (void)state;
    unlink(path);
    assert_int_equal(machine->npus, 4);
    assert_int_equal(machine->ncores, 2);
    pf_machine_candidates(machine, NULL, &candidates);
    assert_int_equal(pf_cpus_parse(&mask, "1,3"), 0);
    assert_true(pf_cpus_equal(&candidates, &mask));
    pf_machine_usable(machine, &candidates, &cores, &pus);
    assert_int_equal(cores, 2);
    assert_int_equal(pus, 2);
    assert_int_equal(pf_cpus_parse(&mask, "0-1"), 0);
    pf_machine_candidates(machine, &mask, &candidates);
    pf_machine_usable(machine, &candidates, &cores, &pus);
    assert_int_equal(cores, 1);
    assert_int_equal(pus, 1);
    pf_machine_free(machine);
}

static void table__counts_nodes_of_the_same_cores_once(void **state)
{
    struct pf_machine *machine = load("pack:2 [numa] [numa] core:2 pu:1");

    (void)state;
    assert_int_equal(machine->nnuma, 2);
    for (int i = 0; i < 4; i++)
        assert_int_equal(machine->cores[i].numa, i / 2);
    pf_machine_free(machine);
}

static void table__takes_the_narrowest_of_nested_nodes(void **state)
{
    struct pf_machine *machine = load("[numa] pack:2 [numa] core:2 pu:1");

    (void)state;
    assert_int_equal(machine->nnuma, 3);
    for (int i = 0; i < 4; i++)
        assert_int_equal(machine->cores[i].numa, i / 2);
    pf_machine_free(machine);
}

static void table__survives_a_high_index(void **state)
{
    struct pf_machine *machine = load("core:1 pu:2(indexes=8191,5)");

    (void)state;
    assert_int_equal(machine->cores[0].pus[1], 8191);
    assert_true(pf_cpus_has(&machine->allowed, 8191));
    pf_machine_free(machine);
    refused("core:1 pu:2(indexes=8192,5)", "8192");
}

static void load__refuses_what_is_no_description(void **state)
{
    (void)state;
    refused("", "empty");
    refused("nonsense", "neither a file");
    refused("pack:2 nonsense:3", "neither a file");
    refused("no-such-file.xml", "neither a file that exists");
    refused("/no/such/folder/machine.xml", "neither a file that exists");
    refused("pack:2 core:2", "pu:N");
    refused("pack:0 core:2 pu:1", "neither a file");
    refused("/", "directory");
}

/* hwloc would work on it for hours. */
static void load__refuses_machines_beyond_all_measure(void **state)
{
    (void)state;
    refused("core:8193 pu:1", "8192");
    refused("pack:100000 core:100000 pu:100000", "8192");
    refused("pack:99999999999999999999 pu:1", "8192");
    pf_machine_free(load("pack:2 [numa(memory=68719476736)] core:2 pu:2(indexes=0,4,1,5,2,6,3,7)"));
}

static void load__refuses_broken_files(void **state)
{
    static const struct {
        const char *content, *part;
    } broken[] = {
        {"", "not usable hwloc XML"},
        {"hello\n", "not usable hwloc XML"},
        {"<?xml version=\"1.0\"?>\n<html></html>\n", "not usable hwloc XML"},
        {XML_HEAD, "not usable hwloc XML"},
        {XML_HEAD MACHINE("0x1", "0x1"), "not usable hwloc XML"},
        {XML_HEAD "</topology>\n", "not usable hwloc XML"},
        /* no PU, and so no core */
        {XML_HEAD MACHINE("0x1", "0x1") XML_TAIL, "'"},
        {"<?xml version=\"1.0\"?>\n<topology version=\"3.0\"></topology>\n", "hwloc 3"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        const char *path = file_with(broken[i].content);

        refused(path, broken[i].part);
        refused(path, path);
        unlink(path);
    }
}

/* hwloc is as chatty as it can be (main saw to that), and descriptor 2 leads to a file that
 * must stay empty. */
static void load__keeps_stderr_clean(void **state)
{
    const char *path = file_with(XML_HEAD "<object>");
    struct pinfold_error xml = PINFOLD_ERROR_INIT, synthetic = PINFOLD_ERROR_INIT;
    struct pf_machine *machine = NULL;
    FILE *capture = tmpfile();
    int saved = dup(STDERR_FILENO);
    off_t written, marked;

    (void)state;
    assert_non_null(capture);
    dup2(fileno(capture), STDERR_FILENO);
    pf_machine_load(&machine, path, &xml);
    pf_machine_load(&machine, "pack:2 nonsense:3", &synthetic);
    written = lseek(STDERR_FILENO, 0, SEEK_END);
    /* and it still is the same descriptor */
    marked = write(STDERR_FILENO, "x", 1) == 1 ? lseek(fileno(capture), 0, SEEK_END) : -1;
    dup2(saved, STDERR_FILENO);
    close(saved);
    fclose(capture);
    unlink(path);
    assert_int_equal(written, 0);
    assert_int_equal(marked, 1);
    assert_non_null(strstr(xml.text, "pinfold-topology"));
    assert_non_null(strstr(synthetic.text, "unknown object type"));
}

static void load__leaves_no_descriptor_behind(void **state)
{
    const char *path = file_with("nonsense");
    int before = dup(0), after;

    (void)state;
    close(before);
    refused(path, path);
    pf_machine_free(load("core:2 pu:2"));
    after = dup(0);
    close(after);
    assert_int_equal(after, before);
    unlink(path);
}

/* What the system says of us is what the table and the mask say together. */
static void live__agrees_with_the_mask(void **state)
{
    struct pf_machine *machine = load(NULL);
    struct pinfold_machine count = {.size = sizeof count};
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_cpus mask, candidates;
    int cores, pus;

    (void)state;
    assert_true(machine->live);
    assert_true(machine->name[0] != '\0');
    assert_int_equal(pf_bind_read(&mask, 0), 0);
    pf_machine_candidates(machine, &mask, &candidates);
    assert_false(pf_cpus_empty(&candidates));
    pf_machine_usable(machine, &candidates, &cores, &pus);
    assert_int_equal(pinfold_machine_count(&count, &err), 0);
    assert_int_equal(count.cores, machine->ncores);
    assert_int_equal(count.threads, machine->npus);
    assert_int_equal(count.packages, machine->npackages);
    assert_int_equal(count.numa_nodes, machine->nnuma);
    assert_int_equal(count.usable_cores, cores);
    assert_int_equal(count.usable_threads, pus);
    assert_int_equal(count.size, sizeof count);
    pf_machine_free(machine);
}

static void count__writes_no_more_than_there_is_room_for(void **state)
{
    struct pinfold_machine count = {.size = offsetof(struct pinfold_machine, threads)};

    (void)state;
    count.threads = count.usable_threads = -7;
    assert_int_equal(pinfold_machine_count(&count, NULL), 0);
    assert_true(count.cores > 0);
    assert_int_equal(count.threads, -7);
    assert_int_equal(count.usable_threads, -7);
    assert_int_equal(pinfold_machine_count(NULL, NULL), PINFOLD_E_ARGUMENT);
}

static void free__takes_null(void **state)
{
    (void)state;
    pf_machine_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table__has_cores_and_pus_in_logical_order),
        cmocka_unit_test(table__makes_a_core_of_a_pu_without_one),
        cmocka_unit_test(table__mixes_cores_and_bare_pus),
        cmocka_unit_test(table__keeps_what_is_not_allowed),
        cmocka_unit_test(table__counts_nodes_of_the_same_cores_once),
        cmocka_unit_test(table__takes_the_narrowest_of_nested_nodes),
        cmocka_unit_test(table__survives_a_high_index),
        cmocka_unit_test(load__refuses_what_is_no_description),
        cmocka_unit_test(load__refuses_machines_beyond_all_measure),
        cmocka_unit_test(load__refuses_broken_files),
        cmocka_unit_test(load__keeps_stderr_clean),
        cmocka_unit_test(load__leaves_no_descriptor_behind),
        cmocka_unit_test(live__agrees_with_the_mask),
        cmocka_unit_test(count__writes_no_more_than_there_is_room_for),
        cmocka_unit_test(free__takes_null),
    };

    setenv("HWLOC_XML_VERBOSE", "1", 1);
    setenv("HWLOC_SYNTHETIC_VERBOSE", "1", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
