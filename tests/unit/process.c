/* The port of local processes, with a real nursery: work, deaths of every kind, and what is saved
 * of the work of the dead. */
#include "ports.h"

#include <sys/wait.h>

#include "port/process.h"
#include "work/preload.h"

static int pid_of_worker(pinfold_task *task)
{
    *(int *)pinfold_task_out(task, sizeof(int)) = getpid();
    return 0;
}

static int die_at_3(pinfold_task *task)
{
    if (pinfold_task_index(task) == 3)
        raise(SIGKILL);
    return pid_of_worker(task);
}

static int exit_at_3(pinfold_task *task)
{
    if (pinfold_task_index(task) == 3)
        _exit(5);
    return pid_of_worker(task);
}

static int hang(pinfold_task *task)
{
    (void)task;
    for (;;)
        pause();
    return 0;
}

/* Item and result are of one size: every byte, one more. */
static int add_one(pinfold_task *task)
{
    pinfold_bytes arg = pinfold_task_arg(task);
    unsigned char *out = pinfold_task_out(task, arg.size);

    for (size_t i = 0; i < arg.size; i++)
        out[i] = (unsigned char)(((const unsigned char *)arg.data)[i] + 1);
    return 0;
}

static int bad_preload(pinfold_bytes arg, char *text, size_t size)
{
    snprintf(text, size, "no %s", (const char *)arg.data);
    return 1;
}

/* ---- */
static void open_port(struct ear *ear, int lanes, int preload)
{
    struct pf_nursery *nursery;

    memset(ear, 0, sizeof *ear);
    assert_int_equal(pf_nursery_get(&nursery, NULL), 0);
    assert_int_equal(pf_process_open(&ear->port, nursery, lanes, NULL, preload, NULL), 0);
    assert_int_equal(ear->port->lanes, lanes);
}

static void close_port(struct ear *ear)
{
    ear->port->ops->close(ear->port);
}

/* The pid of a lane's worker, as a task of it says. */
static pid_t ask_pid(struct ear *ear, int *at, int lane)
{
    static uint64_t call = 1000;

    say_call(ear, lane, ++call, pid_of_worker, sizeof(int), sizeof(int));
    say_batch(ear, lane, call, 0, 1, sizeof(int));
    expect(ear, at, lane, PF_RESULT, call, 0, 1);
    return (pid_t)ear->heard[*at - 1].value;
}

static void lanes__are_processes_of_their_own(void **state)
{
    struct ear ear;
    pid_t pids[3];
    int at = 0;

    (void)state;
    open_port(&ear, 3, -1);
    for (int lane = 0; lane < 3; lane++) {
        pids[lane] = ask_pid(&ear, &at, lane);
        assert_int_not_equal(pids[lane], getpid());
        for (int other = 0; other < lane; other++)
            assert_int_not_equal(pids[lane], pids[other]);
    }
    close_port(&ear);
}

static void frames__of_megabytes_go_both_ways(void **state)
{
    enum { SIZE = 3000000 };
    struct ear ear;
    int at = 0;

    (void)state;
    open_port(&ear, 2, -1);
    for (int lane = 0; lane < 2; lane++) {
        say_call(&ear, lane, 1, add_one, SIZE, SIZE);
        for (uint64_t i = 0; i < 3; i++)
            say_batch(&ear, lane, 1, i, 1, SIZE);
    }
    for (int n = 0; n < 6; n++) {
        struct heard *heard = hear_next(&ear, &at);
        assert_int_equal(heard->kind, PF_RESULT);
        assert_int_equal(heard->value, (int)heard->first + 0x01010101);
    }
    close_port(&ear);
}

/* What was finished before the death comes up before the loss, whatever was not sent yet. */
static void death(pinfold_fn *fn, int code, const char *text)
{
    struct ear ear;
    struct heard *loss;
    int at = 0, done = 0;

    open_port(&ear, 1, -1);
    say_call(&ear, 0, 1, fn, sizeof(int), sizeof(int));
    say_batch(&ear, 0, 1, 1, 5, sizeof(int));
    for (loss = hear_next(&ear, &at); loss->kind == PF_RESULT; loss = hear_next(&ear, &at)) {
        assert_int_equal(loss->first, done + 1);
        done += (int)loss->count;
    }
    assert_int_equal(done, 2);
    assert_int_equal(loss->kind, PF_KIND_NONE);
    assert_int_equal(loss->code, code);
    assert_true(loss->busy);
    assert_false(loss->final);
    assert_non_null(strstr(loss->text, text));
    assert_int_equal(ear.port->ops->revive(ear.port, 0, NULL), 0);
    assert_int_not_equal(ask_pid(&ear, &at, 0), ear.heard[0].value);
    close_port(&ear);
}

static void signal_inside_a_task__saves_what_was_done(void **state)
{
    (void)state;
    death(die_at_3, PINFOLD_E_TASK_SIGNAL, "signal 9");
}

static void exit_inside_a_task__saves_what_was_done(void **state)
{
    (void)state;
    death(exit_at_3, PINFOLD_E_TASK_EXIT, "exit code 5");
}

