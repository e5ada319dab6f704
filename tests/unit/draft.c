/* Results in the making: what is sent and when, and what of it a driver could see before. */
#include "link.h"

#include "wire/record.h"
#include "work/draft.h"

static struct pf_draft draft_of(struct memory_link *m, size_t out_size)
{
    return (struct pf_draft){
        .link = &m->link, .call = 3, .next = 5, .end = 1000, .out_size = out_size};
}

static void fixed_results__are_sent_as_far_as_they_are_done(void **state)
{
    struct memory_link *m = memory_open();
    struct pf_draft draft = draft_of(m, sizeof(int));
    struct pf_frame *frame;

    (void)state;
    for (int i = 5; i < 8; i++) {
        int *out = pf_draft_next(&draft, 1);
        assert_int_equal(*out, 0);
        *out = -i;
        assert_int_equal(draft.frame->count, i - 5); /* it counts when it is done */
        if (i < 7)
            pf_draft_done(&draft, 1);
    }
    pf_draft_commit(&draft, true);
    frame = hear(m, PF_RESULT, 3, 5, 2);
    assert_true(m->rung[0]);
    assert_int_equal(frame->size, 2 * sizeof(int));
    assert_int_equal(((int *)frame->body)[1], -6);
    pf_draft_commit(&draft, true); /* nothing is done */
    assert_int_equal(m->nup, 1);
    memory_close(m);
}

static void ranges__are_zeroed_and_count_at_once(void **state)
{
    struct memory_link *m = memory_open();
    struct pf_draft draft = draft_of(m, sizeof(int));
    int *out = pf_draft_next(&draft, 100);

    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(out[i], 0);
    pf_draft_done(&draft, 100);
    pf_draft_commit(&draft, false);
    assert_int_equal(hear(m, PF_RESULT, 3, 5, 100)->size, 100 * sizeof(int));
    memory_close(m);
}

static void records__of_any_size_follow_each_other(void **state)
{
    struct memory_link *m = memory_open();
    struct pf_draft draft = draft_of(m, PF_ANY_SIZE);
    struct pf_frame *frame;
    pinfold_bytes bytes;
    size_t used = 0;

    (void)state;
    assert_null(pf_draft_next(&draft, 1));
    for (size_t size = 0; size < 40; size++) {
        unsigned char *out = pf_draft_place(&draft, size + 7);
        for (size_t i = 0; i < size + 7; i++)
            assert_int_equal(out[i], 0);
        memset(out, (int)size, size + 7);
        pf_draft_shrink(&draft, size); /* it needed less */
        pf_draft_done(&draft, 1);
    }
    pf_draft_place(&draft, 100); /* not done */
    pf_draft_commit(&draft, false);
    frame = hear(m, PF_RESULT, 3, 5, 40);
    for (size_t size = 0; size < 40; size++) {
        assert_true(pf_record_get(frame->body, frame->size, &used, &bytes));
        assert_int_equal(bytes.size, size);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(((const unsigned char *)bytes.data)[i], size);
    }
    assert_int_equal(used, frame->size);
    memory_close(m);
}

static void record__without_room_begins_a_new_frame(void **state)
{
    struct memory_link *m = memory_open();
    struct pf_draft draft = draft_of(m, PF_ANY_SIZE);

    (void)state;
    pf_draft_place(&draft, 40000);
    pf_draft_done(&draft, 1);
    assert_false(pf_draft_apart(&draft));
    pf_draft_place(&draft, 40000);
    hear(m, PF_RESULT, 3, 5, 1);   /* the first one is on its way */
    pf_draft_place(&draft, 90000); /* a second thought */
    pf_draft_done(&draft, 1);
    assert_true(pf_draft_apart(&draft)); /* too large for the ring */
    pf_draft_commit(&draft, true);
    assert_int_equal(hear(m, PF_RESULT, 3, 6, 1)->size, pf_record_after(0, 90000));
    assert_false(m->rung[0]);
    assert_true(m->rung[1]);
    memory_close(m);
}

static void draft__without_memory_has_no_place_and_goes_on(void **state)
{
    struct memory_link *m = memory_open();
    struct pf_draft draft = draft_of(m, PF_ANY_SIZE), fixed = draft_of(m, 3 * PF_LARGE);

    (void)state;
    m->most = 2 * PF_LARGE;
    pf_draft_place(&draft, 10);
    pf_draft_done(&draft, 1);
    assert_null(pf_draft_place(&draft, 3 * PF_LARGE));
    hear(m, PF_RESULT, 3, 5, 1); /* what was done went before */
    assert_non_null(pf_draft_place(&draft, PF_LARGE));
    pf_draft_done(&draft, 1);
    pf_draft_commit(&draft, true);
    assert_int_equal(hear(m, PF_RESULT, 3, 6, 1)->size, pf_record_after(0, PF_LARGE));
    fixed.end = 6;
    assert_null(pf_draft_next(&fixed, 1));
    pf_draft_commit(&fixed, true);
    hear_nothing(m);
    memory_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_results__are_sent_as_far_as_they_are_done),
        cmocka_unit_test(ranges__are_zeroed_and_count_at_once),
        cmocka_unit_test(records__of_any_size_follow_each_other),
        cmocka_unit_test(record__without_room_begins_a_new_frame),
        cmocka_unit_test(draft__without_memory_has_no_place_and_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
