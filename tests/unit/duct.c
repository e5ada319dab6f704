/* The duct between a driver and a worker: frames of any size, both ways, and nobody sleeps for
 * ever. The worker is this process, a thread, or a forked process. */
#define _GNU_SOURCE
#include "unit.h"

#include <sys/eventfd.h>
#include <sys/wait.h>

#include "wire/duct.h"

struct ends {
    int bell;
    struct pf_duct *driver, *worker;
};

/* The driver's end; the worker's is attached where it is wanted. */
static void ends_open(struct ends *ends)
{
    ends->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ends->worker = NULL;
    assert_int_equal(pf_duct_create(&ends->driver, ends->bell, NULL), 0);
}

static struct pf_duct *attach(struct ends *ends)
{
    int fds[PF_DUCT_FDS];

    pf_duct_fds(ends->driver, fds);
    for (int i = 0; i < PF_DUCT_FDS; i++)
        fds[i] = dup(fds[i]);
    assert_int_equal(pf_duct_attach(&ends->worker, fds), 0);
    return ends->worker;
}

static void ends_close(struct ends *ends)
{
    pf_duct_close(ends->worker);
    pf_duct_close(ends->driver);
    assert_int_equal(close(ends->bell), 0); /* it was not the duct's */
}

static void send_number(struct pf_duct *duct, uint64_t number, size_t body)
{
    struct pf_frame *frame = pf_duct_reserve(duct, body);

    assert_non_null(frame);
    frame->kind = PF_BATCH;
    frame->first = number;
    memset(frame->body, (int)(number % 251), body);
    pf_duct_commit(duct, frame, true);
}

static bool is_number(const struct pf_frame *frame, uint64_t number, size_t body)
{
    if (frame->kind != PF_BATCH || frame->first != number || frame->size != body)
        return false;
    for (size_t i = 0; i < body; i++)
        if (frame->body[i] != number % 251)
            return false;
    return true;
}

static void expect_number(struct pf_duct *duct, uint64_t number, size_t body)
{
    struct pf_frame *frame = pf_duct_next(duct);

    assert_non_null(frame);
    assert_true(is_number(frame, number, body));
    pf_duct_release(duct, frame);
}

/* The driver's sleep: until its bell rings. In a test it is an error when that takes long. */
static void hear_bell(int bell)
{
    struct pollfd ring = {.fd = bell, .events = POLLIN};
    uint64_t count;

    assert_int_equal(poll(&ring, 1, 30000), 1);
    assert_int_equal(read(bell, &count, sizeof count), sizeof count);
}

static void frames__come_in_order_in_both_directions(void **state)
{
    struct ends ends;

    (void)state;
    ends_open(&ends);
    attach(&ends);
    for (uint64_t n = 0; n < 2000; n++) {
        send_number(ends.driver, n, n % 3000);
        send_number(ends.worker, n + 1, n % 2000);
        expect_number(ends.worker, n, n % 3000);
        expect_number(ends.driver, n + 1, n % 2000);
    }
    assert_null(pf_duct_next(ends.driver));
    assert_null(pf_duct_next(ends.worker));
    ends_close(&ends);
}

static void frames__that_do_not_fit_wait_in_a_backlog(void **state)
{
    struct ends ends;

    (void)state;
    ends_open(&ends);
    attach(&ends);
    for (int way = 0; way < 2; way++) {
        struct pf_duct *from = way ? ends.worker : ends.driver;
        struct pf_duct *to = way ? ends.driver : ends.worker;
        uint64_t sent = 0;
        while (sent < 100)
            send_number(from, sent++, 20000); /* some seven rings full */
        assert_false(pf_duct_pump(from));
        for (uint64_t n = 0; n < sent; n++) {
            expect_number(to, n, 20000);
            pf_duct_pump(from);
        }
        assert_true(pf_duct_pump(from));
        assert_null(pf_duct_next(to));
    }
    ends_close(&ends);
}

static void frames__larger_than_the_ring_go_in_pieces(void **state)
{
    static const size_t sizes[] = {PF_BODY_MAX,      PF_BODY_MAX + 1, 2 * PF_BODY_MAX - 64,
                                   PF_RING_SIZE - 1, PF_RING_SIZE,    5000000};
    struct ends ends;

    (void)state;
    ends_open(&ends);
    attach(&ends);
    for (int way = 0; way < 2; way++) {
        struct pf_duct *from = way ? ends.worker : ends.driver;
        struct pf_duct *to = way ? ends.driver : ends.worker;
        for (size_t i = 0; i < COUNT_OF(sizes); i++)
            send_number(from, i, sizes[i]);
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            struct pf_frame *frame;
            while (!(frame = pf_duct_next(to)))
                pf_duct_pump(from);
            assert_true(is_number(frame, i, sizes[i]));
            pf_duct_release(to, frame);
        }
    }
    ends_close(&ends);
}

