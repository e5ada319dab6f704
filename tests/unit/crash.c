/* Crashes: what a process that is watched says before it dies, and that it dies all the same. */
#include "unit.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "work/crash.h"
#include "work/obituary.h"

static struct pf_words *words;
static int out[2]; /* what the child's stdout is */

/* Not NULL, which sanitizers look for themselves. */
static const volatile int *volatile nowhere = (const volatile int *)16;

static void reads_nothing(void)
{
    (void)*nowhere;
    __asm__ volatile("");
}

/* Whoever follows a call that can be foreseen (valgrind) says that the fault is where it was made. */
static void (*volatile faulty)(void) = reads_nothing;

static void segfault(void)
{
    faulty();
    __asm__ volatile("");
}

static void fills_its_stack(void)
{
    volatile char some[4096];

    some[0] = 1;
    if (some[0])
        fills_its_stack();
    __asm__ volatile("" ::"r"(some));
}

static void calls_nothing(void)
{
    void (*volatile function)(void) = NULL;

    function();
    __asm__ volatile("");
}

static void aborts(void)
{
    abort();
}

static void sets_its_own(void)
{
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

static void prints_and_dies(void)
{
    printf("not a whole line");
    abort();
}

/* Its own child is another process: what that dies of is told to nobody. */
static void has_a_child_that_dies(void)
{
    pid_t child = fork_child();
    int status;

    if (child == 0)
        segfault();
    waitpid(child, &status, 0);
    _exit(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV ? 5 : 6);
}

static void exits_without_memory(void)
{
    errno = ENOMEM;
    exit(4);
}

/* The wait status of a watched process that does this. */
static int watch(void (*die)(void), struct pf_obituary *obituary)
{
    pid_t pid;
    int status;

    memset(words, 0, sizeof *words);
    assert_int_equal(pipe(out), 0);
    pid = fork_child();
    if (pid == 0) {
        for (int i = 1; i < NSIG; i++)
            signal(i, SIG_DFL); /* cmocka's, and those of sanitizers */
        dup2(out[1], 1);
        words->limit = 1 << 20;
        pf_crash_watch(words);
        die();
        _exit(99);
    }
    close(out[1]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    pf_obituary_write(obituary, words, pid, status, 0);
    if (obituary->status == 99)
        print_error("it came back\n");
    return status;
}

static void assert_dies(void (*die)(void), int signal, const char *part, const char *other)
{
    struct pf_obituary obituary;
    int status = watch(die, &obituary);

    close(out[0]);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), signal);
    assert_int_equal(obituary.code, PINFOLD_E_TASK_SIGNAL);
    assert_int_equal(obituary.status, signal);
    if (!strstr(obituary.text, part) || !strstr(obituary.text, other))
        print_error("%s\n", obituary.text);
    assert_non_null(strstr(obituary.text, part));
    assert_non_null(strstr(obituary.text, other));
}

static void fault__is_told_with_its_address_and_functions(void **state)
{
    (void)state;
    assert_dies(segfault, SIGSEGV, "(SIGSEGV, Segmentation fault) at address 0x10 in reads_nothing+",
                ", called by segfault+");
}

static void full_stack__is_told(void **state)
{
    (void)state;
    assert_dies(fills_its_stack, SIGSEGV, "its stack was full", "in fills_its_stack+");
}

static void jump_to_nowhere__is_told_by_its_caller(void **state)
{
    (void)state;
    assert_dies(calls_nothing, SIGSEGV, "in no function (0x0)", "called by calls_nothing+");
}

static void abort__is_told_without_its_inside(void **state)
{
    (void)state;
    assert_dies(aborts, SIGABRT, "(SIGABRT, Aborted) in aborts+", "");
}

static void handler__of_the_tasks_own_is_left_alone(void **state)
{
    (void)state;
    assert_dies(sets_its_own, SIGSEGV, "signal 11 (SIGSEGV, Segmentation fault)", "");
    assert_int_equal(words->signal, 0);
}

static void stdout__is_written_at_a_crash(void **state)
{
    struct pf_obituary obituary;
    char text[64] = "";

    (void)state;
    assert_true(WIFSIGNALED(watch(prints_and_dies, &obituary)));
    assert_int_equal(read(out[0], text, sizeof text - 1), strlen("not a whole line"));
    assert_string_equal(text, "not a whole line");
    close(out[0]);
}

static void child__of_a_task_has_no_words(void **state)
{
    struct pf_obituary obituary;
    int status = watch(has_a_child_that_dies, &obituary);

    (void)state;
    close(out[0]);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 5);
    assert_int_equal(words->signal, 0);
    assert_int_equal(obituary.code, PINFOLD_E_TASK_EXIT);
}

static void exit__without_memory_is_told(void **state)
{
    struct pf_obituary obituary;
    int status = watch(exits_without_memory, &obituary);

    (void)state;
    close(out[0]);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 4);
    assert_int_equal(obituary.code, PINFOLD_E_TASK_MEMORY);
    assert_int_equal(obituary.status, 4);
    assert_non_null(strstr(obituary.text, "ran out of memory, of which its tasks may have 1 MiB, "
                                          "and ended with exit code 4"));
}

static int make_words(void **state)
{
    (void)state;
    words = mmap(NULL, sizeof *words, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return words == MAP_FAILED ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault__is_told_with_its_address_and_functions),
        cmocka_unit_test(full_stack__is_told),
        cmocka_unit_test(jump_to_nowhere__is_told_by_its_caller),
        cmocka_unit_test(abort__is_told_without_its_inside),
        cmocka_unit_test(handler__of_the_tasks_own_is_left_alone),
        cmocka_unit_test(stdout__is_written_at_a_crash),
        cmocka_unit_test(child__of_a_task_has_no_words),
        cmocka_unit_test(exit__without_memory_is_told),
    };

    return cmocka_run_group_tests_name("crash", tests, make_words, NULL);
}
