/* Messages between driver, nursery and zygote, and the descriptors that travel with them. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "work/order.h"

static int pair[2];

static int open_pair(void **state)
{
    (void)state;
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int close_pair(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            close(pair[i]);
    return 0;
}

static void message__arrives_with_its_descriptors(void **state)
{
    struct pf_order sent = {.what = PF_ORDER_SPAWN, .number = 7, .preload = true}, got = {0};
    int fds[PF_ORDER_FDS] = {eventfd(5, 0), eventfd(6, 0), eventfd(7, 0), eventfd(8, 0)},
        here[PF_ORDER_FDS];

    (void)state;
    assert_int_equal(pf_send(pair[0], &sent, sizeof sent, fds, PF_ORDER_FDS), 1);
    assert_int_equal(pf_receive(pair[1], &got, sizeof got, here, PF_ORDER_FDS), 1);
    assert_int_equal(got.what, PF_ORDER_SPAWN);
    assert_int_equal(got.number, 7);
    assert_true(got.preload);
    for (int i = 0; i < PF_ORDER_FDS; i++) {
        uint64_t count;
        assert_int_equal(read(here[i], &count, sizeof count), sizeof count);
        assert_int_equal(count, 5 + i);
        assert_true(fcntl(here[i], F_GETFD) & FD_CLOEXEC);
        close(here[i]);
        close(fds[i]);
    }
}

static void message__without_descriptors_says_so(void **state)
{
    int number = 42, got = 0, here[PF_ORDER_FDS] = {7, 7, 7, 7};

    (void)state;
    assert_int_equal(pf_send(pair[0], &number, sizeof number, NULL, 0), 1);
    assert_int_equal(pf_receive(pair[1], &got, sizeof got, here, PF_ORDER_FDS), 1);
    assert_int_equal(got, 42);
    for (int i = 0; i < PF_ORDER_FDS; i++)
        assert_int_equal(here[i], -1);
}

static void receive__does_not_wait(void **state)
{
    int got;

    (void)state;
    assert_int_equal(pf_receive(pair[1], &got, sizeof got, NULL, 0), 0);
}

static void receive__tells_that_the_other_side_is_gone_behind_its_last_words(void **state)
{
    int number = 42, got;

    (void)state;
    assert_int_equal(pf_send(pair[0], &number, sizeof number, NULL, 0), 1);
    assert_int_equal(pf_send(pair[1], &number, sizeof number, NULL, 0), 1); /* and never read */
    close(pair[0]);
    pair[0] = -1;
    assert_int_equal(pf_receive(pair[1], &got, sizeof got, NULL, 0), 1);
    assert_int_equal(pf_receive(pair[1], &got, sizeof got, NULL, 0), -1);
}

/* And no SIGPIPE, which would end the test. */
static void send__tells_that_the_other_side_is_gone(void **state)
{
    int number = 42;

    (void)state;
    close(pair[1]);
    pair[1] = -1;
    assert_int_equal(pf_send(pair[0], &number, sizeof number, NULL, 0), -1);
}

static void send__into_a_full_socket_that_must_not_wait_says_so(void **state)
{
    char message[1000] = "";
    int sent = 0, got;

    (void)state;
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    while ((got = pf_send(pair[0], message, sizeof message, NULL, 0)) == 1)
        assert_true(++sent < 1000000);
    assert_int_equal(got, 0);
    assert_int_equal(pf_receive(pair[1], message, sizeof message, NULL, 0), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_pair, close_pair)
    const struct CMUnitTest tests[] = {
        TEST(message__arrives_with_its_descriptors),
        TEST(message__without_descriptors_says_so),
        TEST(receive__does_not_wait),
        TEST(receive__tells_that_the_other_side_is_gone_behind_its_last_words),
        TEST(send__tells_that_the_other_side_is_gone),
        TEST(send__into_a_full_socket_that_must_not_wait_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
