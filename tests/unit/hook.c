/* The hook, around the inline port: what it does to frames, and to those alone. */
#include "ports.h"

#include "port/hook.h"
#include "port/inline.h"
#include "wire/seq.h"

static struct ear ear;
static uint32_t sent;

static int negate(pinfold_task *task)
{
    *(int *)pinfold_task_out(task, sizeof(int)) = -*(const int *)pinfold_task_arg(task).data;
    return 0;
}

static void open_hooked(struct pf_faults faults)
{
    struct pf_port *inner;

    memset(&ear, 0, sizeof ear);
    sent = 0;
    assert_int_equal(pf_inline_open(&inner, NULL), 0);
    ear.port = pf_hook_open(inner, &faults);
    assert_int_equal(ear.port->lanes, 1);
    assert_true(ear.port->here);
}

static void close_hooked(void)
{
    ear.port->ops->close(ear.port);
}

/* One item of call 1, numbered as an engine does. */
static void say_numbered(int kind, uint64_t first)
{
    struct pf_frame *frame = ear.port->ops->reserve(ear.port, 0, sizeof(int));
    int value = (int)first;

    frame->kind = (uint16_t)kind;
    frame->call = 1;
    frame->first = first;
    frame->count = 1;
    memcpy(frame->body, &value, sizeof value);
    pf_seq_give(&sent, frame);
    ear.port->ops->commit(ear.port, 0, frame);
}

/* Until nothing comes, nor will. */
static void hear_all(void)
{
    for (;;) {
        struct pf_nap nap = {.until = PF_NEVER};
        if (ear.port->ops->poll(ear.port, ear_sink, &ear) > 0)
            continue;
        if (ear.port->ops->arm(ear.port, &nap))
            continue;
        if (nap.until == PF_NEVER)
            return;
        pf_nap_take(&nap);
    }
}

static void late_and_double_frames__change_nothing_but_that_they_are_double(void **state)
{
    int seen = 0, twice = 0;

    (void)state;
    open_hooked((struct pf_faults){.seed = 1, .delay = 0.3, .duplicate = 0.5});
    say_call(&ear, 0, 1, negate, sizeof(int), sizeof(int)); /* a shared one: counted */
    sent = 1;
    for (uint64_t i = 0; i < 50; i++)
        say_numbered(PF_BATCH, i);
    hear_all();
    /* Each batch was run once, in order; its answer may have come a second time, right behind. */
    for (int i = 0; i < ear.n; i++) {
        assert_int_equal(ear.heard[i].kind, PF_RESULT);
        if (seen > 0 && ear.heard[i].first == (uint64_t)seen - 1) {
            twice++;
            continue;
        }
        assert_int_equal(ear.heard[i].first, seen);
        assert_int_equal(ear.heard[i].value, -seen);
        seen++;
    }
    assert_int_equal(seen, 50);
    assert_in_range(twice, 10, 40);
    close_hooked();
}

static void dropped_frame__turns_the_worker_deaf_but_for_stop(void **state)
{
    bool gap = false;

    (void)state;
    open_hooked((struct pf_faults){.delay = 1e-9}); /* there is a hook, and it does nothing */
    say_call(&ear, 0, 1, negate, sizeof(int), sizeof(int));
    sent = 1;
    say_numbered(PF_BATCH, 0);
    sent++; /* one is lost */
    say_numbered(PF_BATCH, 2);
    hear_all();
    for (int i = 0; i < ear.n; i++) {
        gap |= ear.heard[i].kind == PF_FAILURE && ear.heard[i].call == 0;
        assert_true(ear.heard[i].kind != PF_RESULT || ear.heard[i].first == 0);
    }
    assert_true(gap);
    say_stop(&ear, 0);
    hear_all();
    assert_int_equal(ear.heard[ear.n - 2].kind, PF_BYE);
    close_hooked();
}

static void drop__of_all_leaves_nothing(void **state)
{
    (void)state;
    open_hooked((struct pf_faults){.drop = 1});
    say_call(&ear, 0, 1, negate, sizeof(int), sizeof(int));
    sent = 1;
    say_numbered(PF_BATCH, 0);
    hear_all();
    assert_int_equal(ear.n, 0);
    close_hooked();
}

static void frames__without_a_number_are_left_alone(void **state)
{
    (void)state;
    open_hooked((struct pf_faults){.drop = 1, .truncate = 1});
    say_stop(&ear, 0); /* unnumbered; BYE is numbered, and dropped */
    hear_all();
    assert_int_equal(ear.n, 1);
    assert_int_equal(ear.heard[0].kind, PF_KIND_NONE);
    assert_true(ear.heard[0].final);
    close_hooked();
}

static void no_memory__is_an_answer(void **state)
{
    (void)state;
    open_hooked((struct pf_faults){.memory = 1});
    say_call(&ear, 0, 1, negate, sizeof(int), sizeof(int));
    sent = 1;
    say_numbered(PF_BATCH, 0);
    hear_all();
    assert_int_equal(ear.n, 1);
    assert_int_equal(ear.heard[0].kind, PF_FAILURE);
    assert_int_equal(ear.heard[0].value, PINFOLD_E_MEMORY);
    close_hooked();
}

static void truncated_batch__fails_as_a_broken_one(void **state)
{
    (void)state;
    open_hooked((struct pf_faults){.truncate = 1});
    say_batch(&ear, 0, 1, 0, 1, sizeof(int)); /* not numbered, and so whole: has no call */
    hear_all();
    assert_int_equal(ear.heard[0].kind, PF_FAILURE);
    ear.n = 0;
    sent = 0;
    {
        struct pf_call_facts facts = {
            .fn = negate, .in_size = sizeof(int), .out_size = sizeof(int), .time = PF_NEVER};
        struct pf_frame *call;
        assert_int_equal(pf_call_pack(&call, &facts, NULL), 0);
        call->call = 1;
        call->seq = 0;
        ear.port->ops->commit(ear.port, 0, call);
    }
    say_numbered(PF_BATCH, 0);
    hear_all();
    assert_int_equal(ear.n, 1); /* its answer is cut as well */
    assert_int_equal(ear.heard[0].kind, PF_FAILURE);
    close_hooked();
}

static void close__frees_what_is_late(void **state)
{
    (void)state;
    open_hooked((struct pf_faults){.delay = 1, .duplicate = 1});
    say_call(&ear, 0, 1, negate, sizeof(int), sizeof(int));
    sent = 1;
    for (uint64_t i = 0; i < 5; i++)
        say_numbered(PF_BATCH, i);
    close_hooked();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(late_and_double_frames__change_nothing_but_that_they_are_double),
        cmocka_unit_test(dropped_frame__turns_the_worker_deaf_but_for_stop),
        cmocka_unit_test(drop__of_all_leaves_nothing),
        cmocka_unit_test(frames__without_a_number_are_left_alone),
        cmocka_unit_test(no_memory__is_an_answer),
        cmocka_unit_test(truncated_batch__fails_as_a_broken_one),
        cmocka_unit_test(close__frees_what_is_late),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
