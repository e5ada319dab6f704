/* Bells: one process wakes another by a name that the kernel chose. */
#include "unit.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "port/bell.h"

static void bells__have_names_of_their_own(void **state)
{
    struct pf_bell one, two;

    (void)state;
    pf_bell_make(&one);
    pf_bell_make(&two);
    assert_true(one.fd >= 0 && one.name[0]);
    assert_string_not_equal(one.name, two.name);
    pf_bell_free(&one);
    pf_bell_free(&two);
}

static void ring__is_heard_once_however_often_it_rang(void **state)
{
    struct pf_bell mine, theirs;
    struct pollfd wait;

    (void)state;
    pf_bell_make(&mine);
    pf_bell_make(&theirs);
    assert_false(pf_bell_rung(&theirs));
    for (int i = 0; i < 5000; i++)
        assert_true(pf_bell_ring(&mine, theirs.name)); /* a full socket rings already */
    wait = (struct pollfd){.fd = theirs.fd, .events = POLLIN};
    assert_int_equal(poll(&wait, 1, 0), 1);
    assert_true(pf_bell_rung(&theirs));
    assert_false(pf_bell_rung(&theirs));
    assert_int_equal(poll(&wait, 1, 0), 0);
    assert_false(pf_bell_rung(&mine));
    pf_bell_free(&mine);
    pf_bell_free(&theirs);
}

static void ring__wakes_another_process(void **state)
{
    struct pf_bell mine, theirs;
    int status;
    pid_t pid;

    (void)state;
    pf_bell_make(&theirs);
    pid = fork_child();
    if (pid == 0) {
        struct pollfd wait = {.fd = theirs.fd, .events = POLLIN};
        _exit(poll(&wait, 1, 30000) == 1 && pf_bell_rung(&theirs) ? 0 : 1);
    }
    pf_bell_make(&mine);
    assert_true(pf_bell_ring(&mine, theirs.name));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    pf_bell_free(&mine);
    pf_bell_free(&theirs);
}

/* Sends bytes, and a descriptor with them, to a name. */
static void send_garbage(const char *name, int descriptor)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {0};
    unsigned char bytes[3000];
    struct iovec part = {bytes, sizeof bytes};
    struct msghdr header = {.msg_name = &address,
                            .msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.room,
                            .msg_controllen = sizeof control.room};
    struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
    int from = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    memset(bytes, 0xff, sizeof bytes);
    memcpy(address.sun_path + 1, name, strlen(name));
    header.msg_namelen = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    assert_true(from >= 0);
    assert_int_equal(sendmsg(from, &header, 0), sizeof bytes);
    assert_int_equal(close(from), 0);
}

static int lowest_free_descriptor(void)
{
    int descriptor = dup(STDIN_FILENO);

    assert_int_equal(close(descriptor), 0);
    return descriptor;
}

static void ring__of_a_stranger_is_but_a_ring(void **state)
{
    struct pf_bell bell;
    int before;

    (void)state;
    pf_bell_make(&bell);
    before = lowest_free_descriptor();
    send_garbage(bell.name, STDOUT_FILENO);
    assert_true(pf_bell_rung(&bell));
    assert_false(pf_bell_rung(&bell));
    assert_int_equal(lowest_free_descriptor(), before);
    pf_bell_free(&bell);
}

/* Whoever looks comes back, and goes on looking: the stranger never stops. */
static void ring__all_the_time_keeps_nobody(void **state)
{
    struct pf_bell bell, theirs;
    int status;
    pid_t pid;

    (void)state;
    pf_bell_make(&bell);
    pid = fork_child();
    if (pid == 0) {
        pf_bell_make(&theirs);
        for (;;)
            pf_bell_ring(&theirs, bell.name);
    }
    for (int i = 0; i < 1000; i++)
        pf_bell_rung(&bell);
    eventually(pf_bell_rung(&bell));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    pf_bell_free(&bell);
}

static void ring__of_a_bell_that_is_not_there_is_told(void **state)
{
    struct pf_bell mine, gone;
    char name[PF_BELL_NAME], longer[200];

    (void)state;
    pf_bell_make(&mine);
    pf_bell_make(&gone);
    snprintf(name, sizeof name, "%s", gone.name);
    pf_bell_free(&gone);
    assert_false(pf_bell_ring(&mine, name));
    assert_false(pf_bell_ring(&mine, ""));
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_false(pf_bell_ring(&mine, longer));
    assert_false(pf_bell_ring(&gone, mine.name));
    pf_bell_free(&mine);
}

static void free__leaves_a_bell_that_never_rings(void **state)
{
    struct pf_bell bell;

    (void)state;
    pf_bell_make(&bell);
    pf_bell_free(&bell);
    assert_int_equal(bell.fd, -1);
    assert_string_equal(bell.name, "");
    assert_false(pf_bell_rung(&bell));
    pf_bell_free(&bell);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bells__have_names_of_their_own),
        cmocka_unit_test(ring__is_heard_once_however_often_it_rang),
        cmocka_unit_test(ring__wakes_another_process),
        cmocka_unit_test(ring__of_a_stranger_is_but_a_ring),
        cmocka_unit_test(ring__all_the_time_keeps_nobody),
        cmocka_unit_test(ring__of_a_bell_that_is_not_there_is_told),
        cmocka_unit_test(free__leaves_a_bell_that_never_rings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
