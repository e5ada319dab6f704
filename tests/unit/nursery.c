/* The nursery: cells are made, their deaths are told, zygotes may die, and nothing is left behind.
 * The cells are real, and idle: nobody sends them anything unless a test says so. */
#define _GNU_SOURCE
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "work/nursery.h"
#include "work/preload.h"

static int nothing_to_load(pinfold_bytes arg, char *text, size_t size)
{
    (void)arg, (void)text, (void)size;
    return 0;
}

static int load_with_a_reason(pinfold_bytes arg, char *text, size_t size)
{
    (void)arg;
    snprintf(text, size, "no such table");
    return 3;
}

static int load_without_a_reason(pinfold_bytes arg, char *text, size_t size)
{
    (void)arg, (void)text, (void)size;
    return 4;
}

static int load_and_crash(pinfold_bytes arg, char *text, size_t size)
{
    (void)arg, (void)text, (void)size;
    raise(SIGKILL); /* what no checker takes for an error of its own to report */
    return 0;
}

static int load_and_exit(pinfold_bytes arg, char *text, size_t size)
{
    (void)arg, (void)text, (void)size;
    _exit(9);
}

/* A preload that takes the deaths of the zygote's children for itself. */
static int load_and_ignore_children(pinfold_bytes arg, char *text, size_t size)
{
    (void)arg, (void)text, (void)size;
    signal(SIGCHLD, SIG_IGN);
    return 0;
}

/* ---- a worker as its pool would hold it */
struct held {
    struct pf_nursery *nursery;
    uint32_t number;
    int bell;
    struct pf_duct *duct;
    int preload; /* -1: none */
};

static void spawn(struct held *held)
{
    int fds[PF_DUCT_FDS];

    pf_duct_close(held->duct);
    assert_int_equal(pf_duct_create(&held->duct, held->bell, NULL), 0);
    pf_duct_fds(held->duct, fds);
    assert_int_equal(pf_nursery_spawn(held->nursery, held->number, NULL, held->preload, fds, NULL),
                     0);
}

static void hold(struct held *held, pinfold_preload_fn *preload)
{
    *held = (struct held){.bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), .preload = -1};
    if (preload)
        assert_int_equal(pf_preload_write(&held->preload, preload, (pinfold_bytes){0}, NULL), 0);
    assert_int_equal(pf_nursery_get(&held->nursery, NULL), 0);
    held->number = pf_nursery_numbers(held->nursery, 1);
    spawn(held);
}

static void let_go(struct held *held)
{
    pf_nursery_dismiss(held->nursery, held->number);
    pf_duct_close(held->duct);
    close(held->bell);
    if (held->preload >= 0)
        close(held->preload);
}

static struct pf_news next_news(const struct held *held)
{
    struct pf_news news;
    int got;

    eventually((got = pf_nursery_news(held->nursery, held->number, 1, &news)) != 0);
    assert_int_equal(got, 1);
    assert_int_equal(news.number, held->number);
    return news;
}

static pid_t spawned(const struct held *held)
{
    struct pf_news news = next_news(held);

    assert_int_equal(news.what, PF_NEWS_SPAWNED);
    assert_true(news.pid > 0);
    return (pid_t)news.pid;
}

static struct pf_news died(const struct held *held, pid_t pid)
{
    struct pf_news news = next_news(held);

    assert_int_equal(news.what, PF_NEWS_DIED);
    assert_int_equal(news.pid, pid);
    return news;
}

static bool is_gone(pid_t pid)
{
    char path[64], state = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    file = fopen(path, "r");
    if (!file)
        return true;
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 'X';
    fclose(file);
    return state == 'Z' || state == 'X'; /* only its parent's wait is missing */
}

/* The children of a process with this name, but for one of them; their number, and the last. */
static int children(pid_t parent, const char *name, pid_t but, pid_t *last)
{
    char path[64], its_name[32];
    FILE *list, *comm;
    int pid, n = 0;

    snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)parent, (int)parent);
    list = fopen(path, "r");
    if (!list)
        return 0;
    while (fscanf(list, "%d", &pid) == 1) {
        snprintf(path, sizeof path, "/proc/%d/comm", pid);
        comm = pid == but ? NULL : fopen(path, "r");
        if (!comm)
            continue;
        if (fgets(its_name, sizeof its_name, comm) && !is_gone(pid) &&
            strncmp(its_name, name, strlen(name)) == 0) {
            n++;
            *last = pid;
        }
        fclose(comm);
    }
    fclose(list);
    return n;
}

