/* children.c - see children.h. */
#include "work/children.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "code/address.h"

static void drop_above(struct pf_children *children, const struct pf_child *mark)
{
    while (children->top != mark)
        free(pf_children_pop(children));
}

void pf_children_clear(struct pf_children *children, bool all)
{
    drop_above(children, NULL);
    children->failed.code = 0;
    if (!all)
        return;
    pf_buf_free(&children->address);
    children->other = NULL;
    free(children->out);
    children->out = NULL;
    children->out_room = 0;
}

static size_t weight(size_t arg_size)
{
    return sizeof(struct pf_child) + arg_size;
}

/* Most tasks make tasks of their own function, or of one other. */
static int learn_address(struct pf_children *children, pinfold_fn *fn, struct pinfold_error *err)
{
    struct pf_buf address = {0};
    int code;

    if (fn == children->other)
        return 0;
    code = pf_pack_function(&address, (pf_function *)fn, err);
    if (!code && address.failed)
        code = pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a function's address");
    if (code) {
        pf_buf_free(&address);
        return code;
    }
    pf_buf_free(&children->address);
    children->address = address;
    children->other = fn;
    return 0;
}

int pf_children_push(struct pf_children *children, pinfold_fn *own, pinfold_fn *fn,
                     pinfold_bytes arg, struct pinfold_error *err)
{
    struct pf_child *child;
    int code = 0;

    if (arg.size > PF_ITEM_MAX || children->bytes + weight(arg.size) > PF_ITEM_MAX)
        return pf_fail(err, PINFOLD_E_TOO_BIG,
                       "task submit: an argument of %zu bytes, beside %zu bytes of other tasks "
                       "that this one made, is more than %zu",
                       arg.size, children->bytes, PF_ITEM_MAX);
    if (fn != own)
        code = learn_address(children, fn, err);
    if (code)
        return code;
    child = malloc(sizeof *child + arg.size);
    if (!child)
        return pf_fail(err, PINFOLD_E_MEMORY, "task submit: out of memory for %zu bytes", arg.size);
    child->below = children->top;
    child->fn = fn;
    child->size = arg.size;
    if (arg.size)
        memcpy(child->arg, arg.data, arg.size);
    children->top = child;
    children->bytes += weight(arg.size);
    return 0;
}

struct pf_child *pf_children_pop(struct pf_children *children)
{
    struct pf_child *child = children->top;

    if (child) {
        children->top = child->below;
        children->bytes -= weight(child->size);
    }
    return child;
}

void pf_children_fail(struct pf_children *children, const struct pf_child *mark,
                      const struct pinfold_error *why)
{
    drop_above(children, mark);
    if (!children->failed.code)
        children->failed = *why;
}

void *pf_children_out(struct pf_children *children, size_t size)
{
    if (size > children->out_room || !children->out) {
        size_t room = size > 4096 ? size : 4096;
        free(children->out);
        children->out = malloc(room);
        children->out_room = children->out ? room : 0;
    }
    if (children->out)
        memset(children->out, 0, size);
    return children->out;
}

bool pf_children_any(const struct pf_children *children)
{
    return children->top || children->failed.code;
}

/* Turns the stack over. */
static void oldest_first(struct pf_children *children)
{
    struct pf_child *turned = NULL, *child;

    while ((child = children->top)) {
        children->top = child->below;
        child->below = turned;
        turned = child;
    }
    children->top = turned;
}

void pf_children_pack(struct pf_children *children, pinfold_fn *own, struct pf_buf *body)
{
    const struct pinfold_error *failed = &children->failed;
    struct pf_child *child;

    pf_pack_u64(body, (uint64_t)(int64_t)failed->code);
    pf_pack_u64(body, (uint64_t)(int64_t)failed->worker);
    pf_pack_u64(body, (uint64_t)(int64_t)failed->rank);
    pf_pack_text(body, failed->code ? failed->host : "");
    pf_pack_text(body, failed->code ? failed->text : "");
    oldest_first(children);
    while ((child = pf_children_pop(children))) {
        pf_pack_u64(body, child->fn != own);
        if (child->fn == children->other && child->fn != own)
            pf_buf_add(body, children->address.data, children->address.size);
        else if (child->fn != own)
            pf_pack_function(body, (pf_function *)child->fn, NULL); /* push has seen that it can */
        pf_pack_bytes(body, child->arg, child->size);
        free(child);
    }
    children->failed.code = 0;
}

void pf_children_unpack_failure(struct pf_reader *in, struct pinfold_error *failed)
{
    *failed = (struct pinfold_error)PINFOLD_ERROR_INIT;
    failed->code = (int)(int64_t)pf_unpack_u64(in);
    failed->attempt = failed->code ? 1 : 0;
    failed->worker = (int)(int64_t)pf_unpack_u64(in);
    failed->rank = (int)(int64_t)pf_unpack_u64(in);
    snprintf(failed->host, sizeof failed->host, "%.63s", pf_unpack_text(in));
    snprintf(failed->text, sizeof failed->text, "%.511s", pf_unpack_text(in));
}

bool pf_children_unpack(struct pf_reader *in, pinfold_fn *own, pinfold_fn **fn, pinfold_bytes *arg,
                        struct pinfold_error *err)
{
    pf_function *other = (pf_function *)own;
    bool more = in->at < in->end && !in->failed;

    err->code = 0;
    if (more && pf_unpack_u64(in) != 0)
        pf_unpack_function(in, &other, err);
    *fn = (pinfold_fn *)other;
    if (more)
        arg->data = pf_unpack_bytes(in, &arg->size);
    if (more && !other && !err->code)
        pf_fail(err, PINFOLD_E_BROKEN, "a task that a task made arrived without its function");
    if (in->failed)
        pf_fail(err, PINFOLD_E_BROKEN, "tasks that a task made arrived cut short");
    return more;
}
