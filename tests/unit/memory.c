/* Limits of memory: what a process may have more than it has. */
#include "unit.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "host/memory.h"

#define MB ((size_t)1 << 20)

static bool get(size_t size)
{
    void *volatile memory = malloc(size);
    bool got = memory != NULL;

    free(memory);
    return got;
}

/* Each in a process of its own, since a limit is for good. */
static void child(int (*body)(void))
{
    pid_t pid = fork_child();
    int status;

    if (pid == 0)
        _exit(body());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static int more_is_refused(void)
{
    void *volatile had = malloc(200 * MB); /* or a compiler does without it */
    int code = pf_memory_limit(100 * MB);

    if (code || !get(80 * MB) || get(120 * MB))
        return 1;
    free(had); /* what is given back may be taken again */
    return get(280 * MB) && !get(320 * MB) ? 0 : 2;
}

static int shared_memory_is_none(void)
{
    if (pf_memory_limit(10 * MB) != 0)
        return 1;
    return mmap(NULL, 100 * MB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) ==
                   MAP_FAILED
               ? 2
               : 0;
}

static int smaller_limit_stays(void)
{
    struct rlimit before, after;

    if (pf_memory_limit(10 * MB) != 0 || getrlimit(RLIMIT_DATA, &before) != 0 ||
        pf_memory_limit(100 * MB) != 0 || getrlimit(RLIMIT_DATA, &after) != 0)
        return 1;
    return before.rlim_cur == after.rlim_cur && before.rlim_max == after.rlim_max ? 0 : 2;
}

static int largest_limit_is_none(void)
{
    return pf_memory_limit(UINT64_MAX) == 0 && get(10 * MB) ? 0 : 1;
}

static void limit__refuses_more_and_not_less(void **state)
{
    (void)state;
    child(more_is_refused);
}

static void limit__does_not_count_shared_memory(void **state)
{
    (void)state;
    child(shared_memory_is_none);
}

static void limit__leaves_a_smaller_one_alone(void **state)
{
    (void)state;
    child(smaller_limit_stays);
}

static void limit__that_overflows_is_none(void **state)
{
    (void)state;
    child(largest_limit_is_none);
}

/* Valgrind and sanitizers do not let a limit through. */
static int probe(void)
{
    struct rlimit small = {10 * MB, 10 * MB};

    return setrlimit(RLIMIT_DATA, &small) == 0 && !get(100 * MB) ? 0 : 1;
}

static void skip_unless_limited(void)
{
    pid_t pid = fork_child();
    int status = -1;

    if (pid == 0)
        _exit(probe());
    waitpid(pid, &status, 0);
    if (status == 0)
        return;
    printf("1..0 # SKIP memory cannot be limited under this tool\n");
    exit(0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limit__refuses_more_and_not_less),
        cmocka_unit_test(limit__does_not_count_shared_memory),
        cmocka_unit_test(limit__leaves_a_smaller_one_alone),
        cmocka_unit_test(limit__that_overflows_is_none),
    };

    skip_unless_limited();
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
