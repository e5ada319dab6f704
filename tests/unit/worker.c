/* A worker's life: INIT, what it answers, STOP; over a link in memory. */
#include "link.h"

#include "code/address.h"
#include "host/bind.h"

static char order[16]; /* what was called, a letter each */

static void note(char letter)
{
    size_t n = strlen(order);

    order[n] = letter;
    order[n + 1] = '\0';
}

static int init(const struct pinfold_worker *worker, pinfold_bytes arg, void **state, char *text,
                size_t size)
{
    static int mine = 42;

    (void)text, (void)size;
    assert_int_equal(worker->number, 3);
    assert_int_equal(worker->rank, 1);
    assert_int_equal(worker->node, 2);
    assert_int_equal(worker->slot, 4);
    assert_int_equal(worker->width, 1);
    assert_int_equal(worker->pid, getpid());
    assert_int_equal(arg.size, 6);
    assert_string_equal(arg.data, "hello");
    *state = &mine;
    note('i');
    return 0;
}

static int bad_init(const struct pinfold_worker *worker, pinfold_bytes arg, void **state,
                    char *text, size_t size)
{
    (void)worker, (void)arg, (void)state;
    snprintf(text, size, "no licence");
    return 7;
}

static void finish(const struct pinfold_worker *worker, void *state)
{
    assert_int_equal(worker->number, 3);
    assert_int_equal(*(int *)state, 42);
    note('f');
}

static int use_state(pinfold_task *task)
{
    assert_int_equal(*(int *)pinfold_task_state(task), 42);
    assert_int_equal(pinfold_task_worker(task)->number, 3);
    note('t');
    return 0;
}

static void say_init(struct memory_link *m, const char *cpus, pinfold_init_fn *init_fn,
                     pinfold_finish_fn *finish_fn)
{
    static const uint64_t seat[] = {3, 1, 2, 4, 1}; /* number, rank, node, slot, width */
    struct pf_buf body = {0};

    for (size_t i = 0; i < COUNT_OF(seat); i++)
        pf_pack_u64(&body, seat[i]);
    pf_pack_u64(&body, cpus[0] != '\0');
    pf_pack_text(&body, cpus);
    pf_pack_u64(&body, m->worker.begun); /* its generation */
    assert_int_equal(pf_pack_function(&body, NULL, NULL), 0);
    assert_int_equal(pf_pack_function(&body, (pf_function *)init_fn, NULL), 0);
    assert_int_equal(pf_pack_function(&body, (pf_function *)finish_fn, NULL), 0);
    pf_pack_bytes(&body, NULL, 0); /* preload's argument */
    pf_pack_bytes(&body, "hello", 6);
    pf_pack_u64(&body, 0); /* no limit of memory */
    say_body(m, PF_INIT, 0, &body);
}

struct ready {
    int code;
    int64_t pid;
    bool bound;
    const char *text, *host, *cpus, *refused;
};

static struct ready hear_ready(struct memory_link *m)
{
    struct pf_reader in = pf_reader_of(hear(m, PF_READY, 0, 0, 0));
    struct ready ready;

    ready.code = (int)(int64_t)pf_unpack_u64(&in);
    ready.text = pf_unpack_text(&in);
    ready.pid = (int64_t)pf_unpack_u64(&in);
    ready.host = pf_unpack_text(&in);
    ready.cpus = pf_unpack_text(&in);
    ready.bound = pf_unpack_u64(&in);
    ready.refused = pf_unpack_text(&in);
    assert_false(in.failed);
    assert_ptr_equal(in.at, in.end);
    return ready;
}

static struct pf_cpus own_mask;

static int keep_mask(void **state)
{
    (void)state;
    order[0] = '\0';
    return pf_bind_read(&own_mask, 0);
}

static int restore_mask(void **state)
{
    (void)state;
    return pf_bind_apply(&own_mask);
}

