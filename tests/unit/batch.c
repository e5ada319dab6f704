/* Running batches: results, failures in the middle, range functions, cancelling; over a link in
 * memory. */
#include "link.h"

/* ---- functions that a test calls. Each item is an int. */
static int negate(pinfold_task *task)
{
    *(int *)pinfold_task_out(task, sizeof(int)) = -*(const int *)pinfold_task_arg(task).data;
    return 0;
}

static int fail_at_3(pinfold_task *task)
{
    if (pinfold_task_index(task) == 3)
        return pinfold_task_fail(task, 7, "no such %s", "thing");
    if (pinfold_task_index(task) == 5)
        return 8;
    if (pinfold_task_index(task) == 6)
        return -9;
    return negate(task);
}

static int negate_range(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    (void)task, (void)first;
    for (size_t i = 0; i < count; i++)
        ((int *)out)[i] = -((const int *)in)[i];
    return 0;
}

static int fail_range(pinfold_task *task, size_t first, size_t count, const void *in, void *out)
{
    if (first <= 3 && 3 < first + count)
        return 5;
    return negate_range(task, first, count, in, out);
}

static struct memory_link *now_running;
static int runs;

/* The driver cancels while the second item runs. */
static int cancel_in_the_second(pinfold_task *task)
{
    if (++runs == 2) {
        say(now_running, PF_CANCEL, 1, 0);
        now_running->worker.looked = 0; /* as if a while had passed */
        assert_true(pinfold_task_cancelled(task));
    } else {
        assert_false(pinfold_task_cancelled(task));
    }
    return negate(task);
}

static int look_around(pinfold_task *task)
{
    pinfold_bytes arg = pinfold_task_arg(task), shared = pinfold_task_shared(task);
    unsigned char *out = pinfold_task_out(task, sizeof(int));

    assert_int_equal(arg.size, sizeof(int));
    assert_int_equal(*(const int *)arg.data, pinfold_task_index(task));
    assert_int_equal(shared.size, 4);
    assert_string_equal(shared.data, "abc");
    assert_null(pinfold_task_out(task, sizeof(int) + 1));
    assert_ptr_equal(pinfold_task_out(task, 1), out);
    for (size_t i = 0; i < sizeof(int); i++)
        assert_int_equal(out[i], 0);
    assert_int_equal(atomic_load(now_running->link.busy), 1);
    assert_int_equal(pf_worker_depth(), 1);
    memset(out, 0xff, sizeof(int)); /* the next one's is zeroed all the same */
    return 0;
}

/* Item 2 is seen to overrun, and returns a result all the same; the others have time enough. */
static int overrun_in_the_third(pinfold_task *task)
{
    assert_true(now_running->present.call == 1 && now_running->present.kill_at > 0);
    while (pinfold_task_index(task) == 2 && !pinfold_task_cancelled(task))
        ;
    return negate(task);
}

static int all_ones(uint64_t index)
{
    (void)index;
    return -1;
}

/* ---- what a driver says */
static void say_call(struct memory_link *m, uint64_t id, pinfold_fn *fn, pinfold_range_fn *range,
                     int64_t time)
{
    struct pf_call_facts facts = {.fn = fn,
                                  .range = range,
                                  .in_size = sizeof(int),
                                  .out_size = sizeof(int),
                                  .shared = {"abc", 4},
                                  .time = time};
    struct pf_frame *frame;

    assert_int_equal(pf_call_pack(&frame, &facts, NULL), 0);
    frame->call = id;
    say_frame(m, frame);
}

static void say_batch(struct memory_link *m, uint64_t call, uint64_t first, uint64_t count)
{
    struct pf_frame *frame = say(m, PF_BATCH, call, count * sizeof(int));

    frame->first = first;
    frame->count = count;
    for (uint64_t i = 0; i < count; i++)
        ((int *)frame->body)[i] = (int)(first + i);
}

static int negative(uint64_t index)
{
    return -(int)index;
}

static void hear_negated(struct memory_link *m, uint64_t call, uint64_t first, uint64_t count)
{
    hear_results(m, call, first, count, negative);
}

static void hear_failure(struct memory_link *m, uint64_t call, uint64_t first, uint64_t count,
                         int code, const char *text)
{
    struct pf_frame *frame = hear(m, PF_FAILURE, call, first, count);
    struct pf_reader in = pf_reader_of(frame);

    assert_int_equal((int)(int64_t)pf_unpack_u64(&in), code);
    assert_non_null(strstr(pf_unpack_text(&in), text));
    assert_false(in.failed);
}