static pid_t nursery_of(pid_t driver)
{
    pid_t pid = 0;

    eventually(children(driver, "pinfold-nursery", 0, &pid) == 1);
    return pid;
}

/* The zygote beside its cell, which has that name too until it is told who it is. */
static pid_t zygote_beside(pid_t nursery, pid_t cell)
{
    pid_t pid = 0;

    eventually(children(nursery, "pinfold-zygote", cell, &pid) == 1);
    return pid;
}

/* ---- */
static void get__makes_one_for_the_process(void **state)
{
    struct pf_nursery *one, *two;

    (void)state;
    assert_int_equal(pf_nursery_get(&one, NULL), 0);
    assert_int_equal(pf_nursery_get(&two, NULL), 0);
    assert_ptr_equal(one, two);
    assert_int_not_equal(pf_nursery_numbers(one, 3), pf_nursery_numbers(two, 1));
}

static void cell__is_made_and_its_signal_is_told(void **state)
{
    struct held held;
    pid_t pid;

    (void)state;
    hold(&held, NULL);
    pid = spawned(&held);
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(WTERMSIG(died(&held, pid).status), SIGTERM);
    let_go(&held);
}

static void cell__that_ends_tells_its_exit_code(void **state)
{
    struct pf_frame *stop;
    struct pf_news news;
    struct held held;
    pid_t pid;

    (void)state;
    hold(&held, NULL);
    pid = spawned(&held);
    stop = pf_duct_reserve(held.duct, 0);
    stop->kind = PF_STOP;
    pf_duct_commit(held.duct, stop, true);
    news = died(&held, pid);
    assert_true(WIFEXITED(news.status));
    assert_int_equal(WEXITSTATUS(news.status), 0);
    let_go(&held);
}

static void cell__can_be_made_again_and_again(void **state)
{
    struct held held;

    (void)state;
    hold(&held, NULL);
    for (int i = 0; i < 100; i++) {
        pid_t pid = spawned(&held);
        kill(pid, SIGKILL);
        assert_int_equal(WTERMSIG(died(&held, pid).status), SIGKILL);
        spawn(&held);
    }
    let_go(&held);
}

static void dismissed_cell__dies_and_is_never_heard_of(void **state)
{
    struct pf_news news;
    struct held held;
    pid_t pid;

    (void)state;
    hold(&held, nothing_to_load);
    pid = spawned(&held);
    pf_nursery_dismiss(held.nursery, held.number);
    eventually(is_gone(pid));
    assert_int_equal(pf_nursery_news(held.nursery, held.number, 1, &news), 0);
    let_go(&held);
}

static void many_cells__are_made_although_nobody_listens(void **state)
{
    enum { MANY = 400 };
    struct held *held = calloc(MANY, sizeof *held);

    (void)state;
    for (int i = 0; i < MANY; i++)
        hold(&held[i], NULL);
    for (int i = 0; i < MANY; i++)
        spawned(&held[i]);
    for (int i = 0; i < MANY; i++)
        let_go(&held[i]);
    free(held);
}

static void news__is_kept_for_whom_it_is_about(void **state)
{
    struct held one, two;
    pid_t pid_one, pid_two;

    (void)state;
    hold(&one, NULL);
    hold(&two, NULL);
    pid_two = spawned(&two);
    kill(pid_two, SIGKILL);
    eventually(is_gone(pid_two));
    pid_one = spawned(&one); /* takes all that came, and keeps the other's */
    kill(pid_one, SIGKILL);
    died(&one, pid_one);
    died(&two, pid_two);
    let_go(&one);
    let_go(&two);
}

