/* topology.c - see topology.h. From hwloc's tree to our table. */
#include "host/topology.h"

#include "host/source.h"

#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One kind of domain: its objects, and the numbers that they get as cores are met. */
struct domains {
    int n, met;
    hwloc_const_cpuset_t *set;
    int *number;
};

static void domains_free(struct domains *domains)
{
    free(domains->set);
    free(domains->number);
}

/* All objects of a type that have CPUs; those of equal cpuset (two memories of the same cores)
 * once. */
static int domains_find(struct domains *domains, hwloc_topology_t topology, hwloc_obj_type_t type)
{
    int count = hwloc_get_nbobjs_by_type(topology, type);

    memset(domains, 0, sizeof *domains);
    if (count <= 0)
        return 0;
    domains->set = calloc((size_t)count, sizeof *domains->set);
    domains->number = calloc((size_t)count, sizeof *domains->number);
    if (!domains->set || !domains->number)
        return -1;
    for (int i = 0; i < count; i++) {
        hwloc_obj_t object = hwloc_get_obj_by_type(topology, type, (unsigned)i);
        int known = 0;

        if (!object->cpuset || hwloc_bitmap_iszero(object->cpuset))
            continue;
        while (known < domains->n && !hwloc_bitmap_isequal(domains->set[known], object->cpuset))
            known++;
        if (known < domains->n)
            continue;
        domains->set[domains->n] = object->cpuset;
        domains->number[domains->n++] = -1;
    }
    return 0;
}

/* The number of the narrowest domain around these CPUs, or -1. */
static int domains_number(struct domains *domains, hwloc_const_cpuset_t cpus)
{
    int best = -1, best_weight = 0;

    for (int i = 0; i < domains->n; i++) {
        int weight;

        if (!hwloc_bitmap_isincluded(cpus, domains->set[i]))
            continue;
        weight = hwloc_bitmap_weight(domains->set[i]);
        if (best < 0 || weight < best_weight) {
            best = i;
            best_weight = weight;
        }
    }
    if (best >= 0 && domains->number[best] < 0)
        domains->number[best] = domains->met++;
    return best < 0 ? -1 : domains->number[best];
}

/* hwloc 2.4 brought the kinds, 3.0 another way to ask for their names. */
static int read_kinds(struct pf_machine *machine, hwloc_topology_t topology)
{
#if HWLOC_API_VERSION >= 0x00020400 && HWLOC_API_VERSION < 0x00030000
    int n = hwloc_cpukinds_get_nr(topology, 0);

    if (n <= 0)
        return 0;
    machine->kinds = calloc((size_t)n, sizeof *machine->kinds);
    if (!machine->kinds)
        return -1;
    machine->nkinds = n;
    for (int kind = 0; kind < n; kind++) {
        struct hwloc_info_s *infos = NULL;
        int efficiency = -1;
        unsigned ninfos = 0;

        hwloc_cpukinds_get_info(topology, (unsigned)kind, NULL, &efficiency, &ninfos, &infos, 0);
        machine->kinds[kind].ranked = efficiency >= 0;
        for (unsigned i = 0; i < ninfos; i++)
            if (strcmp(infos[i].name, "CoreType") == 0)
                snprintf(machine->kinds[kind].name, sizeof machine->kinds[kind].name, "%s",
                         infos[i].value);
    }
#else
    (void)machine;
    (void)topology;
#endif
    return 0;
}

static int kind_of(const struct pf_machine *machine, hwloc_topology_t topology,
                   hwloc_const_cpuset_t cpus)
{
#if HWLOC_API_VERSION >= 0x00020400 && HWLOC_API_VERSION < 0x00030000
    if (machine->nkinds)
        return hwloc_cpukinds_get_by_cpuset(topology, cpus, 0);
#else
    (void)machine;
    (void)topology;
    (void)cpus;
#endif
    return -1;
}

/* The cores with their PUs. Walking the PUs in logical order meets the cores in theirs, and the
 * PUs that have no core where they belong. */
static int read_cores(struct pf_machine *machine, hwloc_topology_t topology, hwloc_obj_t *objects,
                      struct pinfold_error *err)
{
    hwloc_obj_t last = NULL;

