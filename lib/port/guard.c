/* guard.c - see guard.h. */
#include "port/guard.h"

#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "work/limit.h"

struct pf_condemned {
    struct pf_condemned *next;
    struct pf_sentence sentence;
    int64_t grace, until;
};

/* Of the calls before, all is answered for. */
static void forgive_all(struct pf_guard *guard)
{
    while (guard->condemned) {
        struct pf_condemned *one = guard->condemned;
        guard->condemned = one->next;
        free(one);
    }
    guard->limit = 0;
}

static void condemn(struct pf_guard *guard, const struct pf_frame *cancel)
{
    struct pf_condemned *one = malloc(sizeof *one);

    if (!one)
        return; /* it lasts until the pool is closed */
    *one = (struct pf_condemned){.next = guard->condemned,
                                 .sentence = {cancel->call, cancel->first, cancel->count > 0},
                                 .grace = cancel->ns,
                                 .until = pf_now() + cancel->ns};
    guard->condemned = one;
}

void pf_guard_sent(struct pf_guard *guard, const struct pf_frame *frame)
{
    if (frame->kind == PF_BATCH) {
        guard->owed += frame->count;
        if (frame->ns > 0 && (!guard->limit || frame->ns < guard->limit))
            guard->limit = frame->ns;
    } else if (frame->kind == PF_CANCEL && frame->ns > 0 && frame->ns != PF_NEVER &&
               guard->owed > 0) {
        condemn(guard, frame);
    }
}

void pf_guard_came(struct pf_guard *guard, const struct pf_frame *frame)
{
    if (frame->kind != PF_RESULT && frame->kind != PF_FAILURE && frame->kind != PF_DROPPED)
        return;
    guard->owed -= frame->count < guard->owed ? frame->count : guard->owed;
    if (!guard->owed)
        forgive_all(guard);
}

static int64_t kill_at(struct pf_duct *duct)
{
    return atomic_load_explicit(&pf_duct_present(duct)->kill_at, memory_order_acquire);
}

/* Whether the worker is at it, or was when it died. */
static bool is_at(struct pf_duct *duct, const struct pf_sentence *sentence)
{
    const struct pf_present *present = pf_duct_present(duct);

    return atomic_load_explicit(&present->call, memory_order_acquire) == sentence->call &&
           (!sentence->alone ||
            atomic_load_explicit(&present->item, memory_order_acquire) == sentence->item);
}

static bool is_overdue(struct pf_guard *guard, struct pf_duct *duct, int64_t now)
{
    int64_t at = guard->limit ? kill_at(duct) : 0;

    if (!at || now < at)
        return false;
    guard->killed_at = at;
    return true;
}

/* A call that is not being run when its time has come may still begin, if the worker was slow to
 * hear that it is cancelled: so it is kept. */
static bool is_condemned(struct pf_guard *guard, struct pf_duct *duct, int64_t now)
{
    for (struct pf_condemned *one = guard->condemned; one; one = one->next) {
        if (now < one->until)
            continue;
        if (is_at(duct, &one->sentence)) {
            guard->killed_for = one->sentence;
            return true;
        }
        one->until = now + one->grace;
    }
    return false;
}

bool pf_guard_look(struct pf_guard *guard, struct pf_duct *duct, int64_t now)
{
    if (guard->killed)
        return false;
    guard->killed = is_overdue(guard, duct, now) || is_condemned(guard, duct, now);
    return guard->killed;
}

void pf_guard_arm(const struct pf_guard *guard, struct pf_duct *duct, struct pf_nap *nap)
{
    int64_t at;

    if (guard->killed)
        return;
    if (guard->limit) {
        at = kill_at(duct);
        pf_nap_until(nap, at ? at : pf_now() + guard->limit + pf_limit_grace(guard->limit));
    }
    for (const struct pf_condemned *one = guard->condemned; one; one = one->next)
        pf_nap_until(nap, one->until);
}

void pf_guard_explain(const struct pf_guard *guard, struct pf_duct *duct, struct pf_event *loss)
{
    if (!guard->killed || loss->code != PINFOLD_E_TASK_SIGNAL || loss->status != SIGKILL)
        return;
    if (guard->killed_at && kill_at(duct) == guard->killed_at)
        loss->code = PINFOLD_E_TASK_TIME;
    else if (!guard->killed_for.call || !is_at(duct, &guard->killed_for))
        loss->busy = false;
    else if (guard->killed_for.alone)
        loss->code = PINFOLD_E_CANCELLED;
}

void pf_guard_clear(struct pf_guard *guard)
{
    forgive_all(guard);
    *guard = (struct pf_guard){0};
}