static void zygote__killed_20_times_costs_nothing_but_a_new_one(void **state)
{
    struct held held;
    pid_t nursery;

    (void)state;
    hold(&held, nothing_to_load);
    nursery = nursery_of(getpid());
    for (int i = 0; i < 20; i++) {
        pid_t cell = spawned(&held);
        pid_t zygote = zygote_beside(nursery, cell);
        kill(zygote, SIGKILL);
        eventually(is_gone(zygote));
        assert_false(is_gone(cell)); /* it went on */
        kill(cell, SIGKILL);
        died(&held, cell);
        spawn(&held);
    }
    spawned(&held);
    let_go(&held);
}

/* Killed at any moment, also while it forks: there is exactly one cell in the end. */
static void zygote__killed_while_it_forks_leaves_no_second_cell(void **state)
{
    pid_t nursery, cell, zygote;
    struct held held;

    (void)state;
    hold(&held, nothing_to_load);
    nursery = nursery_of(getpid());
    for (int i = 0; i < 100; i++) {
        cell = spawned(&held);
        if (children(nursery, "pinfold-zygote", cell, &zygote) == 0)
            zygote = 0; /* killed right behind its answer: the next order makes another */
        kill(cell, SIGKILL);
        died(&held, cell);
        spawn(&held);
        for (int spin = 0; spin < i * 20; spin++)
            getppid();
        if (zygote)
            kill(zygote, SIGKILL);
    }
    cell = spawned(&held);
    eventually(children(nursery, "", cell, &zygote) <= 1);
    assert_false(is_gone(cell));
    pf_nursery_dismiss(held.nursery, held.number);
    eventually(children(nursery, "", 0, &zygote) == 0);
    let_go(&held);
}

static void zygote__is_used_again_for_the_next_cell(void **state)
{
    pid_t nursery, cell, zygote;
    struct held held;

    (void)state;
    hold(&held, nothing_to_load);
    nursery = nursery_of(getpid());
    cell = spawned(&held);
    zygote = zygote_beside(nursery, cell);
    kill(cell, SIGKILL);
    died(&held, cell);
    spawn(&held);
    cell = spawned(&held);
    assert_int_equal(zygote_beside(nursery, cell), zygote);
    let_go(&held);
}

static void preload__that_ignores_its_children_works(void **state)
{
    struct held held;

    (void)state;
    hold(&held, load_and_ignore_children);
    for (int i = 0; i < 3; i++) {
        pid_t pid = spawned(&held);
        kill(pid, SIGKILL);
        died(&held, pid);
        spawn(&held);
    }
    spawned(&held);
    let_go(&held);
}

