/* Frames that wait in order, and change from one inbox to another. */
#include "unit.h"

#include "port/inbox.h"

static void put(struct pf_inbox *inbox, uint64_t call)
{
    struct pf_frame *frame = pf_frame_new(PF_BATCH, 0);

    frame->call = call;
    pf_inbox_put(inbox, frame);
}

/* The next ones are these, up to 0. */
static void expect_calls(struct pf_inbox *inbox, const uint64_t *calls)
{
    for (; *calls; calls++) {
        struct pf_frame *frame = pf_inbox_get(inbox);
        assert_non_null(frame);
        assert_int_equal(frame->call, *calls);
        free(frame);
    }
    assert_null(pf_inbox_get(inbox));
}

static void get__is_in_the_order_of_put_and_null_at_the_end(void **state)
{
    struct pf_inbox inbox;

    (void)state;
    pf_inbox_setup(&inbox);
    assert_null(pf_inbox_get(&inbox));
    put(&inbox, 1);
    put(&inbox, 2);
    expect_calls(&inbox, (uint64_t[]){1, 2, 0});
    put(&inbox, 3); /* one that was emptied is as good as new */
    expect_calls(&inbox, (uint64_t[]){3, 0});
}

static void move__puts_all_behind_what_was_there(void **state)
{
    struct pf_inbox to, from;

    (void)state;
    pf_inbox_setup(&to);
    pf_inbox_setup(&from);
    pf_inbox_move(&to, &from); /* nothing to nothing */
    put(&from, 1);
    put(&from, 2);
    pf_inbox_move(&to, &from);
    assert_null(pf_inbox_get(&from));
    put(&from, 3);
    pf_inbox_move(&to, &from);
    pf_inbox_move(&to, &from); /* nothing to something */
    put(&to, 4);
    put(&from, 5);
    expect_calls(&to, (uint64_t[]){1, 2, 3, 4, 0});
    expect_calls(&from, (uint64_t[]){5, 0});
}

static void clear__frees_what_waits(void **state)
{
    struct pf_inbox inbox;

    (void)state;
    pf_inbox_setup(&inbox);
    put(&inbox, 1);
    put(&inbox, 2);
    pf_inbox_clear(&inbox);
    expect_calls(&inbox, (uint64_t[]){0});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get__is_in_the_order_of_put_and_null_at_the_end),
        cmocka_unit_test(move__puts_all_behind_what_was_there),
        cmocka_unit_test(clear__frees_what_waits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
