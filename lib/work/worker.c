/* worker.c - see worker.h. */
#include "work/worker.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "code/address.h"
#include "host/bind.h"
#include "host/memory.h"
#include "work/batch.h"

/* A process fact (HACKING.md), and one of each thread: see pf_worker_depth. What a cell or a rank is,
 * all of its threads are, those too that a task starts; what a worker thread or a driver that runs
 * tasks inline is, the threads beside it are not. */
static _Atomic int workers_of_process;
static _Thread_local int workers_here;
static _Thread_local bool threaded_here;

int pf_worker_depth(void)
{
    return atomic_load_explicit(&workers_of_process, memory_order_relaxed) + workers_here;
}

bool pf_worker_threaded(void)
{
    return threaded_here;
}

void pf_worker_setup(struct pf_worker *worker, struct pf_link *link)
{
    *worker = (struct pf_worker){.link = link, .last = &worker->first};
    worker->below = workers_here;
    worker->limit.over = PF_NEVER;
    worker->openmp_told = getenv("OMP_NUM_THREADS") != NULL;
    gethostname(worker->host, sizeof worker->host - 1);
}

static void drop_queue(struct pf_worker *worker)
{
    while (worker->first) {
        struct pf_queued *q = worker->first;
        worker->first = q->next;
        worker->link->ops->release(worker->link, q->frame);
        free(q);
    }
    worker->last = &worker->first;
    worker->queued = 0;
}

void pf_worker_clear(struct pf_worker *worker)
{
    while (worker->calls)
        pf_call_forget(&worker->calls, worker->calls->id);
    drop_queue(worker);
    pf_children_clear(&worker->children, true);
    if (worker->args)
        worker->link->ops->release(worker->link, worker->args);
    free(worker->cpus);
}

void pf_worker_forsake(struct pf_worker *worker)
{
    for (struct pf_call *call = worker->calls; call; call = call->next)
        call->cancelled = true;
    drop_queue(worker);
    worker->stop = worker->ready = false;
}

/* Tells OpenMP how wide the place is, unless the user did. The variable is for programs that are
 * started from here; a runtime that is loaded already has read it, and is told by its own call,
 * which is about the calling thread. A worker that is one thread of many leaves the environment
 * alone: others read it. */
static void tell_openmp(const struct pf_worker *worker)
{
    int width = worker->me.width;
    char text[16];
    void (*set)(int);

    if (width < 1 || worker->openmp_told)
        return;
    snprintf(text, sizeof text, "%d", width);
    if (!worker->threaded)
        setenv("OMP_NUM_THREADS", text, 1);
    *(void **)&set = dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    if (set)
        set(width);
}

/* Binds, and reads back what holds. The driver is told that, never what was asked for. */
static int take_place(struct pf_worker *worker, const char *cpus, bool bound)
{
    struct pf_cpus want, have;
    int status = 0;
    size_t size;

    if (bound)
        status = pf_cpus_parse(&want, cpus) == 0 ? pf_bind_apply(&want) : -EINVAL;
    if (pf_bind_read(&have, 0) != 0)
        pf_cpus_zero(&have);
    worker->me.bound = bound && status == 0 && pf_cpus_equal(&have, &want);
    size = (size_t)pf_cpus_print(&have, NULL, 0) + 1;
    worker->cpus = malloc(size);
    if (!worker->cpus)
        abort();
    pf_cpus_print(&have, worker->cpus, size);
    worker->me.cpus = worker->cpus;
    return bound && !worker->me.bound ? (status ? status : -EAGAIN) : 0;
}

/* "pinfold-w3-P#5": the kernel keeps 15 characters, so large numbers cost the first word. No blanks:
 * Slurm's proctrack/linuxproc reads /proc/PID/stat as words, and so would neither see a process
 * with a blank in its name nor kill it. */
static void take_title(const struct pf_worker *worker)
{
    static const char *const words[] = {"pinfold-", "pf-", ""};
    char title[64], place[24] = "";
    int cpu = -1;

    if (worker->me.bound)
        sscanf(worker->cpus, "%d", &cpu);
    if (cpu >= 0)
        snprintf(place, sizeof place, "-P#%d", cpu);
    for (int i = 0; i < 3; i++)
        if (snprintf(title, sizeof title, "%sw%d%s", words[i], worker->me.number, place) <= 15)
            break;
    prctl(PR_SET_NAME, title);
}

