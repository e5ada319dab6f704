/* The ring of frames: against a queue, across the wrap, released in any order, between threads. */
#define _GNU_SOURCE
#include "unit.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include "wire/ring.h"

/* Both ends of a ring, as two processes would map it. */
struct pair {
    int fd;
    struct pf_ring_shared *shared;
    struct pf_ring producer, consumer;
};

static struct pair *pair_new(void)
{
    struct pair *pair = calloc(1, sizeof *pair);

    pair->fd = memfd_create("ring", MFD_CLOEXEC);
    assert_true(pair->fd >= 0);
    assert_int_equal(ftruncate(pair->fd, PF_RING_SIZE), 0);
    pair->shared = aligned_alloc(64, sizeof *pair->shared);
    memset(pair->shared, 0, sizeof *pair->shared);
    assert_int_equal(pf_ring_map(&pair->producer, pair->shared, pair->fd, 0), 0);
    assert_int_equal(pf_ring_map(&pair->consumer, pair->shared, pair->fd, 0), 0);
    return pair;
}

static void pair_free(struct pair *pair)
{
    pf_ring_unmap(&pair->producer);
    pf_ring_unmap(&pair->consumer);
    close(pair->fd);
    free(pair->shared);
    free(pair);
}

/* A frame whose content tells its number. */
static bool produce(struct pair *pair, uint64_t number, size_t body)
{
    struct pf_frame *frame = pf_ring_reserve(&pair->producer, body);

    if (!frame)
        return false;
    frame->kind = PF_BATCH;
    frame->first = number;
    memset(frame->body, (int)(number % 251), body);
    pf_ring_commit(&pair->producer, frame);
    return true;
}

static void check(const struct pf_frame *frame, uint64_t number, size_t body)
{
    assert_int_equal(frame->kind, PF_BATCH);
    assert_int_equal(frame->first, number);
    assert_int_equal(frame->size, body);
    for (size_t i = 0; i < body; i++)
        if (frame->body[i] != number % 251)
            fail_msg("byte %zu of frame %llu", i, (unsigned long long)number);
}

static struct pf_frame *consume(struct pair *pair)
{
    bool broken = false;
    struct pf_frame *frame = pf_ring_next(&pair->consumer, &broken);

    assert_false(broken);
    return frame;
}

static void ring__is_empty_at_first(void **state)
{
    struct pair *pair = pair_new();

    (void)state;
    assert_null(consume(pair));
    assert_null(pf_ring_draft(&pair->consumer));
    pair_free(pair);
}

static void ring__keeps_order_and_content_across_the_wrap(void **state)
{
    struct pair *pair = pair_new();
    uint64_t seed = 5, bytes = 0;

    (void)state;
    for (uint64_t number = 0; bytes < 20 * (uint64_t)PF_RING_SIZE; number++) {
        size_t body = random_below(&seed, PF_BODY_MAX + 1);
        struct pf_frame *frame;
        assert_true(produce(pair, number, body));
        frame = consume(pair);
        assert_int_equal((uintptr_t)frame % 64, 0);
        check(frame, number, body);
        pf_ring_release(&pair->consumer, frame);
        bytes += body;
    }
    pair_free(pair);
}

static void ring__refuses_when_it_is_full_and_takes_it_up_again(void **state)
{
    struct pair *pair = pair_new();
    uint64_t produced = 0, consumed = 0;
    struct pf_frame *frame;

    (void)state;
    for (int lap = 0; lap < 5; lap++) {
        while (produce(pair, produced, 1000))
            produced++;
        assert_int_equal(produced - consumed, PF_RING_SIZE / (64 + 1024));
        frame = consume(pair);
        assert_false(produce(pair, produced, 1000)); /* handed out is not free */
        check(frame, consumed++, 1000);
        pf_ring_release(&pair->consumer, frame);
        assert_true(produce(pair, produced++, 1000));
        while ((frame = consume(pair))) {
            check(frame, consumed++, 1000);
            pf_ring_release(&pair->consumer, frame);
        }
        assert_int_equal(consumed, produced);
    }
    pair_free(pair);
}