    for (int i = 0; i < machine->npus; i++) {
        hwloc_obj_t pu = hwloc_get_obj_by_type(topology, HWLOC_OBJ_PU, (unsigned)i);
        hwloc_obj_t object = hwloc_get_ancestor_obj_by_type(topology, HWLOC_OBJ_CORE, pu);
        struct pf_core *core;
        int *pus;

        if (pu->os_index >= PF_CPUS_MAX)
            return pf_fail(err, PINFOLD_E_TOPOLOGY,
                           "the topology '%s' has a CPU with the index %u: the highest that "
                           "Pinfold knows is %d",
                           machine->name, pu->os_index, PF_CPUS_MAX - 1);
        if (!object)
            machine->coreless = true;
        if (!object || object != last) {
            core = &machine->cores[machine->ncores];
            core->logical = machine->ncores;
            core->os =
                object && object->os_index != HWLOC_UNKNOWN_INDEX ? (int)object->os_index : -1;
            objects[machine->ncores++] = object ? object : pu;
        }
        last = object;
        core = &machine->cores[machine->ncores - 1];
        pus = realloc(core->pus, sizeof *pus * (size_t)(core->npus + 1));
        if (!pus)
            return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a topology");
        core->pus = pus;
        core->pus[core->npus++] = (int)pu->os_index;
    }
    return 0;
}

static int read_domains(struct pf_machine *machine, hwloc_topology_t topology,
                        const hwloc_obj_t *objects)
{
    struct domains packages, numa, l3;
    int failed = domains_find(&packages, topology, HWLOC_OBJ_PACKAGE);

    failed |= domains_find(&numa, topology, HWLOC_OBJ_NUMANODE);
    failed |= domains_find(&l3, topology, HWLOC_OBJ_L3CACHE);
    failed |= read_kinds(machine, topology);
    if (!failed) {
        machine->npackages = packages.n;
        machine->nnuma = numa.n;
        machine->nl3 = l3.n;
        for (int i = 0; i < machine->ncores; i++) {
            struct pf_core *core = &machine->cores[i];
            hwloc_const_cpuset_t cpus = objects[i]->cpuset;

            core->package = domains_number(&packages, cpus);
            core->numa = domains_number(&numa, cpus);
            core->l3 = domains_number(&l3, cpus);
            core->kind = kind_of(machine, topology, cpus);
        }
    }
    domains_free(&packages);
    domains_free(&numa);
    domains_free(&l3);
    return failed;
}

static void read_allowed(struct pf_machine *machine, hwloc_topology_t topology)
{
    hwloc_const_cpuset_t allowed = hwloc_topology_get_allowed_cpuset(topology);

    for (int i = 0; i < machine->ncores; i++)
        for (int j = 0; j < machine->cores[i].npus; j++)
            if (hwloc_bitmap_isset(allowed, (unsigned)machine->cores[i].pus[j]))
                pf_cpus_add(&machine->allowed, machine->cores[i].pus[j]);
}

/* hwloc builds no topology without a PU, but an XML file may promise more than it has. */
static int read_all(struct pf_machine *machine, hwloc_topology_t topology,
                    struct pinfold_error *err)
{
    hwloc_obj_t *objects;
    int code;

    machine->live = hwloc_topology_is_thissystem(topology);
    machine->npus = hwloc_get_nbobjs_by_type(topology, HWLOC_OBJ_PU);
    if (machine->npus <= 0)
        return pf_fail(err, PINFOLD_E_TOPOLOGY, "the topology '%s' has no cores", machine->name);
    machine->cores = calloc((size_t)machine->npus, sizeof *machine->cores);
    objects = calloc((size_t)machine->npus, sizeof *objects);
    if (!machine->cores || !objects)
        code = pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a topology");
    else
        code = read_cores(machine, topology, objects, err);
    if (!code && read_domains(machine, topology, objects))
        code = pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a topology");
    if (!code)
        read_allowed(machine, topology);
    free(objects);
    return code;
}

int pf_machine_load(struct pf_machine **ret, const char *source, struct pinfold_error *err)
{
    hwloc_topology_t topology;
    struct pf_machine *machine;
    int code = pf_source_load(&topology, source, err);

    if (code)
        return code;
    machine = calloc(1, sizeof *machine);
    if (!machine) {
        hwloc_topology_destroy(topology);
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a topology");
    }
    if (source)
        snprintf(machine->name, sizeof machine->name, "%s", source);
    else if (gethostname(machine->name, sizeof machine->name - 1))
        snprintf(machine->name, sizeof machine->name, "this machine");
    code = read_all(machine, topology, err);
    hwloc_topology_destroy(topology);
    if (code) {
        pf_machine_free(machine);
        return code;
    }
    *ret = machine;
    return 0;
}

void pf_machine_free(struct pf_machine *machine)
{
    if (!machine)
        return;
    for (int i = 0; machine->cores && i < machine->ncores; i++)
        free(machine->cores[i].pus);
    free(machine->cores);
    free(machine->kinds);
    free(machine);
}
