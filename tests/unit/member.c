/* What a member has in hand, and what it said when it was ready. */
#include "unit.h"

#include "pool/member.h"

static struct pf_member member_with(int n)
{
    struct pf_member member = {.seat = {.number = 4, .rank = 2}, .host = "node7"};

    for (int i = 0; i < n; i++)
        member.flight[member.nflight++] = (struct pf_batch){
            .call = 1, .size = 10, .lot = {.first = (uint64_t)i * 10, .count = 10}};
    return member;
}

static void answers__are_about_the_next_items_of_a_batch(void **state)
{
    struct pf_member member = member_with(3);

    (void)state;
    assert_ptr_equal(pf_member_batch(&member, 1, 0, 10), &member.flight[0]);
    assert_ptr_equal(pf_member_batch(&member, 1, 0, 3), &member.flight[0]);
    assert_ptr_equal(pf_member_batch(&member, 1, 20, 1), &member.flight[2]);
    assert_null(pf_member_batch(&member, 1, 1, 1));  /* not the next */
    assert_null(pf_member_batch(&member, 1, 0, 11)); /* more than it has */
    assert_null(pf_member_batch(&member, 1, 30, 1)); /* it has none */
    assert_null(pf_member_batch(&member, 2, 0, 1));  /* another call */
    assert_null(pf_member_batch(&member, 1, 0, SIZE_MAX));
}

static void answers__bring_the_flight_down_to_nothing(void **state)
{
    struct pf_member member = member_with(3);
    struct pf_job job = {0};

    (void)state;
    assert_int_equal(pf_member_ahead(&member, &job), 30);
    pf_member_answered(&member, pf_member_batch(&member, 1, 0, 4), 4);
    assert_int_equal(pf_member_ahead(&member, &job), 26);
    assert_null(pf_member_batch(&member, 1, 0, 1)); /* answered already */
    assert_non_null(pf_member_batch(&member, 1, 4, 6));
    pf_member_answered(&member, pf_member_batch(&member, 1, 10, 10), 10); /* the middle one */
    assert_int_equal(member.nflight, 2);
    assert_int_equal(member.flight[1].lot.first, 20);
    pf_member_answered(&member, pf_member_batch(&member, 1, 4, 6), 6);
    pf_member_answered(&member, pf_member_batch(&member, 1, 20, 10), 10);
    assert_int_equal(member.nflight, 0);
    assert_int_equal(pf_member_ahead(&member, &job), 0);
}

static void last__is_of_a_batch_that_is_done_and_of_its_job(void **state)
{
    struct pf_member member = member_with(2);
    struct pf_told told[5] = {0};
    struct pf_job job = {.told = told};

    (void)state;
    member.flight[0].job = &job;
    pf_member_answered(&member, pf_member_batch(&member, 1, 0, 4), 4);
    assert_int_equal(told[4].last, 0);
    pf_member_answered(&member, pf_member_batch(&member, 1, 4, 6), 6);
    assert_int_equal(told[4].last, 10);
    told[4].last = 0;
    pf_member_answered(&member, pf_member_batch(&member, 1, 10, 10), 10); /* of no job any more */
    assert_int_equal(told[4].last, 0);
}

static void ahead__counts_in_the_time_of_the_job_that_asks(void **state)
{
    struct pf_member member = member_with(2);
    struct pf_job slow = {.item_ns = 1000}, fast = {.item_ns = 10}, unknown = {0};

    (void)state;
    member.flight[0].job = &slow;
    member.flight[1].job = &fast;
    assert_int_equal(pf_member_ahead(&member, &fast), 1010);
    assert_int_equal(pf_member_ahead(&member, &slow), 10);
    assert_int_equal(pf_member_ahead(&member, &unknown), 20);
}

static struct pf_frame *ready_frame(int code, const char *text, const char *refused)
{
    struct pf_buf body = {0};
    struct pf_frame *frame;