static void frames__are_released_in_any_order(void **state)
{
    struct pf_frame *held[3];
    struct ends ends;

    (void)state;
    ends_open(&ends);
    attach(&ends);
    for (int lap = 0; lap < 50; lap++) {
        send_number(ends.driver, 0, 1000);
        send_number(ends.driver, 1, 70000);
        send_number(ends.driver, 2, 1000);
        for (int i = 0; i < 3; i++) {
            while (!(held[i] = pf_duct_next(ends.worker)))
                assert_false(pf_duct_pump(ends.driver));
            assert_int_equal(held[i]->first, i);
        }
        pf_duct_release(ends.worker, held[2]);
        pf_duct_release(ends.worker, held[0]);
        assert_true(is_number(held[1], 1, 70000));
        pf_duct_release(ends.worker, held[1]);
    }
    ends_close(&ends);
}

static void abandoned_reservation__leaves_nothing(void **state)
{
    struct ends ends;

    (void)state;
    ends_open(&ends);
    attach(&ends);
    pf_duct_abandon(ends.worker, pf_duct_reserve(ends.worker, 1000));
    pf_duct_abandon(ends.worker, pf_duct_reserve(ends.worker, 1000000));
    assert_null(pf_duct_next(ends.driver));
    assert_null(pf_duct_draft(ends.driver));
    send_number(ends.worker, 1, 10);
    expect_number(ends.driver, 1, 10);
    ends_close(&ends);
}

static void close__frees_what_was_under_way(void **state)
{
    struct ends ends;

    (void)state;
    ends_open(&ends);
    attach(&ends);
    send_number(ends.driver, 0, 1000000);
    send_number(ends.driver, 1, 1000000);
    assert_null(pf_duct_next(ends.worker)); /* pieces of the first are there */
    ends_close(&ends);
    pf_duct_close(NULL);
}

static void attach__takes_the_descriptors_also_when_it_fails(void **state)
{
    int fds[PF_DUCT_FDS] = {eventfd(0, 0), eventfd(0, 0), eventfd(0, 0)};
    struct pf_duct *duct;

    (void)state;
    assert_true(pf_duct_attach(&duct, fds) < 0); /* no memory can be mapped of these */
    for (int i = 0; i < PF_DUCT_FDS; i++)
        assert_int_equal(close(fds[i]), -1);
}

static void pieces__that_make_no_frame_break_the_duct(void **state)
{
    static const struct {
        uint64_t stated; /* how large the whole shall be */
        uint64_t size;   /* what its own header says of its body */
    } bad[] = {{0, 0}, {63, 0}, {UINT64_MAX, 0}, {1ull << 60, 0}, {100, 0}, {164, 101}, {164, 99}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct pf_frame *piece, whole = {.kind = PF_BATCH, .size = bad[i].size};
        struct ends ends;
        ends_open(&ends);
        attach(&ends);
        piece = pf_duct_reserve(ends.worker, 164);
        piece->kind = PF_PIECE;
        piece->count = bad[i].stated;
        memset(piece->body, 0, 164);
        memcpy(piece->body, &whole, sizeof whole);
        pf_duct_commit(ends.worker, piece, true);
        assert_null(pf_duct_next(ends.driver));
        assert_true(pf_duct_broken(ends.driver));
        assert_null(pf_duct_next(ends.driver));
        ends_close(&ends);
    }
}

static void wait__returns_at_once_when_there_is_a_frame(void **state)
{
    struct ends ends;

    (void)state;
    ends_open(&ends);
    attach(&ends);
    send_number(ends.driver, 1, 10);
    pf_duct_wait(ends.worker, PF_NEVER);
    expect_number(ends.worker, 1, 10);
    pf_duct_wait(ends.worker, pf_now()); /* a deadline that is past */
    ends_close(&ends);
}

/* ---- with a worker process */

/* Sends everything back that comes, until a frame of kind STOP. */
static _Noreturn void echo(struct ends *ends)
{
    struct pf_duct *duct = attach(ends);

    for (;;) {
        struct pf_frame *frame = pf_duct_next(duct), *answer;
        if (!frame) {
            pf_duct_pump(duct);
            pf_duct_wait(duct, PF_NEVER);
            continue;
        }
        if (frame->kind == PF_STOP)
            _exit(0);
        answer = pf_duct_reserve(duct, frame->size);
        memcpy(answer, frame, sizeof *frame + frame->size);
        answer->released = 0;
        pf_duct_release(duct, frame);
        pf_duct_commit(duct, answer, true);
    }
}

