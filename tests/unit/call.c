/* Calls as a worker knows them: what the driver packed is learned, found and forgotten. */
#include "unit.h"

#include "work/call.h"

static int plain(pinfold_task *task)
{
    (void)task;
    return 0;
}

static int range(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    (void)task, (void)first, (void)count, (void)in, (void)out;
    return 0;
}

static struct pf_frame *call_frame(uint64_t id, pinfold_fn *fn, pinfold_range_fn *range_fn,
                                   pinfold_bytes shared, int64_t time)
{
    struct pf_call_facts facts = {
        .fn = fn, .range = range_fn, .in_size = 24, .out_size = 32, .shared = shared, .time = time};
    struct pf_frame *frame;

    assert_int_equal(pf_call_pack(&frame, &facts, NULL), 0);
    frame->call = id;
    return frame;
}

static void learn__takes_over_what_was_packed(void **state)
{
    struct pf_frame *frame = call_frame(5, plain, NULL, (pinfold_bytes){"shared", 7}, PF_NEVER);
    struct pf_call *list = NULL, *call;

    (void)state;
    assert_true(pf_call_learn(&list, frame));
    memset(frame->body, 0xff, frame->size); /* nothing is borrowed from it */
    free(frame);
    call = pf_call_find(list, 5);
    assert_non_null(call);
    assert_ptr_equal(call->fn, plain);
    assert_null(call->range);
    assert_int_equal(call->in_size, 24);
    assert_int_equal(call->out_size, 32);
    assert_int_equal(call->shared_size, 7);
    assert_string_equal(call->shared, "shared");
    assert_int_equal(call->broken, 0);
    assert_false(pf_call_cancelled(call, pf_now()));
    pf_call_forget(&list, 5);
    assert_null(list);
}

static void learn__tells_range_functions_apart(void **state)
{
    struct pf_frame *frame = call_frame(6, NULL, range, (pinfold_bytes){0}, PF_NEVER);
    struct pf_call *list = NULL;

    (void)state;
    assert_true(pf_call_learn(&list, frame));
    free(frame);
    assert_ptr_equal(list->range, range);
    assert_null(list->fn);
    assert_null(list->shared);
    pf_call_forget(&list, 6);
}

static void learn__of_a_frame_cut_short_is_a_broken_call(void **state)
{
    struct pf_frame *frame = call_frame(7, plain, NULL, (pinfold_bytes){"shared", 7}, PF_NEVER);
    uint64_t whole = frame->size;

    (void)state;
    for (uint64_t size = 0; size < whole; size++) {
        struct pf_frame *torn = pf_frame_new(PF_CALL, size);
        struct pf_call *list = NULL;
        torn->call = 7;
        memcpy(torn->body, frame->body, size);
        assert_true(pf_call_learn(&list, torn));
        assert_int_not_equal(list->broken, 0);
        assert_true(list->broken_text[0]);
        free(torn);
        pf_call_forget(&list, 7);
    }
    free(frame);
}

static void find_and_forget__are_about_one_call_each(void **state)
{
    struct pf_call *list = NULL;

    (void)state;
    for (uint64_t id = 1; id <= 3; id++) {
        struct pf_frame *frame = call_frame(id, plain, NULL, (pinfold_bytes){"s", 2}, PF_NEVER);
        assert_true(pf_call_learn(&list, frame));
        free(frame);
    }
    assert_null(pf_call_find(list, 4));
    pf_call_forget(&list, 4);
    pf_call_forget(&list, 2);
    assert_null(pf_call_find(list, 2));
    assert_int_equal(pf_call_find(list, 1)->id, 1);
    assert_int_equal(pf_call_find(list, 3)->id, 3);
    pf_call_forget(&list, 3);
    pf_call_forget(&list, 1);
    assert_null(list);
}

static void call__is_cancelled_behind_its_deadline(void **state)
{
    int64_t before = pf_now();
    struct pf_frame *frame = call_frame(8, plain, NULL, (pinfold_bytes){0}, PF_S);
    struct pf_call *list = NULL;

    (void)state;
    assert_true(pf_call_learn(&list, frame));
    free(frame);
    assert_false(pf_call_cancelled(list, before + PF_S - 1));
    assert_true(pf_call_cancelled(list, pf_now() + PF_S));
    assert_true(pf_call_cancelled(list, before)); /* once is for ever */
    pf_call_forget(&list, 8);
}

static void shared_bytes__of_a_large_call_stay_in_its_frame(void **state)
{
    size_t size = PF_LARGE + 5;
    unsigned char *shared = malloc(size);
    struct pf_call *list = NULL;
    struct pf_frame *frame;

    (void)state;
    for (size_t i = 0; i < size; i++)
        shared[i] = (unsigned char)(i * 7 >> 3);
    frame = call_frame(9, plain, NULL, (pinfold_bytes){shared, size}, PF_NEVER);
    assert_true(pf_call_learn(&list, frame));
    assert_int_equal(list->shared_size, size);
    assert_int_equal((uintptr_t)list->shared % 64, 0);
    assert_true((const unsigned char *)list->shared >= frame->body &&
                (const unsigned char *)list->shared + size <= frame->body + frame->size);
    assert_false(pf_frame_alone(frame));
    pf_frame_free(frame); /* the transport's part of it */
    assert_memory_equal(list->shared, shared, size);
    pf_call_forget(&list, 9);
    free(shared);
}

static void call__that_found_no_memory_is_broken_and_says_its_size(void **state)
{
    struct pf_frame *frame = pf_frame_new(PF_CALL, 0);
    struct pf_call *list = NULL;

    (void)state;
    frame->call = 4;
    frame->lost = 5000000000;
    assert_true(pf_call_learn(&list, frame));
    assert_int_equal(list->broken, PINFOLD_E_MEMORY);
    assert_non_null(strstr(list->broken_text, "5000000000 bytes"));
    assert_false(pf_call_cancelled(list, pf_now()));
    pf_call_forget(&list, 4);
    free(frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learn__takes_over_what_was_packed),
        cmocka_unit_test(learn__tells_range_functions_apart),
        cmocka_unit_test(learn__of_a_frame_cut_short_is_a_broken_call),
        cmocka_unit_test(find_and_forget__are_about_one_call_each),
        cmocka_unit_test(call__is_cancelled_behind_its_deadline),
        cmocka_unit_test(shared_bytes__of_a_large_call_stay_in_its_frame),
        cmocka_unit_test(call__that_found_no_memory_is_broken_and_says_its_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
