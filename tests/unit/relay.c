/* How a rank tells the loss of its worker. The relay itself is run by tests/every, under mpirun. */
#include "unit.h"

#include <string.h>

#include "port/relay.h"

static struct pf_frame *lost(const char *text, size_t less)
{
    struct pf_buf body = {0};
    struct pf_frame *frame;

    pf_pack_u64(&body, 1);
    pf_pack_u64(&body, 0);
    pf_pack_u64(&body, (uint64_t)(int64_t)PINFOLD_E_TASK_SIGNAL);
    pf_pack_text(&body, text);
    pf_pack_u64(&body, 4711);
    pf_pack_u64(&body, 11);
    pf_pack_u64(&body, 99);
    frame = pf_frame_new(PF_LOST, body.size);
    assert_non_null(frame);
    memcpy(frame->body, body.data, body.size);
    frame->size = body.size - less;
    pf_buf_free(&body);
    return frame;
}

static void loss__is_read_as_it_was_told(void **state)
{
    struct pf_frame *frame = lost("killed", 0);
    struct pf_event loss = {.lane = 3, .frame = frame};

    (void)state;
    pf_relay_loss(frame, &loss);
    assert_null(loss.frame);
    assert_int_equal(loss.lane, 3);
    assert_true(loss.busy);
    assert_false(loss.final);
    assert_int_equal(loss.code, PINFOLD_E_TASK_SIGNAL);
    assert_string_equal(loss.text, "killed");
    assert_int_equal(loss.pid, 4711);
    assert_int_equal(loss.status, 11);
    assert_int_equal(loss.next, 99);
    pf_frame_free(frame);
}

static void loss__that_is_cut_short_is_for_good(void **state)
{
    (void)state;
    for (size_t less = 1; less <= 48; less++) {
        struct pf_frame *frame = lost("killed", less);
        struct pf_event loss = {.lane = 3, .frame = frame};
        pf_relay_loss(frame, &loss);
        assert_true(loss.final && !loss.frame && loss.lane == 3);
        assert_int_equal(loss.code, PINFOLD_E_WORKER_LOST);
        pf_frame_free(frame);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss__is_read_as_it_was_told),
        cmocka_unit_test(loss__that_is_cut_short_is_for_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