    pf_pack_u64(&body, (uint64_t)(int64_t)code);
    pf_pack_text(&body, text);
    pf_pack_u64(&body, 1234);
    pf_pack_text(&body, "node9");
    pf_pack_text(&body, "0,16");
    pf_pack_u64(&body, refused[0] == '\0');
    pf_pack_text(&body, refused);
    frame = pf_frame_new(PF_READY, body.size);
    memcpy(frame->body, body.data, body.size);
    pf_buf_free(&body);
    return frame;
}

static char said[1024];

static void listen(void *data, char level, const char *text)
{
    (void)data;
    snprintf(said, sizeof said, "%c %s", level, text);
}

static const struct pf_log log_to_said = {listen, NULL};

static void ready__takes_over_who_it_is(void **state)
{
    struct pf_member member = member_with(0);
    struct pf_frame *frame = ready_frame(0, "", "");

    (void)state;
    said[0] = '\0';
    assert_int_equal(pf_member_ready(&member, frame, &log_to_said, NULL), 0);
    assert_int_equal(member.state, PF_SERVING);
    assert_int_equal(member.pid, 1234);
    assert_string_equal(member.host, "node9");
    assert_string_equal(member.cpus, "0,16");
    assert_true(member.bound);
    assert_string_equal(said, "");
    assert_int_equal(pf_member_ready(&member, frame, &log_to_said, NULL), 0); /* a second life */
    free(member.cpus);
    free(frame);
}

static void ready__warns_of_a_binding_that_was_refused(void **state)
{
    struct pf_member member = member_with(0);
    struct pf_frame *frame = ready_frame(0, "", "Invalid argument");

    (void)state;
    assert_int_equal(pf_member_ready(&member, frame, &log_to_said, NULL), 0);
    assert_false(member.bound);
    assert_int_equal(said[0], 'w');
    assert_non_null(strstr(said, "Invalid argument"));
    assert_non_null(strstr(said, "0,16"));
    free(member.cpus);
    free(frame);
}

static void ready__with_a_code_fails_with_the_workers_reason(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_member member = member_with(0);
    struct pf_frame *frame = ready_frame(7, "no licence", "");

    (void)state;
    assert_int_equal(pf_member_ready(&member, frame, &log_to_said, &err), PINFOLD_E_WORKER_INIT);
    assert_int_equal(member.state, PF_STARTING);
    assert_int_equal(err.worker, 4);
    assert_int_equal(err.rank, 2);
    assert_string_equal(err.host, "node9");
    assert_non_null(strstr(err.text, "no licence"));
    assert_non_null(strstr(err.text, "7"));
    free(member.cpus);
    free(frame);
}

static void ready__cut_short_is_refused(void **state)
{
    struct pf_frame *frame = ready_frame(0, "", "");

    (void)state;
    for (uint64_t size = 0; size < frame->size; size++) {
        struct pf_member member = member_with(0);
        struct pf_frame *torn = pf_frame_new(PF_READY, size);
        memcpy(torn->body, frame->body, size);
        assert_int_equal(pf_member_ready(&member, torn, &log_to_said, NULL), PINFOLD_E_BROKEN);
        assert_int_equal(member.state, PF_STARTING);
        free(member.cpus);
        free(torn);
    }
    free(frame);
}

static void blame__names_worker_rank_and_host(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_member member = member_with(0);

    (void)state;
    pf_member_blame(&member, &err);
    assert_int_equal(err.worker, 4);
    assert_int_equal(err.rank, 2);
    assert_string_equal(err.host, "node7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers__are_about_the_next_items_of_a_batch),
        cmocka_unit_test(answers__bring_the_flight_down_to_nothing),
        cmocka_unit_test(last__is_of_a_batch_that_is_done_and_of_its_job),
        cmocka_unit_test(ahead__counts_in_the_time_of_the_job_that_asks),
        cmocka_unit_test(ready__takes_over_who_it_is),
        cmocka_unit_test(ready__warns_of_a_binding_that_was_refused),
        cmocka_unit_test(ready__with_a_code_fails_with_the_workers_reason),
        cmocka_unit_test(ready__cut_short_is_refused),
        cmocka_unit_test(blame__names_worker_rank_and_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
