/* Standard descriptors that somebody closed. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/standard.h"

/* In a child, whose descriptors are its own: its exit code. */
static int in_child(int (*run)(void))
{
    pid_t child = fork();
    int status = -1;

    if (child == 0)
        _exit(run());
    assert_true(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int all_closed(void)
{
    char byte = 'x';
    int next;

    for (int fd = 0; fd < 3; fd++)
        close(fd);
    pf_standard_fill();
    next = open("/dev/null", O_RDONLY);
    if (next < 3)
        return 1;
    if (read(0, &byte, 1) != -1 || errno != EBADF)
        return 2;
    for (int fd = 1; fd < 3; fd++)
        if (write(fd, &byte, 1) != -1 || errno != EBADF)
            return 3;
    return 0;
}

static void fill__keeps_the_numbers_of_closed_ones(void **state)
{
    (void)state;
    assert_int_equal(in_child(all_closed), 0);
}

static int one_closed(void)
{
    char byte = 'x';
    int ends[2];

    close(1);
    if (pipe(ends) != 0 || ends[0] != 1 || dup2(ends[1], 2) != 2)
        return 1;
    pf_standard_fill();
    return write(2, &byte, 1) == 1 && read(1, &byte, 1) == 1 ? 0 : 2;
}

static void fill__leaves_open_ones_alone(void **state)
{
    (void)state;
    assert_int_equal(in_child(one_closed), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fill__keeps_the_numbers_of_closed_ones),
        cmocka_unit_test(fill__leaves_open_ones_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
