/* family.c - see family.h. */
#include "task/family.h"

#include <stdio.h>
#include <stdlib.h>

#include "task/failure.h"
#include "work/call.h"
#include "work/children.h"

static void note_failure(struct pf_family *family, const struct pinfold_error *error)
{
    if (!family->failure)
        family->failure = pf_failure_of(error);
}

static int add_child(struct pinfold_future *parent, pinfold_fn *fn, pinfold_bytes arg,
                     struct pinfold_error *err)
{
    struct pf_queue *queue;
    struct pinfold_future *child;
    struct pf_alike alike = parent->queue->alike;
    int code;

    alike.fn = fn;
    code = pf_queue_get(&queue, parent->queue->pool, &alike, err);
    if (code)
        return code;
    child = pf_future_new(queue, parent->line->priority, arg);
    if (!child)
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a task of %zu bytes", arg.size);
    child->family = parent->family;
    pf_queue_add_child(queue, child, parent->age);
    parent->family->open++;
    return 0;
}

void pf_family_grow(struct pinfold_future *parent, pinfold_bytes children)
{
    const unsigned char *data = children.data;
    struct pf_reader in = {.at = data, .end = data + children.size};
    struct pf_family *family = parent->family;
    struct pinfold_error error;
    pinfold_bytes arg;
    pinfold_fn *fn;

    if (!family) {
        family = calloc(1, sizeof *family);
        if (!family)
            abort(); /* see failure.c */
        *family =
            (struct pf_family){.root = parent, .open = 1, .combine = parent->queue->alike.combine};
        parent->family = family;
    }
    pf_children_unpack_failure(&in, &error);
    if (error.code)
        note_failure(family, &error);
    if (family->root->stopped) {
        pf_fail(&error, PINFOLD_E_CANCELLED, PF_STOPPED);
        note_failure(family, &error);
        return;
    }
    error = (struct pinfold_error)PINFOLD_ERROR_INIT;
    while (pf_children_unpack(&in, parent->queue->alike.fn, &fn, &arg, &error))
        if (error.code || add_child(parent, fn, arg, &error) != 0)
            note_failure(family, &error);
}

/* One task less, with or without a failure of its own; the last one completes the root. */
static void leave(struct pinfold_future *future, struct pf_failure *failure)
{
    struct pf_family *family = future->family;
    struct pinfold_future *root = family->root;

    if (future != root)
        pf_future_complete_as(future, PINFOLD_FINISHED, failure);
    if (--family->open > 0)
        return;
    root->family = NULL;
    pf_future_complete_as(root, PINFOLD_FINISHED, family->failure);
    free(family);
}

static void combine(struct pf_family *family, pinfold_bytes result, const struct pf_frame *frame)
{
    struct pinfold_future *root = family->root;
    struct pinfold_error error = PINFOLD_ERROR_INIT;

    if (family->failure || !family->combine || result.size == 0)
        return;
    if (root->size == result.size) {
        family->combine(root->data, result.data, (pinfold_bytes){0});
    } else if (root->size > 0) {
        error.code = PINFOLD_E_ARGUMENT;
        snprintf(error.text, sizeof error.text, PF_UNLIKE_RESULTS, root->size, result.size);
        note_failure(family, &error);
    } else if (!pf_future_keep(root, result, frame, &error)) {
        note_failure(family, &error);
    }
}

void pf_family_result(struct pinfold_future *future, pinfold_bytes result,
                      const struct pf_frame *frame)
{
    struct pf_family *family = future->family;
    struct pinfold_error error = PINFOLD_ERROR_INIT;

    if (future != family->root)
        combine(family, result, frame);
    else if (!pf_future_keep(future, result, frame, &error))
        note_failure(family, &error);
    leave(future, NULL);
}

void pf_family_fail(struct pinfold_future *future, const struct pinfold_error *error)
{
    note_failure(future->family, error);
    leave(future, future != future->family->root ? pf_failure_of(error) : NULL);
}
