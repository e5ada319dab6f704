/* topo_live.c - see topo_live.h. The public API alone. */
#include "topo_live.h"

#include <stdlib.h>

static void take_down(struct topo_worker *to, const struct pinfold_worker *from)
{
    to->number = from->number;
    to->node = from->node;
    to->rank = from->rank;
    to->pid = from->pid;
    snprintf(to->host, sizeof to->host, "%s", from->host ? from->host : "");
    if (!from->cpus || pf_cpus_parse(&to->cpus, from->cpus))
        pf_cpus_zero(&to->cpus);
    to->width = from->width;
    to->bound = from->bound;
    to->here = from->node == 0; /* nodes are counted from the driver's */
}

int topo_live(struct topo_worker **ret_workers, int *ret_n, const struct pinfold_options *options,
              struct pinfold_error *err)
{
    struct topo_worker *workers;
    pinfold_pool *pool = NULL;
    int n, code = pinfold_pool_open(&pool, options, err);

    if (code)
        return code;
    *ret_n = -1;
    if (!pool)
        return 0;
    n = pinfold_pool_workers(pool);
    workers = calloc((size_t)n + 1, sizeof *workers);
    if (!workers)
        code = pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a list of %d workers", n);
    for (int i = 0; !code && i < n; i++) {
        struct pinfold_worker worker = {.size = sizeof worker};

        code = pinfold_pool_worker(pool, i, &worker);
        if (code)
            pf_fail(err, code, "worker %d: %s", i, pinfold_strerror(code));
        else
            take_down(&workers[i], &worker);
    }
    /* A pool that cannot be closed in peace has told us what we asked for. */
    pinfold_pool_close(pool);
    if (code) {
        free(workers);
        return code;
    }
    *ret_workers = workers;
    *ret_n = n;
    return 0;
}
