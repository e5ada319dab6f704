/* member.c - see member.h. */
#include "pool/member.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pf_batch *pf_member_batch(struct pf_member *member, uint64_t call, uint64_t first,
                                 uint64_t count)
{
    for (int i = 0; i < member->nflight; i++) {
        struct pf_batch *batch = &member->flight[i];
        if (batch->call == call && first == batch->lot.first && count <= batch->lot.count)
            return batch;
    }
    return NULL;
}

void pf_member_answered(struct pf_member *member, struct pf_batch *batch, size_t count)
{
    batch->lot.first += count;
    batch->lot.count -= count;
    if (batch->lot.count > 0)
        return;
    if (batch->job)
        batch->job->told[member->seat.number].last = batch->size;
    member->nflight--;
    memmove(batch, batch + 1, (size_t)(member->flight + member->nflight - batch) * sizeof *batch);
}

size_t pf_member_ahead(const struct pf_member *member, const struct pf_job *job)
{
    double ahead = 0;

    for (int i = 0; i < member->nflight; i++) {
        const struct pf_batch *batch = &member->flight[i];
        double items = (double)batch->lot.count;
        if (batch->job && batch->job != job && batch->job->item_ns > 0 && job->item_ns > 0)
            items *= batch->job->item_ns / job->item_ns;
        ahead += items;
    }
    return ahead < 1e18 ? (size_t)ahead : (size_t)1e18;
}

void pf_member_blame(const struct pf_member *member, struct pinfold_error *err)
{
    err->worker = member->seat.number;
    err->rank = member->seat.rank;
    memcpy(err->host, member->host, sizeof err->host);
}

int pf_member_ready(struct pf_member *member, const struct pf_frame *frame,
                    const struct pf_log *log, struct pinfold_error *err)
{
    struct pf_reader in = pf_reader_of(frame);
    int code = (int)(int64_t)pf_unpack_u64(&in);
    const char *text = pf_unpack_text(&in), *refused, *cpus;
    struct pinfold_error full = PINFOLD_ERROR_INIT;

    member->pid = (int64_t)pf_unpack_u64(&in);
    snprintf(member->host, sizeof member->host, "%.63s", pf_unpack_text(&in));
    cpus = pf_unpack_text(&in);
    member->bound = pf_unpack_u64(&in);
    refused = pf_unpack_text(&in);
    if (in.failed)
        return pf_fail(err, PINFOLD_E_BROKEN, "worker %d answered with a frame cut short",
                       member->seat.number);
    free(member->cpus);
    member->cpus = strdup(cpus);
    if (code) {
        full.code = PINFOLD_E_WORKER_INIT;
        pf_member_blame(member, &full);
        snprintf(full.text, sizeof full.text, "worker %d on %s could not be prepared: %.300s (%d)",
                 member->seat.number, member->host, text[0] ? text : "its init gave no reason",
                 code);
        return pf_error_give(err, &full);
    }
    if (refused[0])
        pf_log(log, PF_WARNING,
               "worker %d on %s could not be bound to its place (%s); it runs unbound on CPUs %s",
               member->seat.number, member->host, refused, cpus);
    member->generation = member->seat.generation;
    member->state = PF_SERVING;
    return 0;
}