static void init__is_run_and_answered_with_who_we_are(void **state)
{
    struct memory_link *m = memory_open();
    struct ready ready;
    char host[64] = "";

    (void)state;
    say_init(m, "", init, NULL);
    work(m);
    ready = hear_ready(m);
    assert_int_equal(ready.code, 0);
    assert_int_equal(ready.pid, getpid());
    gethostname(host, sizeof host - 1);
    assert_string_equal(ready.host, host);
    assert_false(ready.bound);
    assert_string_equal(ready.refused, "");
    assert_true(m->rung[0]);
    memory_close(m);
}

static void init__binds_and_tells_what_was_read_back(void **state)
{
    struct memory_link *m = memory_open();
    struct pf_cpus now;
    struct ready ready;
    char cpu[16];

    (void)state;
    snprintf(cpu, sizeof cpu, "%d", pf_cpus_next(&own_mask, -1));
    say_init(m, cpu, init, NULL);
    work(m);
    ready = hear_ready(m);
    assert_true(ready.bound);
    assert_string_equal(ready.cpus, cpu);
    assert_string_equal(ready.refused, "");
    assert_int_equal(pf_bind_read(&now, 0), 0);
    assert_int_equal(pf_cpus_count(&now), 1);
    memory_close(m);
}

static void init__goes_on_unbound_where_binding_is_refused(void **state)
{
    struct memory_link *m = memory_open();
    struct ready ready;

    (void)state;
    say_init(m, "8191", init, NULL);
    work(m);
    ready = hear_ready(m);
    assert_int_equal(ready.code, 0);
    assert_false(ready.bound);
    assert_true(ready.refused[0]);
    memory_close(m);
}

static void init__that_fails_is_answered_with_its_reason_and_owes_no_finish(void **state)
{
    struct memory_link *m = memory_open();
    struct ready ready;

    (void)state;
    say_init(m, "", bad_init, finish);
    say_stop(m, 0, "");
    work(m);
    ready = hear_ready(m);
    assert_int_equal(ready.code, 7);
    assert_string_equal(ready.text, "no licence");
    hear(m, PF_BYE, 0, 0, 0);
    assert_string_equal(order, "");
    memory_close(m);
}

static void say_call(struct memory_link *m, uint64_t id)
{
    struct pf_frame *frame;

    assert_int_equal(
        pf_call_pack(&frame, &(struct pf_call_facts){.fn = use_state, .time = PF_NEVER}, NULL), 0);
    frame->call = id;
    say_frame(m, frame);
}

static void life__is_init_tasks_finish_and_bye(void **state)
{
    struct memory_link *m = memory_open();
    struct pf_frame *batch;

    (void)state;
    say_init(m, "", init, finish);
    say_call(m, 1);
    batch = say(m, PF_BATCH, 1, 0);
    batch->count = 2;
    say_stop(m, 0, "");
    assert_true(pf_worker_serve(&m->worker));
    hear_ready(m);
    hear_results(m, 1, 0, 2, NULL);
    hear(m, PF_BYE, 0, 0, 0);
    hear_nothing(m);
    assert_string_equal(order, "ittf");
    assert_int_equal(pf_worker_depth(), 0);
    memory_close(m);
}

/* The driver says so to a worker that it cannot replace. */
static void second_init__begins_anew(void **state)
{
    struct memory_link *m = memory_open();
    struct pf_frame *batch;

    (void)state;
    say_init(m, "", init, finish);
    say_call(m, 1);
    batch = say(m, PF_BATCH, 1, 0);
    batch->count = 1;
    work(m);
    hear_ready(m);
    hear_results(m, 1, 0, 1, NULL);
    assert_int_equal(m->worker.me.generation, 0);
    say(m, PF_FORGET, 1, 0); /* too late: it is forgotten anyway */
    say_init(m, "", init, finish);
    work(m);
    assert_int_equal(hear_ready(m).code, 0);
    assert_int_equal(m->worker.me.generation, 1);
    assert_null(m->worker.calls);
    assert_string_equal(order, "itfi");
    say_stop(m, 0, "");
    assert_true(pf_worker_serve(&m->worker));
    assert_string_equal(order, "itfif");
    memory_close(m);
}