static void ring__can_be_filled_to_its_last_byte(void **state)
{
    struct pair *pair = pair_new();
    struct pf_frame *frame;

    (void)state;
    for (uint64_t n = 0; n < PF_RING_SIZE / 1024; n++)
        assert_true(produce(pair, n, 1024 - 64));
    assert_null(pf_ring_reserve(&pair->producer, 0));
    for (uint64_t n = 0; n < PF_RING_SIZE / 1024; n++) {
        frame = consume(pair);
        check(frame, n, 1024 - 64);
        pf_ring_release(&pair->consumer, frame);
    }
    assert_null(consume(pair));
    pair_free(pair);
}

static void reserve__refuses_what_never_fits(void **state)
{
    struct pair *pair = pair_new();

    (void)state;
    assert_null(pf_ring_reserve(&pair->producer, PF_RING_SIZE));
    assert_null(pf_ring_reserve(&pair->producer, SIZE_MAX));
    assert_null(pf_ring_reserve(&pair->producer, SIZE_MAX - 64));
    assert_non_null(pf_ring_reserve(&pair->producer, PF_BODY_MAX));
    pair_free(pair);
}

static void reserve__zeroes_the_header_that_an_older_frame_left(void **state)
{
    struct pair *pair = pair_new();
    struct pf_frame *frame, zero = {0};

    (void)state;
    for (int n = 0; n < 3 * PF_RING_SIZE / 192; n++) {
        frame = pf_ring_reserve(&pair->producer, 100);
        zero.size = 100;
        assert_memory_equal(frame, &zero, sizeof zero);
        memset(frame, 0xff, sizeof *frame + 100);
        frame->size = 100;
        pf_ring_commit(&pair->producer, frame);
        pf_ring_release(&pair->consumer, consume(pair));
    }
    pair_free(pair);
}

static void commit__may_make_a_frame_smaller(void **state)
{
    struct pair *pair = pair_new();
    struct pf_frame *frame = pf_ring_reserve(&pair->producer, 50000);

    (void)state;
    frame->size = 10;
    pf_ring_commit(&pair->producer, frame);
    frame = consume(pair);
    assert_int_equal(frame->size, 10);
    pf_ring_release(&pair->consumer, frame);
    assert_int_equal(atomic_load(&pair->shared->head), 128);
    pair_free(pair);
}

/* In any order, and the producer is checked against what is free by a trivial count. */
static void release__in_any_order_gives_all_of_the_room_back(void **state)
{
    struct pair *pair = pair_new();
    struct {
        struct pf_frame *frame;
        uint64_t number;
        size_t body;
    } held[8];
    uint64_t produced = 0, consumed = 0, seed = 7;
    size_t bodies[64], nheld = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        uint64_t what = random_below(&seed, 3);
        size_t body = random_below(&seed, 8000);
        if (what == 0) {
            if (produced - consumed < COUNT_OF(bodies) && produce(pair, produced, body))
                bodies[produced++ % COUNT_OF(bodies)] = body;
        } else if (what == 1 && nheld < COUNT_OF(held)) {
            struct pf_frame *frame = consume(pair);
            assert_int_equal(frame == NULL, consumed == produced);
            if (frame) {
                held[nheld].frame = frame;
                held[nheld].number = consumed;
                held[nheld++].body = bodies[consumed++ % COUNT_OF(bodies)];
            }
        } else if (what == 2 && nheld > 0) {
            size_t i = random_below(&seed, nheld);
            check(held[i].frame, held[i].number, held[i].body); /* untouched while it is held */
            pf_ring_release(&pair->consumer, held[i].frame);
            held[i] = held[--nheld];
        }
    }
    while (nheld > 0)
        pf_ring_release(&pair->consumer, held[--nheld].frame);
    for (struct pf_frame *frame; (frame = consume(pair));)
        pf_ring_release(&pair->consumer, frame);
    assert_int_equal(atomic_load(&pair->shared->tail), atomic_load(&pair->shared->head));
    assert_true(atomic_load(&pair->shared->head) > 4 * PF_RING_SIZE);
    pair_free(pair);
}

static void draft__is_there_while_a_frame_is_filled(void **state)
{
    struct pair *pair = pair_new();
    struct pf_frame *frame;

    (void)state;
    assert_true(produce(pair, 0, 10));
    frame = pf_ring_reserve(&pair->producer, 1000);
    frame->kind = PF_RESULT;
    frame->count = 3;
    memset(frame->body, 7, 300);
    pf_ring_release(&pair->consumer, consume(pair)); /* what was published goes first */
    assert_null(consume(pair));
    frame = pf_ring_draft(&pair->consumer);
    assert_int_equal(frame->kind, PF_RESULT);
    assert_int_equal(frame->count, 3);
    assert_int_equal(frame->body[299], 7);
    pair_free(pair);
}

