/* task.c - the calls inside of a function that runs. */
#include "work/task.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"

pinfold_bytes pinfold_task_arg(const pinfold_task *task)
{
    return task->arg;
}

/* Room for a result; NULL: there is none. */
static void *place(struct pinfold_task *task, size_t size)
{
    if (size > PF_ITEM_MAX)
        return NULL;
    return task->draft ? pf_draft_place(task->draft, size)
                       : pf_children_out(&task->worker->children, size);
}

void *pinfold_task_out(pinfold_task *task, size_t size)
{
    if (task->call->out_size != PF_ANY_SIZE)
        return size <= task->out_size ? task->out : NULL;
    if (!task->out || size > task->out_size)
        task->out = place(task, size);
    else if (task->draft)
        pf_draft_shrink(task->draft, size);
    task->refused = task->out ? 0 : size;
    task->out_size = task->out ? size : 0;
    return task->out;
}

size_t pinfold_task_index(const pinfold_task *task)
{
    return task->index;
}

int pinfold_task_attempt(const pinfold_task *task)
{
    return task->attempt;
}

pinfold_bytes pinfold_task_shared(const pinfold_task *task)
{
    return (pinfold_bytes){task->call->shared, task->call->shared_size};
}

int pinfold_task_fail(pinfold_task *task, int code, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    vsnprintf(task->text, sizeof task->text, fmt, args);
    va_end(args);
    return code;
}

int pinfold_task_submit(pinfold_task *task, pinfold_fn *fn, pinfold_bytes arg,
                        struct pinfold_error *err)
{
    if (!fn)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "task submit: the function is NULL");
    if (arg.size && !arg.data)
        return pf_fail(err, PINFOLD_E_ARGUMENT, "task submit: the argument's data is NULL");
    if (!task->call->family)
        return pf_fail(err, PINFOLD_E_UNSUPPORTED,
                       "task submit: only in tasks of pinfold_submit, not in those of a map or a "
                       "stream");
    return pf_children_push(&task->worker->children, task->call->fn, fn, arg, err);
}

bool pinfold_task_cancelled(pinfold_task *task)
{
    int64_t now = pf_now();

    if (now >= task->worker->limit.over)
        return true;
    if (!pf_call_cancelled(task->call, now) && now - task->worker->looked > PF_MS)
        pf_worker_take(task->worker);
    return task->call->cancelled || pf_call_stopped(task->call, task->index);
}

void *pinfold_task_state(const pinfold_task *task)
{
    return task->worker->state;
}

const struct pinfold_worker *pinfold_task_worker(const pinfold_task *task)
{
    return &task->worker->me;
}
