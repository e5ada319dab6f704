/* The numbers of frames: what is due, what came before, and what never came. */
#include "unit.h"

#include "wire/seq.h"

static enum pf_seq_is take(struct pf_seq *seq, uint32_t number, int kind, uint64_t call)
{
    struct pf_frame *frame = pf_frame_new(kind, 0);
    enum pf_seq_is is;

    frame->seq = number;
    frame->call = call;
    is = pf_seq_take(seq, frame);
    pf_frame_free(frame);
    return is;
}

static enum pf_seq_is take_number(struct pf_seq *seq, uint32_t number)
{
    return take(seq, number, PF_BATCH, 1);
}

static void numbers__begin_with_1_and_follow_each_other(void **state)
{
    struct pf_frame *frame = pf_frame_new(PF_BATCH, 0);
    struct pf_seq seq = {0};
    uint32_t sent = 0;

    (void)state;
    for (uint32_t number = 1; number < 5; number++) {
        pf_seq_give(&sent, frame);
        assert_int_equal(frame->seq, number);
        assert_int_equal(pf_seq_take(&seq, frame), PF_SEQ_NEXT);
    }
    pf_frame_free(frame);
}

static void number__that_came_before_is_seen_however_late(void **state)
{
    struct pf_seq seq = {0};

    (void)state;
    for (uint32_t number = 1; number < 100; number++) {
        assert_int_equal(take_number(&seq, number), PF_SEQ_NEXT);
        for (uint32_t again = 1; again <= number; again++)
            assert_int_equal(take_number(&seq, again), PF_SEQ_AGAIN);
    }
}

static void gap__is_named_and_said_once(void **state)
{
    struct pf_seq seq = {0};

    (void)state;
    take_number(&seq, 1);
    assert_int_equal(take_number(&seq, 4), PF_SEQ_GAP);
    assert_int_equal(seq.missing, 2);
    assert_int_equal(take_number(&seq, 5), PF_SEQ_NEXT);
    assert_int_equal(take_number(&seq, 2), PF_SEQ_AGAIN); /* late is never */
}

static void frames__without_a_number_are_not_counted(void **state)
{
    struct pf_seq seq = {0};

    (void)state;
    assert_int_equal(take_number(&seq, 0), PF_SEQ_NEXT);
    assert_int_equal(take_number(&seq, 0), PF_SEQ_NEXT);
    assert_int_equal(take_number(&seq, 1), PF_SEQ_NEXT);
}

static void shared_frames__are_counted_and_known_again(void **state)
{
    struct pf_seq seq = {0};

    (void)state;
    assert_int_equal(take(&seq, PF_SEQ_SHARED, PF_ARGS, 0), PF_SEQ_NEXT);
    assert_int_equal(take(&seq, PF_SEQ_SHARED, PF_ARGS, 0), PF_SEQ_AGAIN);
    assert_int_equal(take_number(&seq, 2), PF_SEQ_NEXT);
    assert_int_equal(take(&seq, PF_SEQ_SHARED, PF_CALL, 7), PF_SEQ_NEXT);
    assert_int_equal(take(&seq, PF_SEQ_SHARED, PF_CALL, 8), PF_SEQ_NEXT);
    assert_int_equal(take_number(&seq, 5), PF_SEQ_NEXT);
    assert_int_equal(take(&seq, PF_SEQ_SHARED, PF_CALL, 8), PF_SEQ_NEXT); /* 6, which never came: */
    assert_int_equal(take_number(&seq, 8), PF_SEQ_GAP);                   /* 7 did not either */
    assert_int_equal(seq.missing, 7);
}

static void numbers__go_round_without_the_two_that_mean_something(void **state)
{
    uint32_t sent = PF_SEQ_SHARED - 3;
    struct pf_seq seq = {.last = sent};
    struct pf_frame *frame = pf_frame_new(PF_BATCH, 0);

    (void)state;
    for (int i = 0; i < 6; i++) {
        pf_seq_give(&sent, frame);
        assert_int_not_equal(frame->seq, 0);
        assert_int_not_equal(frame->seq, PF_SEQ_SHARED);
        assert_int_equal(pf_seq_take(&seq, frame), PF_SEQ_NEXT);
        assert_int_equal(pf_seq_take(&seq, frame), PF_SEQ_AGAIN);
    }
    pf_frame_free(frame);
}

static void death__behind_frames_that_never_came_is_seen(void **state)
{
    struct pf_seq seq = {.last = 7};

    (void)state;
    assert_false(pf_seq_lacks(&seq, 0)); /* nobody knows */
    assert_false(pf_seq_lacks(&seq, 8));
    assert_false(pf_seq_lacks(&seq, 5)); /* the word was older than the frame */
    assert_true(pf_seq_lacks(&seq, 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers__begin_with_1_and_follow_each_other),
        cmocka_unit_test(number__that_came_before_is_seen_however_late),
        cmocka_unit_test(gap__is_named_and_said_once),
        cmocka_unit_test(frames__without_a_number_are_not_counted),
        cmocka_unit_test(shared_frames__are_counted_and_known_again),
        cmocka_unit_test(numbers__go_round_without_the_two_that_mean_something),
        cmocka_unit_test(death__behind_frames_that_never_came_is_seen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