static void draft__is_gone_behind_the_commit(void **state)
{
    struct pair *pair = pair_new();

    (void)state;
    assert_true(produce(pair, 0, 10));
    pf_ring_release(&pair->consumer, consume(pair));
    assert_null(pf_ring_draft(&pair->consumer));
    pair_free(pair);
}

static void holds__is_about_this_ring_only(void **state)
{
    struct pair *one = pair_new(), *two = pair_new();
    struct pf_frame *frame = pf_ring_reserve(&one->producer, 100), *heap = pf_frame_new(0, 100);

    (void)state;
    assert_true(pf_ring_holds(&one->producer, frame));
    assert_false(pf_ring_holds(&two->producer, frame));
    assert_false(pf_ring_holds(&one->producer, heap));
    free(heap);
    pair_free(one);
    pair_free(two);
}

static void nonsense__is_broken_and_never_handed_out(void **state)
{
    static const uint64_t sizes[] = {200, PF_RING_SIZE, PF_RING_SIZE + 1, UINT64_MAX,
                                     UINT64_MAX - 64};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct pair *pair = pair_new();
        struct pf_frame *frame = pf_ring_reserve(&pair->producer, 100);
        bool broken = false;
        pf_ring_commit(&pair->producer, frame);
        frame->size = sizes[i]; /* a stray write of user code */
        assert_null(pf_ring_next(&pair->consumer, &broken));
        assert_true(broken);
        pair_free(pair);
    }
}

static void nonsense__in_the_head_is_broken_too(void **state)
{
    static const uint64_t heads[] = {1, 63, PF_RING_SIZE + 64, UINT64_MAX, 1ull << 40};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        struct pair *pair = pair_new();
        bool broken = false;
        atomic_store(&pair->shared->head, heads[i]);
        assert_null(pf_ring_next(&pair->consumer, &broken));
        assert_true(broken);
        pair_free(pair);
    }
}

/* Two threads: the consumer holds a few frames back, so that the producer meets a full ring. */
#define FRAMES 30000

static void *producing(void *data)
{
    struct pair *pair = data;
    uint64_t seed = 11;

    for (uint64_t number = 0; number < FRAMES; number++) {
        size_t body = random_below(&seed, 3000);
        while (!produce(pair, number, body))
            sched_yield();
    }
    return NULL;
}

static void ring__between_two_threads_loses_and_mixes_nothing(void **state)
{
    struct pair *pair = pair_new();
    struct pf_frame *held[5] = {0};
    uint64_t seed = 11, order = 13;
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, producing, pair), 0);
    for (uint64_t number = 0; number < FRAMES; number++) {
        size_t body = random_below(&seed, 3000), i = random_below(&order, COUNT_OF(held));
        struct pf_frame *frame;
        while (!(frame = consume(pair)))
            sched_yield();
        check(frame, number, body);
        if (held[i])
            pf_ring_release(&pair->consumer, held[i]);
        held[i] = frame;
    }
    pthread_join(thread, NULL);
    assert_null(consume(pair));
    pair_free(pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ring__is_empty_at_first),
        cmocka_unit_test(ring__keeps_order_and_content_across_the_wrap),
        cmocka_unit_test(ring__refuses_when_it_is_full_and_takes_it_up_again),
        cmocka_unit_test(ring__can_be_filled_to_its_last_byte),
        cmocka_unit_test(reserve__refuses_what_never_fits),
        cmocka_unit_test(reserve__zeroes_the_header_that_an_older_frame_left),
        cmocka_unit_test(commit__may_make_a_frame_smaller),
        cmocka_unit_test(release__in_any_order_gives_all_of_the_room_back),
        cmocka_unit_test(draft__is_there_while_a_frame_is_filled),
        cmocka_unit_test(draft__is_gone_behind_the_commit),
        cmocka_unit_test(holds__is_about_this_ring_only),
        cmocka_unit_test(nonsense__is_broken_and_never_handed_out),
        cmocka_unit_test(nonsense__in_the_head_is_broken_too),
        cmocka_unit_test(ring__between_two_threads_loses_and_mixes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