static void batch__is_answered_with_results(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    say_call(m, 1, negate, NULL, PF_NEVER);
    say_batch(m, 1, 10, 5);
    work(m);
    hear_negated(m, 1, 10, 5);
    hear_nothing(m);
    memory_close(m);
}

static void batches__are_run_in_the_order_they_came(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    say_call(m, 1, negate, NULL, PF_NEVER);
    say_batch(m, 1, 10, 2);
    say_batch(m, 1, 0, 3);
    work(m);
    hear_negated(m, 1, 10, 2);
    hear_negated(m, 1, 0, 3);
    hear_nothing(m);
    memory_close(m);
}

static void failures__in_the_middle_leave_the_others_their_results(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    say_call(m, 1, fail_at_3, NULL, PF_NEVER);
    say_batch(m, 1, 1, 7);
    work(m);
    hear_negated(m, 1, 1, 2);
    hear_failure(m, 1, 3, 1, 7, "no such thing");
    hear_negated(m, 1, 4, 1);
    hear_failure(m, 1, 5, 1, 8, "the function returned 8");
    hear_failure(m, 1, 6, 1, PINFOLD_E_TASK_CODE, "-9");
    hear_negated(m, 1, 7, 1);
    hear_nothing(m);
    memory_close(m);
}

static void failure__of_the_last_item_wakes_the_driver(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    say_call(m, 1, fail_at_3, NULL, PF_NEVER);
    say_batch(m, 1, 2, 2);
    work(m);
    hear_negated(m, 1, 2, 1);
    hear_failure(m, 1, 3, 1, 7, "no such thing");
    hear_nothing(m);
    memory_close(m);
}

static void range_function__runs_all_at_once(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    say_call(m, 1, NULL, negate_range, PF_NEVER);
    say_batch(m, 1, 10, 100);
    work(m);
    hear_negated(m, 1, 10, 100);
    hear_nothing(m);
    memory_close(m);
}

static void range_function__that_fails_fails_all_of_its_batch(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    say_call(m, 1, NULL, fail_range, PF_NEVER);
    say_batch(m, 1, 0, 3);
    say_batch(m, 1, 3, 3);
    work(m);
    hear_negated(m, 1, 0, 3);
    hear_failure(m, 1, 3, 3, 5, "the function returned 5");
    hear_nothing(m);
    memory_close(m);
}

static void cancel__drops_what_was_not_run(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    say_call(m, 1, negate, NULL, PF_NEVER);
    say_call(m, 2, negate, NULL, PF_NEVER);
    say_batch(m, 1, 0, 3);
    say_batch(m, 2, 0, 3);
    say(m, PF_CANCEL, 1, 0);
    say(m, PF_CANCEL, 9, 0); /* of a call that nobody knows */
    work(m);
    hear(m, PF_DROPPED, 1, 0, 3);
    hear_negated(m, 2, 0, 3);
    hear_nothing(m);
    memory_close(m);
}

static void cancel__is_seen_by_the_task_that_runs(void **state)
{
    struct memory_link *m = memory_open();
    uint64_t dropped;

    (void)state;
    now_running = m;
    runs = 0;
    say_call(m, 1, cancel_in_the_second, NULL, PF_NEVER);
    say_batch(m, 1, 0, 5);
    work(m);
    assert_int_equal(runs, 2);
    hear_negated(m, 1, 0, 1);
    dropped = m->up[m->heard]->first; /* whether the one that stopped early counts is open */
    assert_in_range(dropped, 1, 2);
    hear(m, PF_DROPPED, 1, dropped, 5 - dropped);
    hear_nothing(m);
    memory_close(m);
}

static void deadline__that_is_over_drops_all(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    say_call(m, 1, negate, NULL, 0);
    say_batch(m, 1, 0, 5);
    work(m);
    hear(m, PF_DROPPED, 1, 0, 5);
    hear_nothing(m);
    memory_close(m);
}

static void task__sees_its_item_and_a_zeroed_result(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    now_running = m;
    say_call(m, 1, look_around, NULL, PF_NEVER);
    say_batch(m, 1, 0, 50);
    work(m);
    hear_results(m, 1, 0, 50, all_ones);
    assert_int_equal(atomic_load(&m->busy), 0);
    assert_int_equal(pf_worker_depth(), 0);
    memory_close(m);
}

