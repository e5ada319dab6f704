/* Bells: one process wakes another by a name that the kernel chose. */
#include "unit.h"

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
        cmocka_unit_test(ring__of_a_bell_that_is_not_there_is_told),
        cmocka_unit_test(free__leaves_a_bell_that_never_rings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