static void run_finish(struct pf_worker *worker)
{
    if (worker->ready && worker->finish)
        worker->finish(&worker->me, worker->state);
    worker->ready = false;
}

/* Undoes what the last INIT did. The driver waits for no answer, so there is no batch left. */
static void begin_anew(struct pf_worker *worker)
{
    run_finish(worker);
    while (worker->calls)
        pf_call_forget(&worker->calls, worker->calls->id);
    free(worker->cpus);
    worker->cpus = NULL;
    worker->state = NULL;
}

/* From here on, tasks have no more than that. */
static int limit_memory(struct pf_worker *worker, uint64_t limit, char *text, size_t text_size)
{
    int status = 0;

    if (limit == 0 || !worker->link->words)
        return 0;
    worker->memory_limit = limit;
    worker->link->words->limit = limit;
    status = pf_memory_limit(limit);
    if (status == 0)
        return 0;
    snprintf(text, text_size, "cannot limit the memory of its tasks: %s", strerror(-status));
    return PINFOLD_E_SYSTEM;
}

/* What the driver wants prepared: 0, a code of the user's, or one of ours. */
static int prepare(struct pf_worker *worker, struct pf_reader *in, char *text, size_t text_size)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pf_function *preload = NULL, *init = NULL, *finish = NULL;
    pinfold_bytes preload_arg, arg;
    int code = pf_unpack_function(in, &preload, &err);

    if (!code)
        code = pf_unpack_function(in, &init, &err);
    if (!code)
        code = pf_unpack_function(in, &finish, &err);
    preload_arg.data = pf_unpack_bytes(in, &preload_arg.size);
    arg.data = pf_unpack_bytes(in, &arg.size);
    if (in->failed)
        code = pf_fail(&err, PINFOLD_E_BROKEN, "what a worker is told of itself arrived cut short");
    if (code)
        snprintf(text, text_size, "%.383s", err.text);
    if (!code && preload && !worker->begun)
        code = ((pinfold_preload_fn *)preload)(preload_arg, text, text_size);
    if (!code && init)
        code = ((pinfold_init_fn *)init)(&worker->me, arg, &worker->state, text, text_size);
    worker->finish = (pinfold_finish_fn *)finish;
    if (!code)
        code = limit_memory(worker, pf_unpack_u64(in), text, text_size);
    return code;
}

/* Large arguments came before, in a frame of their own. */
static int prepare_apart(struct pf_worker *worker, char *text, size_t text_size)
{
    struct pf_frame *args = worker->args;
    struct pf_reader in = pf_reader_of(args);
    int code = PINFOLD_E_MEMORY;

    if (args->lost)
        snprintf(text, text_size, "out of memory for arguments of %llu bytes",
                 (unsigned long long)args->lost);
    else
        code = prepare(worker, &in, text, text_size);
    worker->args = NULL;
    worker->link->ops->release(worker->link, args);
    return code;
}