static void death_while_idle__blames_no_task(void **state)
{
    struct heard *loss;
    struct ear ear;
    int at = 0;

    (void)state;
    open_port(&ear, 2, -1);
    kill(ask_pid(&ear, &at, 1), SIGTERM);
    loss = hear_next(&ear, &at);
    assert_int_equal(loss->kind, PF_KIND_NONE);
    assert_int_equal(loss->lane, 1);
    assert_int_equal(loss->code, PINFOLD_E_TASK_SIGNAL);
    assert_false(loss->busy);
    ask_pid(&ear, &at, 0); /* the other one lives */
    close_port(&ear);
}

static void workers__die_a_hundred_times_and_are_replaced(void **state)
{
    struct ear ear;
    int at = 0;

    (void)state;
    open_port(&ear, 1, -1);
    for (uint64_t n = 0; n < 100; n++) {
        say_call(&ear, 0, 1, die_at_3, sizeof(int), sizeof(int));
        say_batch(&ear, 0, 1, 3, 1, sizeof(int));
        assert_int_equal(hear_next(&ear, &at)->kind, PF_KIND_NONE);
        assert_int_equal(ear.port->ops->revive(ear.port, 0, NULL), 0);
        ear.n = at = 0;
    }
    ask_pid(&ear, &at, 0);
    close_port(&ear);
}

static void loss_in_one_port__is_not_swallowed_by_another(void **state)
{
    struct ear one, two;
    int at_one = 0, at_two = 0;
    pid_t pid;

    (void)state;
    open_port(&one, 1, -1);
    open_port(&two, 1, -1);
    pid = ask_pid(&two, &at_two, 0);
    kill(pid, SIGKILL);
    for (int i = 0; i < 20; i++)
        ask_pid(&one, &at_one, 0); /* hears all that the nursery says */
    assert_int_equal(hear_next(&two, &at_two)->code, PINFOLD_E_TASK_SIGNAL);
    close_port(&two);
    close_port(&one);
}

static void preload__that_fails_is_a_final_loss_with_its_reason(void **state)
{
    struct heard *loss;
    struct ear ear;
    int at = 0, preload;

    (void)state;
    assert_int_equal(pf_preload_write(&preload, bad_preload, (pinfold_bytes){"table", 6}, NULL), 0);
    open_port(&ear, 2, preload);
    for (int n = 0; n < 2; n++) {
        loss = hear_next(&ear, &at);
        assert_int_equal(loss->kind, PF_KIND_NONE);
        assert_int_equal(loss->code, PINFOLD_E_WORKER_INIT);
        assert_true(loss->final);
        assert_non_null(strstr(loss->text, "no table"));
    }
    close_port(&ear);
}

static pid_t nursery_pid(void)
{
    FILE *list = fopen("/proc/thread-self/children", "r");
    int pid = 0;

    assert_non_null(list);
    assert_int_equal(fscanf(list, "%d", &pid), 1);
    fclose(list);
    return pid;
}

static void nursery__that_is_killed_loses_every_lane_once(void **state)
{
    struct ear ear;
    int at = 0;

    (void)state;
    open_port(&ear, 3, -1);
    for (int lane = 0; lane < 3; lane++)
        ask_pid(&ear, &at, lane);
    kill(nursery_pid(), SIGKILL);
    for (int lane = 0; lane < 3; lane++) {
        struct heard *loss = hear_next(&ear, &at);
        assert_int_equal(loss->kind, PF_KIND_NONE);
        assert_int_equal(loss->lane, lane);
        assert_int_equal(loss->code, PINFOLD_E_WORKER_LOST);
        assert_true(loss->final);
    }
    assert_int_equal(ear.port->ops->poll(ear.port, ear_sink, &ear), 0);
    close_port(&ear);
}

static bool is_gone(pid_t pid)
{
    return kill(pid, 0) != 0;
}

static void close__kills_workers_that_do_not_come_back(void **state)
{
    struct ear ear;
    int at = 0;
    pid_t pids[2];

    (void)state;
    open_port(&ear, 2, -1);
    for (int lane = 0; lane < 2; lane++) {
        pids[lane] = ask_pid(&ear, &at, lane);
        say_call(&ear, lane, 1, hang, sizeof(int), sizeof(int));
        say_batch(&ear, lane, 1, 0, 1, sizeof(int));
    }
    assert_true(ear.port->ops->kill(ear.port, 0));
    eventually(is_gone(pids[0]));
    assert_false(is_gone(pids[1]));
    close_port(&ear);
    eventually(is_gone(pids[1]));
}

static void stop__is_answered_with_bye(void **state)
{
    struct ear ear;
    int at = 0;

    (void)state;
    open_port(&ear, 1, -1);
    say_stop(&ear, 0);
    expect(&ear, &at, 0, PF_BYE, 0, 0, 0);
    close_port(&ear);
}

static int end(void **state)
{
    (void)state;
    pf_nursery_end();
    return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, end)
    const struct CMUnitTest tests[] = {
        TEST(lanes__are_processes_of_their_own),
        TEST(frames__of_megabytes_go_both_ways),
        TEST(signal_inside_a_task__saves_what_was_done),
        TEST(exit_inside_a_task__saves_what_was_done),
        TEST(death_while_idle__blames_no_task),
        TEST(workers__die_a_hundred_times_and_are_replaced),
        TEST(loss_in_one_port__is_not_swallowed_by_another),
        TEST(preload__that_fails_is_a_final_loss_with_its_reason),
        TEST(nursery__that_is_killed_loses_every_lane_once),
        TEST(close__kills_workers_that_do_not_come_back),
        TEST(stop__is_answered_with_bye),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