static void batch__without_its_call_fails_item_by_item(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    say_batch(m, 4, 7, 2);
    work(m);
    hear_failure(m, 4, 7, 1, PINFOLD_E_BROKEN, "without its call");
    hear_failure(m, 4, 8, 1, PINFOLD_E_BROKEN, "without its call");
    hear_nothing(m);
    memory_close(m);
}

static void batch__of_a_call_that_cannot_be_found_says_why(void **state)
{
    struct memory_link *m = memory_open();
    struct pf_buf body = {0};

    (void)state;
    pf_pack_u64(&body, 0);
    pf_pack_text(&body, "build-id:00");
    pf_pack_text(&body, "/no/such/file.so");
    pf_pack_u64(&body, 0);
    pf_pack_u64(&body, sizeof(int));
    pf_pack_u64(&body, sizeof(int));
    pf_pack_u64(&body, (uint64_t)PF_NEVER);
    pf_pack_bytes(&body, NULL, 0);
    say_body(m, PF_CALL, 1, &body);
    say_batch(m, 1, 0, 1);
    work(m);
    hear_failure(m, 1, 0, 1, PINFOLD_E_FUNCTION, "/no/such/file.so");
    hear_nothing(m);
    memory_close(m);
}

static void forget__waits_for_the_batches_before_it(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    say_call(m, 1, negate, NULL, PF_NEVER);
    say_batch(m, 1, 0, 2);
    say(m, PF_FORGET, 1, 0);
    say_batch(m, 1, 2, 1); /* of a call that is over: no driver says it */
    work(m);
    hear_negated(m, 1, 0, 2);
    hear_failure(m, 1, 2, 1, PINFOLD_E_BROKEN, "without its call");
    assert_null(m->worker.calls);
    memory_close(m);
}

static void clear__gives_back_what_was_not_run(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    say_call(m, 1, negate, NULL, PF_NEVER);
    say_batch(m, 1, 0, 2);
    say_batch(m, 1, 2, 2);
    pf_worker_take(&m->worker);
    memory_close(m);
}

static void batch__whose_inputs_found_no_memory_fails_and_names_their_size(void **state)
{
    struct memory_link *m = memory_open();
    struct pf_frame *batch;

    (void)state;
    say_call(m, 1, negate, NULL, PF_NEVER);
    batch = say(m, PF_BATCH, 1, 0);
    batch->first = 3;
    batch->count = 1;
    batch->lost = 5000000000;
    say_batch(m, 1, 4, 2);
    work(m);
    hear_failure(m, 1, 3, 1, PINFOLD_E_MEMORY, "5000000000 bytes");
    hear_negated(m, 1, 4, 2);
    memory_close(m);
}

static void limit__fails_the_item_that_overruns_it(void **state)
{
    struct memory_link *m = now_running = memory_open();

    (void)state;
    m->link.present = &m->present;
    say_call(m, 1, overrun_in_the_third, NULL, PF_NEVER);
    say_batch(m, 1, 0, 5);
    m->down[m->ndown - 1]->ns = 500 * PF_MS;
    work(m);
    hear_negated(m, 1, 0, 2);
    hear_failure(m, 1, 2, 1, PINFOLD_E_TASK_TIME, "the task overran its limit of 0.5 s");
    hear_negated(m, 1, 3, 2);
    hear_nothing(m);
    assert_true(m->present.call == 0 && m->present.kill_at == 0);
    memory_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batch__is_answered_with_results),
        cmocka_unit_test(batches__are_run_in_the_order_they_came),
        cmocka_unit_test(failures__in_the_middle_leave_the_others_their_results),
        cmocka_unit_test(failure__of_the_last_item_wakes_the_driver),
        cmocka_unit_test(range_function__runs_all_at_once),
        cmocka_unit_test(range_function__that_fails_fails_all_of_its_batch),
        cmocka_unit_test(cancel__drops_what_was_not_run),
        cmocka_unit_test(cancel__is_seen_by_the_task_that_runs),
        cmocka_unit_test(deadline__that_is_over_drops_all),
        cmocka_unit_test(task__sees_its_item_and_a_zeroed_result),
        cmocka_unit_test(batch__without_its_call_fails_item_by_item),
        cmocka_unit_test(batch__of_a_call_that_cannot_be_found_says_why),
        cmocka_unit_test(forget__waits_for_the_batches_before_it),
        cmocka_unit_test(batch__whose_inputs_found_no_memory_fails_and_names_their_size),
        cmocka_unit_test(limit__fails_the_item_that_overruns_it),
        cmocka_unit_test(clear__gives_back_what_was_not_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