static void stop__brings_a_code_and_a_text(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    say_stop(m, PINFOLD_E_WORKER_INIT, "worker 5 had no licence");
    assert_true(pf_worker_serve(&m->worker));
    assert_int_equal(m->worker.stop_code, PINFOLD_E_WORKER_INIT);
    assert_string_equal(m->worker.stop_text, "worker 5 had no licence");
    memory_close(m);
}

static void serve__ends_when_the_driver_is_gone(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    m->waits = 3;
    say_init(m, "", init, finish);
    assert_false(pf_worker_serve(&m->worker));
    assert_int_equal(m->waits, -1);
    assert_string_equal(order, "i");
    memory_close(m);
}

static void frames__of_kinds_that_it_does_not_know_are_passed_over(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    say(m, PF_KIND_END + 5, 1, 100);
    say_stop(m, 0, "");
    assert_true(pf_worker_serve(&m->worker));
    hear(m, PF_BYE, 0, 0, 0);
    hear_nothing(m);
    memory_close(m);
}

static void forsaken_worker__runs_nothing_more_and_owes_no_finish(void **state)
{
    struct memory_link *m = memory_open();

    (void)state;
    say_init(m, "", init, finish);
    say_call(m, 1);
    say(m, PF_BATCH, 1, 0)->count = 2;
    say_stop(m, 0, "");
    pf_worker_take(&m->worker);
    pf_worker_forsake(&m->worker);
    assert_int_equal(m->held, 0);
    assert_int_equal(pf_worker_step(&m->worker), PF_DID_NOTHING);
    hear_ready(m);
    assert_int_equal(m->heard, m->nup);
    assert_string_equal(order, "i");
    memory_close(m);
}

static void width__is_told_to_openmp_but_not_in_an_environment_that_others_read(void **state)
{
    const char *before = getenv("OMP_NUM_THREADS");
    char *copy = before ? strdup(before) : NULL;

    (void)state;
    for (int threaded = 0; threaded < 2; threaded++) {
        struct memory_link *m;
        unsetenv("OMP_NUM_THREADS");
        m = memory_open();
        m->worker.threaded = threaded;
        say_init(m, "", init, NULL);
        work(m);
        assert_int_equal(getenv("OMP_NUM_THREADS") == NULL, threaded);
        memory_close(m);
    }
    setenv("OMP_NUM_THREADS", "7", 1);
    struct memory_link *m = memory_open();
    say_init(m, "", init, NULL);
    work(m);
    assert_string_equal(getenv("OMP_NUM_THREADS"), "7"); /* the user's */
    memory_close(m);
    if (copy)
        setenv("OMP_NUM_THREADS", copy, 1);
    else
        unsetenv("OMP_NUM_THREADS");
    free(copy);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, keep_mask, restore_mask)
    const struct CMUnitTest tests[] = {
        TEST(init__is_run_and_answered_with_who_we_are),
        TEST(init__binds_and_tells_what_was_read_back),
        TEST(init__goes_on_unbound_where_binding_is_refused),
        TEST(init__that_fails_is_answered_with_its_reason_and_owes_no_finish),
        TEST(life__is_init_tasks_finish_and_bye),
        TEST(second_init__begins_anew),
        TEST(stop__brings_a_code_and_a_text),
        TEST(serve__ends_when_the_driver_is_gone),
        TEST(frames__of_kinds_that_it_does_not_know_are_passed_over),
        TEST(forsaken_worker__runs_nothing_more_and_owes_no_finish),
        TEST(width__is_told_to_openmp_but_not_in_an_environment_that_others_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