static void preload__that_fails_is_reported_with_its_reason(void **state)
{
    static const struct {
        pinfold_preload_fn *preload;
        const char *text;
    } bad[] = {{load_with_a_reason, "no such table"},
               {load_without_a_reason, "preload returned 4"},
               {load_and_crash, "signal 9"},
               {load_and_exit, "exit code 9"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        struct pf_news news;
        struct held held;
        hold(&held, bad[i].preload);
        news = next_news(&held);
        assert_int_equal(news.what, PF_NEWS_FAILED);
        if (!strstr(news.text, bad[i].text))
            fail_msg("'%s', not '%s'", news.text, bad[i].text);
        let_go(&held);
    }
}

/* User code waits for any child, and gets the nursery. */
static void end__does_not_mind_that_somebody_waited_for_the_nursery(void **state)
{
    struct held held;
    pid_t nursery;

    (void)state;
    hold(&held, NULL);
    spawned(&held);
    let_go(&held);
    nursery = nursery_of(getpid());
    kill(nursery, SIGKILL);
    assert_int_equal(waitpid(-1, NULL, 0), nursery);
    pf_nursery_end();
}

static void nursery__that_was_killed_is_told_and_replaced(void **state)
{
    struct pf_nursery *again;
    struct pf_news news;
    struct held held;
    pid_t cell, nursery;

    (void)state;
    hold(&held, NULL);
    cell = spawned(&held);
    nursery = nursery_of(getpid());
    kill(nursery, SIGKILL);
    eventually(pf_nursery_news(held.nursery, held.number, 1, &news) == -1);
    eventually(is_gone(cell)); /* by its death signal */
    assert_int_equal(pf_nursery_get(&again, NULL), 0);
    assert_ptr_not_equal(again, held.nursery);
    assert_int_equal(pf_nursery_news(held.nursery, held.number, 1, &news), -1);
    let_go(&held);
    hold(&held, NULL);
    spawned(&held);
    let_go(&held);
}

static void nursery__in_a_fork_is_another_one(void **state)
{
    struct pf_nursery *mine;
    int status;
    pid_t pid;

    (void)state;
    assert_int_equal(pf_nursery_get(&mine, NULL), 0);
    pid = fork_child();
    if (pid == 0) {
        struct held held;
        hold(&held, NULL);
        spawned(&held);
        let_go(&held);
        pf_nursery_end();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    nursery_of(getpid()); /* ours is still there */
}

/* The driver is a child of ours; a grandchild may keep its socket open. */
static void drivers_death(bool grandchild)
{
    int tell[2], fds[2];
    pid_t driver, pids[3];

    assert_int_equal(pipe(tell), 0);
    assert_int_equal(pipe(fds), 0);
    driver = fork_child();
    if (driver == 0) {
        struct held cell, zygote;
        hold(&cell, NULL);
        hold(&zygote, nothing_to_load);
        pids[0] = nursery_of(getpid());
        pids[1] = spawned(&cell);
        pids[2] = spawned(&zygote);
        if (grandchild && fork() == 0) {
            char byte;
            close(tell[0]);
            close(tell[1]);
            close(fds[1]);
            _exit(read(fds[0], &byte, 1) == 0 ? 0 : 1); /* until the test closes it */
        }
        assert_int_equal(write(tell[1], pids, sizeof pids), sizeof pids);
        pause();
    }
    close(fds[0]);
    assert_int_equal(read(tell[0], pids, sizeof pids), sizeof pids);
    for (int i = 0; i < 3; i++)
        assert_false(is_gone(pids[i]));
    kill(driver, SIGKILL);
    waitpid(driver, NULL, 0);
    for (int i = 0; i < 3; i++)
        eventually(is_gone(pids[i]));
    close(fds[1]);
    close(tell[0]);
    close(tell[1]);
}

static void driver__that_is_killed_takes_nursery_zygote_and_cells_along(void **state)
{
    (void)state;
    drivers_death(false);
}

static void driver__that_is_killed_is_missed_although_a_fork_of_it_lives(void **state)
{
    (void)state;
    if (syscall(SYS_pidfd_open, getpid(), 0) < 0)
        skip(); /* an old kernel, or valgrind: there an end of file must do, and a fork holds it */
    drivers_death(true);
}

static void end__leaves_nobody_and_may_be_called_twice(void **state)
{
    struct held held;
    pid_t nursery, cell;

    (void)state;
    hold(&held, nothing_to_load);
    cell = spawned(&held);
    nursery = nursery_of(getpid());
    pf_nursery_end();
    assert_true(is_gone(nursery));
    assert_true(is_gone(cell));
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    pf_nursery_end();
    pf_duct_close(held.duct);
    close(held.bell);
    close(held.preload);
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
        TEST(get__makes_one_for_the_process),
        TEST(cell__is_made_and_its_signal_is_told),
        TEST(cell__that_ends_tells_its_exit_code),
        TEST(cell__can_be_made_again_and_again),
        TEST(dismissed_cell__dies_and_is_never_heard_of),
        TEST(many_cells__are_made_although_nobody_listens),
        TEST(news__is_kept_for_whom_it_is_about),
        TEST(zygote__killed_20_times_costs_nothing_but_a_new_one),
        TEST(zygote__killed_while_it_forks_leaves_no_second_cell),
        TEST(zygote__is_used_again_for_the_next_cell),
        TEST(preload__that_ignores_its_children_works),
        TEST(preload__that_fails_is_reported_with_its_reason),
        TEST(end__does_not_mind_that_somebody_waited_for_the_nursery),
        TEST(nursery__that_was_killed_is_told_and_replaced),
        TEST(nursery__in_a_fork_is_another_one),
        TEST(driver__that_is_killed_takes_nursery_zygote_and_cells_along),
        TEST(driver__that_is_killed_is_missed_although_a_fork_of_it_lives),
        TEST(end__leaves_nobody_and_may_be_called_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