static pid_t fork_echo(struct ends *ends)
{
    pid_t pid = fork_child();

    if (pid == 0)
        echo(ends);
    return pid;
}

static void stop_echo(struct ends *ends, pid_t pid)
{
    struct pf_frame *stop = pf_duct_reserve(ends->driver, 0);
    int status;

    stop->kind = PF_STOP;
    pf_duct_commit(ends->driver, stop, true);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* A lost wake-up on either side leaves both asleep: hear_bell then fails. */
static void ping_pong__with_a_process_loses_no_wake_up(void **state)
{
    struct ends ends;
    pid_t pid;

    (void)state;
    ends_open(&ends);
    pid = fork_echo(&ends);
    for (uint64_t n = 0; n < 5000; n++) {
        struct pf_frame *frame;
        send_number(ends.driver, n, 8);
        while (!(frame = pf_duct_next(ends.driver)))
            hear_bell(ends.bell);
        assert_true(is_number(frame, n, 8));
        pf_duct_release(ends.driver, frame);
    }
    stop_echo(&ends, pid);
    ends_close(&ends);
}

/* Both sides have backlogs, and sleep unless their bell rings. */
static void stream__of_all_sizes_never_stalls(void **state)
{
    enum { FRAMES = 300 };
    struct ends ends;
    uint64_t seed = 17, sent = 0, got = 0;
    size_t sizes[FRAMES];
    pid_t pid;

    (void)state;
    ends_open(&ends);
    pid = fork_echo(&ends);
    for (int i = 0; i < FRAMES; i++)
        sizes[i] = random_below(&seed, i % 10 ? 30000 : 1500000);
    while (got < FRAMES) {
        struct pf_frame *frame;
        while (sent < FRAMES && sent < got + 30) {
            send_number(ends.driver, sent, sizes[sent]);
            sent++;
        }
        pf_duct_pump(ends.driver);
        frame = pf_duct_next(ends.driver);
        if (!frame) {
            hear_bell(ends.bell);
            continue;
        }
        assert_true(is_number(frame, got, sizes[got]));
        pf_duct_release(ends.driver, frame);
        got++;
    }
    stop_echo(&ends, pid);
    ends_close(&ends);
}

/* What a worker leaves that dies inside user code, with three items done. */
static void death__leaves_the_draft_and_that_it_was_busy(void **state)
{
    struct pf_frame *draft;
    struct ends ends;
    int status;
    pid_t pid;

    (void)state;
    ends_open(&ends);
    assert_false(pf_duct_was_busy(ends.driver));
    pid = fork_child();
    if (pid == 0) {
        struct pf_duct *duct = attach(&ends);
        send_number(duct, 1, 100);
        draft = pf_duct_reserve(duct, 1000);
        draft->kind = PF_RESULT;
        draft->count = 3;
        memset(draft->body, 5, 300);
        atomic_store(pf_duct_busy(duct), 1);
        atomic_store(&pf_duct_present(duct)->call, 5);
        atomic_store(&pf_duct_present(duct)->kill_at, 17);
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    expect_number(ends.driver, 1, 100);
    assert_null(pf_duct_next(ends.driver));
    draft = pf_duct_draft(ends.driver);
    assert_non_null(draft);
    assert_int_equal(draft->kind, PF_RESULT);
    assert_int_equal(draft->count, 3);
    assert_int_equal(draft->body[299], 5);
    assert_true(pf_duct_was_busy(ends.driver));
    assert_int_equal(atomic_load(&pf_duct_present(ends.driver)->call), 5);
    assert_int_equal(atomic_load(&pf_duct_present(ends.driver)->kill_at), 17);
    ends_close(&ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames__come_in_order_in_both_directions),
        cmocka_unit_test(frames__that_do_not_fit_wait_in_a_backlog),
        cmocka_unit_test(frames__larger_than_the_ring_go_in_pieces),
        cmocka_unit_test(frames__are_released_in_any_order),
        cmocka_unit_test(abandoned_reservation__leaves_nothing),
        cmocka_unit_test(close__frees_what_was_under_way),
        cmocka_unit_test(attach__takes_the_descriptors_also_when_it_fails),
        cmocka_unit_test(pieces__that_make_no_frame_break_the_duct),
        cmocka_unit_test(wait__returns_at_once_when_there_is_a_frame),
        cmocka_unit_test(ping_pong__with_a_process_loses_no_wake_up),
        cmocka_unit_test(stream__of_all_sizes_never_stalls),
        cmocka_unit_test(death__leaves_the_draft_and_that_it_was_busy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