static void take_init(struct pf_worker *worker, const struct pf_frame *frame)
{
    struct pf_reader in = pf_reader_of(frame);
    const char *cpus;
    char text[384] = "";
    struct pf_buf body = {0};
    bool bound;
    int code, refused;

    if (worker->begun)
        begin_anew(worker);
    worker->me.size = sizeof worker->me;
    worker->me.number = (int)pf_unpack_u64(&in);
    worker->me.rank = (int)pf_unpack_u64(&in);
    worker->me.node = (int)pf_unpack_u64(&in);
    worker->me.slot = (int)pf_unpack_u64(&in);
    worker->me.width = (int)pf_unpack_u64(&in);
    worker->me.pid = getpid();
    worker->me.host = worker->host;
    bound = pf_unpack_u64(&in);
    cpus = pf_unpack_text(&in);
    worker->me.generation = (int)pf_unpack_u64(&in);
    refused = take_place(worker, cpus, bound);
    tell_openmp(worker);
    if (worker->titled)
        take_title(worker);

    code = worker->args ? prepare_apart(worker, text, sizeof text)
                        : prepare(worker, &in, text, sizeof text);
    worker->ready = code == 0;
    worker->begun = true;

    pf_pack_u64(&body, (uint64_t)(int64_t)code);
    pf_pack_text(&body, text);
    pf_pack_u64(&body, (uint64_t)worker->me.pid);
    pf_pack_text(&body, worker->host);
    pf_pack_text(&body, worker->cpus);
    pf_pack_u64(&body, worker->me.bound);
    pf_pack_text(&body, refused ? strerror(-refused) : "");
    struct pf_frame *ready =
        body.failed ? NULL : worker->link->ops->reserve(worker->link, body.size);
    if (!ready)
        abort();
    ready->kind = PF_READY;
    memcpy(ready->body, body.data, body.size);
    pf_link_commit(worker->link, ready, true);
    pf_buf_free(&body);
}

static void queue(struct pf_worker *worker, struct pf_frame *frame)
{
    struct pf_queued *q = calloc(1, sizeof *q);

    if (!q)
        abort();
    q->frame = frame;
    *worker->last = q;
    worker->last = &q->next;
    if (++worker->queued > worker->most)
        worker->most = worker->queued;
}

bool pf_worker_should_ring(struct pf_worker *worker)
{
    if (2 * worker->queued > worker->most)
        return false;
    worker->most = worker->queued;
    return true;
}

static bool is_in(const struct pf_frame *batch, uint64_t call, uint64_t item)
{
    return batch && batch->kind == PF_BATCH && batch->call == call && item >= batch->first &&
           item - batch->first < batch->count;
}

/* Whether the worker has an item, waiting or begun: else it has answered for it already. */
static bool has(const struct pf_worker *worker, uint64_t call, uint64_t item)
{
    for (const struct pf_queued *q = worker->first; q; q = q->next)
        if (is_in(q->frame, call, item))
            return true;
    return is_in(worker->running, call, item);
}

/* What is cancelled is answered for when its turn comes. */
static void take_cancel(struct pf_worker *worker, const struct pf_frame *frame)
{
    struct pf_call *call = pf_call_find(worker->calls, frame->call);

    if (call && !frame->count)
        call->cancelled = true;
    else if (call && has(worker, frame->call, frame->first))
        pf_call_stop(call, frame->first);
}

static void take_halt(struct pf_worker *worker, uint64_t id)
{
    struct pf_call *call = pf_call_find(worker->calls, id);

    if (call)
        call->halted = true; /* what runs of it may go on, and has a result */
}

static void take_stop(struct pf_worker *worker, const struct pf_frame *frame)
{
    struct pf_reader in = pf_reader_of(frame);

    worker->stop = true;
    worker->stop_code = (int)(int64_t)pf_unpack_u64(&in);
    snprintf(worker->stop_text, sizeof worker->stop_text, "%s", pf_unpack_text(&in));
    if (in.failed) {
        worker->stop_code = PINFOLD_E_BROKEN;
        snprintf(worker->stop_text, sizeof worker->stop_text,
                 "why the pool ends arrived cut short");
    }
}

/* Whether a frame is to be obeyed. Where others never came before it, the worker turns deaf: what it
 * did now might be something else than what it was told. */
static bool hear(struct pf_worker *worker, const struct pf_frame *frame)
{
    switch (pf_seq_take(&worker->link->heard, frame)) {
    case PF_SEQ_AGAIN:
        return false;
    case PF_SEQ_GAP:
        worker->asked = worker->deaf = true;
        break;
    default:
        break;
    }
    return !worker->deaf || frame->kind == PF_STOP || frame->kind == PF_PING;
}

