/* link.h - a link in memory: what a test says to a worker, and what the worker answers. */
#ifndef TESTS_UNIT_LINK_H
#define TESTS_UNIT_LINK_H

#include "unit.h"

#include "wire/duct.h"
#include "work/batch.h"
#include "work/worker.h"

#define LINK_MAX 64

struct memory_link {
    struct pf_link link;
    struct pf_worker worker;
    _Atomic uint32_t busy;
    struct pf_present present; /* said there, where a test wants it */
    struct pf_frame *down[LINK_MAX], *up[LINK_MAX];
    bool rung[LINK_MAX]; /* the driver was woken with that answer */
    int ndown, taken, nup, heard;
    int waits;   /* how often the worker may sleep before its driver is gone */
    size_t most; /* no larger frame finds memory; 0: each does */
    int held;    /* frames that are handed out and not released */
};

static struct memory_link *of_memory(struct pf_link *link)
{
    return (struct memory_link *)link;
}

static struct pf_frame *memory_next(struct pf_link *link)
{
    struct memory_link *m = of_memory(link);

    if (m->taken == m->ndown)
        return NULL;
    m->held++;
    return m->down[m->taken++];
}

static void memory_release(struct pf_link *link, struct pf_frame *frame)
{
    of_memory(link)->held--;
    pf_frame_free(frame);
}

static struct pf_frame *memory_reserve(struct pf_link *link, size_t body)
{
    size_t most = of_memory(link)->most;

    return most && body > most ? NULL : pf_frame_new(PF_KIND_NONE, body);
}

static void memory_commit(struct pf_link *link, struct pf_frame *frame, bool ring)
{
    struct memory_link *m = of_memory(link);

    assert_true(m->nup < LINK_MAX);
    m->rung[m->nup] = ring;
    m->up[m->nup++] = frame;
}

static void memory_abandon(struct pf_link *link, struct pf_frame *frame)
{
    (void)link;
    free(frame);
}

static bool memory_wait(struct pf_link *link)
{
    return of_memory(link)->waits-- > 0;
}

static const struct pf_link_ops memory_ops = {memory_next,   memory_release, memory_reserve,
                                              memory_commit, memory_abandon, memory_wait};

static inline struct memory_link *memory_open(void)
{
    struct memory_link *m = calloc(1, sizeof *m);

    m->link = (struct pf_link){.ops = &memory_ops, .busy = &m->busy};
    pf_worker_setup(&m->worker, &m->link);
    return m;
}

/* Everything was heard, and nothing is held. */
static inline void memory_close(struct memory_link *m)
{
    pf_worker_clear(&m->worker);
    assert_int_equal(m->held, 0);
    while (m->taken < m->ndown)
        free(m->down[m->taken++]);
    for (int i = 0; i < m->nup; i++)
        free(m->up[i]);
    free(m);
}

static inline struct pf_frame *say(struct memory_link *m, int kind, uint64_t call, size_t size)
{
    struct pf_frame *frame = pf_frame_new(kind, size);

    assert_true(m->ndown < LINK_MAX);
    frame->call = call;
    m->down[m->ndown++] = frame;
    return frame;
}

/* A frame that was made elsewhere; the link takes it. */
static inline void say_frame(struct memory_link *m, struct pf_frame *frame)
{
    assert_true(m->ndown < LINK_MAX);
    m->down[m->ndown++] = frame;
}

static inline void say_body(struct memory_link *m, int kind, uint64_t call, struct pf_buf *body)
{
    memcpy(say(m, kind, call, body->size)->body, body->data, body->size);
    pf_buf_free(body);
}

static inline void say_stop(struct memory_link *m, int code, const char *text)
{
    struct pf_buf body = {0};

    pf_pack_u64(&body, (uint64_t)(int64_t)code);
    pf_pack_text(&body, text);
    say_body(m, PF_STOP, 0, &body);
}

/* Takes what was said and does it, until there is nothing to do. */
static inline void work(struct memory_link *m)
{
    do
        pf_worker_take(&m->worker);
    while (pf_worker_step(&m->worker) == PF_DID_SOMETHING);
}

/* The next answer, which must be of this kind and about these items. */
static inline struct pf_frame *hear(struct memory_link *m, int kind, uint64_t call, uint64_t first,
                                    uint64_t count)
{
    struct pf_frame *frame;

    assert_true(m->heard < m->nup);
    frame = m->up[m->heard++];
    assert_string_equal(pf_kind_name(frame->kind), pf_kind_name(kind));
    assert_int_equal(frame->call, call);
    assert_int_equal(frame->first, first);
    assert_int_equal(frame->count, count);
    return frame;
}

/* The results of these items, each an int. A worker that was held up sends what it has, so they may
 * come in several frames. What `expected` says of an index, the result must be. */
static inline void hear_results(struct memory_link *m, uint64_t call, uint64_t first,
                                uint64_t count, int (*expected)(uint64_t index))
{
    while (count > 0) {
        struct pf_frame *frame;
        assert_true(m->heard < m->nup);
        frame = m->up[m->heard];
        assert_in_range(frame->count, 1, count);
        hear(m, PF_RESULT, call, first, frame->count);
        assert_int_equal(frame->size, expected ? frame->count * sizeof(int) : 0);
        for (uint64_t i = 0; expected && i < frame->count; i++)
            assert_int_equal(((int *)frame->body)[i], expected(first + i));
        first += frame->count;
        count -= frame->count;
    }
}

/* The driver is woken with the last answer, so that nothing waits for it in vain. */
static inline void hear_nothing(const struct memory_link *m)
{
    assert_int_equal(m->heard, m->nup);
    assert_true(m->nup == 0 || m->rung[m->nup - 1]);
}

#endif