/* Not where frames are taken: a result may be in the making, and a link makes one frame at a time. */
static void answer_driver(struct pf_worker *worker)
{
    struct pf_buf body = {0};
    struct pf_frame *frame;
    char text[80];

    if (worker->deaf) {
        snprintf(text, sizeof text, "frame %u for it never came: it was lost in transit",
                 worker->link->heard.missing);
        pf_pack_u64(&body, (uint64_t)(int64_t)PINFOLD_E_BROKEN);
        pf_pack_text(&body, text);
    }
    frame = body.failed ? NULL : worker->link->ops->reserve(worker->link, body.size);
    if (!frame)
        abort();
    frame->kind = worker->deaf ? PF_FAILURE : PF_ECHO;
    if (body.size)
        memcpy(frame->body, body.data, body.size);
    pf_link_commit(worker->link, frame, true);
    pf_buf_free(&body);
    worker->asked = false;
}

void pf_worker_crash(struct pf_worker *worker, size_t count)
{
    if (worker->crash > count)
        worker->crash -= count;
    else
        raise(SIGKILL);
}

void pf_worker_take(struct pf_worker *worker)
{
    struct pf_link *link = worker->link;
    struct pf_frame *frame;

    worker->looked = pf_now();
    while ((frame = link->ops->next(link))) {
        switch (hear(worker, frame) ? frame->kind : PF_KIND_NONE) {
        case PF_BATCH:
        case PF_FORGET:
            queue(worker, frame);
            continue; /* released when its turn has come */
        case PF_ARGS:
            worker->args = frame;
            continue;
        case PF_INIT:
            take_init(worker, frame);
            break;
        case PF_CALL:
            if (!pf_call_learn(&worker->calls, frame))
                abort();
            break;
        case PF_CANCEL:
            take_cancel(worker, frame);
            break;
        case PF_HALT:
            take_halt(worker, frame->call);
            break;
        case PF_STOP:
            take_stop(worker, frame);
            break;
        case PF_PING:
            worker->asked = true;
            break;
        case PF_CRASH:
            worker->crash = link->words ? frame->first : 0;
            break;
        default:
            break; /* a newer driver may say more than we know */
        }
        link->ops->release(link, frame);
    }
}

static void obey_stop(struct pf_worker *worker)
{
    struct pf_frame *bye;

    run_finish(worker);
    if (!worker->threaded)
        fflush(NULL); /* of a driver's streams, some may be locked by who reads or writes them */
    bye = worker->link->ops->reserve(worker->link, 0);
    if (bye) {
        bye->kind = PF_BYE;
        pf_link_commit(worker->link, bye, true);
    }
}

enum pf_did pf_worker_step(struct pf_worker *worker)
{
    struct pf_queued *q = worker->first;

    if (worker->asked && !worker->stop) /* STOP has an answer of its own */
        answer_driver(worker);
    if (q) {
        worker->first = q->next;
        worker->queued--;
        if (!worker->first)
            worker->last = &worker->first;
        if (q->frame->kind == PF_BATCH) {
            workers_here++;
            worker->running = q->frame;
            pf_batch_run(worker, q->frame);
            worker->running = NULL;
            workers_here--;
        } else {
            pf_call_forget(&worker->calls, q->frame->call);
        }
        worker->link->ops->release(worker->link, q->frame);
        free(q);
        return PF_DID_SOMETHING;
    }
    if (!worker->stop)
        return PF_DID_NOTHING;
    obey_stop(worker);
    return PF_DID_STOP;
}

/* Goes one deeper (1), or back (-1). */
static void descend(const struct pf_worker *worker, int by)
{
    if (!worker->threaded) {
        atomic_fetch_add_explicit(&workers_of_process, by, memory_order_relaxed);
        return;
    }
    workers_here = by > 0 ? worker->below + 1 : 0;
    threaded_here = by > 0;
}

bool pf_worker_serve(struct pf_worker *worker)
{
    bool alive = true;

    descend(worker, 1);
    while (alive) {
        enum pf_did did;
        pf_worker_take(worker);
        did = pf_worker_step(worker);
        if (did == PF_DID_STOP)
            break;
        if (did == PF_DID_NOTHING) {
            if (!worker->threaded)
                fflush(stdout); /* what tasks printed should not wait for the end of the job */
            alive = worker->link->ops->wait(worker->link);
        }
    }
    descend(worker, -1);
    return alive;
}
