/* What becomes of a pool when frames are missing: an engine over a port that the test speaks for. */
#include "unit.h"

#include "pool/opening.h"
#include "work/call.h"

#define ITEMS 4

static struct {
    struct pf_port port;
    int turn;
    uint32_t sent;
    struct pf_frame *batch; /* the last one that the worker got */
    bool pinged, stopped;
    void (*script)(int turn, pf_sink *sink, void *context);
} worker;

static struct pf_frame *reserve(struct pf_port *port, int lane, size_t body)
{
    (void)port, (void)lane;
    return pf_frame_new(PF_KIND_NONE, body);
}

static void commit(struct pf_port *port, int lane, struct pf_frame *frame)
{
    (void)port, (void)lane;
    worker.pinged |= frame->kind == PF_PING;
    worker.stopped |= frame->kind == PF_STOP;
    if (frame->kind == PF_BATCH) {
        pf_frame_free(worker.batch);
        worker.batch = frame;
        return;
    }
    pf_frame_free(frame);
}

/* A frame about the first items of the last batch; `number` 0: the one that is due. */
static void say(int kind, uint32_t number, uint64_t first, uint64_t count, size_t size,
                pf_sink *sink, void *context)
{
    struct pf_frame *frame = pf_frame_new(kind, size);
    struct pf_event event = {.frame = frame};

    memset(frame->body, 0, size);
    if (worker.batch && kind == PF_RESULT)
        frame->call = worker.batch->call;
    frame->first = first;
    frame->count = count;
    frame->seq = number ? number : worker.sent + 1;
    worker.sent = frame->seq;
    sink(context, &event);
    pf_frame_free(frame);
}

static void say_ready(pf_sink *sink, void *context)
{
    struct pf_buf body = {0};
    struct pf_frame *frame;
    struct pf_event event = {0};

    pf_pack_u64(&body, 0);
    pf_pack_text(&body, "");
    pf_pack_u64(&body, 4711);
    pf_pack_text(&body, "host");
    pf_pack_text(&body, "0");
    pf_pack_u64(&body, 0);
    pf_pack_text(&body, "");
    frame = pf_frame_new(PF_READY, body.size);
    memcpy(frame->body, body.data, body.size);
    frame->seq = ++worker.sent;
    event.frame = frame;
    sink(context, &event);
    pf_frame_free(frame);
    pf_buf_free(&body);
}

static void die(uint32_t next, pf_sink *sink, void *context)
{
    sink(context,
         &(struct pf_event){
             .busy = true, .next = next, .code = PINFOLD_E_TASK_SIGNAL, .text = "it was killed"});
}

static int poll_worker(struct pf_port *port, pf_sink *sink, void *context)
{
    (void)port;
    if (worker.turn == 0)
        say_ready(sink, context);
    else if (worker.stopped)
        say(PF_BYE, 0, 0, 0, 0, sink, context);
    else if (worker.batch)
        worker.script(worker.turn, sink, context);
    else
        return 0;
    worker.turn++;
    return 1;
}

static bool arm(struct pf_port *port, struct pf_nap *nap)
{
    (void)port, (void)nap;
    return false;
}

static int revive(struct pf_port *port, int lane, struct pinfold_error *err)
{
    (void)port, (void)lane;
    return pf_fail(err, PINFOLD_E_UNSUPPORTED, "not here");
}

static bool kill_worker(struct pf_port *port, int lane)
{
    (void)port, (void)lane;
    return true;
}

static void close_port(struct pf_port *port)
{
    (void)port;
}

static struct pf_port_ops worker_ops = {"test", reserve, commit,      poll_worker,
                                        arm,    revive,  kill_worker, close_port};

static int nothing(pinfold_task *task)
{
    (void)task;
    return 0;
}

/* A map whose worker says what the script has it say; its code, and each item's. */
static int map_with(void (*script)(int turn, pf_sink *sink, void *context), int codes[ITEMS],
                    struct pinfold_error *err)
{
    struct pf_opening open = {
        .options = {.size = sizeof open.options, .grace = 0.01}, .end = PF_NEVER, .stop = PF_NEVER};
    struct pf_seat seat = {.number = 0};
    struct pinfold_call how = {.size = sizeof how, .codes = codes, .timeout = 30, .chunk = ITEMS};
    uint64_t in[ITEMS] = {0}, out[ITEMS];
    bool lost = false;
    int code;

    memset(&worker, 0, sizeof worker);
    worker.port = (struct pf_port){.ops = &worker_ops, .lanes = 1, .mortal = true};
    worker.script = script;
    assert_int_equal(pf_opening_pool(&open, 1, false, NULL), 0);
    pf_opening_add(&open, &worker.port, &seat, "host");
    assert_int_equal(pf_engine_start(&open.pool->engine, PF_NEVER, err), 0);
    code = pinfold_map(open.pool, nothing, &how, in, sizeof *in, out, sizeof *out, ITEMS, err);
    pf_pool_end(open.pool, 0, "", &lost);
    pf_frame_free(worker.batch);
    return code;
}

static void lose_a_result(int turn, pf_sink *sink, void *context)
{
    (void)turn;
    worker.sent++; /* that of item 0 */
    say(PF_RESULT, 0, 1, 1, sizeof(uint64_t), sink, context);
    die(0, sink, context); /* in item 2; what looks as if it was the one is item 0 */
}

static void death__behind_a_gap_blames_no_item(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int codes[ITEMS];

    (void)state;
    assert_int_equal(map_with(lose_a_result, codes, &err), PINFOLD_E_BROKEN);
    assert_non_null(strstr(err.text, "frame 2"));
    for (int i = 0; i < ITEMS; i++)
        assert_int_not_equal(codes[i], PINFOLD_E_TASK_SIGNAL);
}

static void die_behind_a_lost_result(int turn, pf_sink *sink, void *context)
{
    (void)turn;
    die(worker.sent + 2, sink, context); /* there was one more */
}

static void death__that_knows_of_more_frames_than_came_blames_no_item(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int codes[ITEMS];

    (void)state;
    assert_int_equal(map_with(die_behind_a_lost_result, codes, &err), PINFOLD_E_BROKEN);
    assert_non_null(strstr(err.text, "frame 2"));
    for (int i = 0; i < ITEMS; i++)
        assert_int_not_equal(codes[i], PINFOLD_E_TASK_SIGNAL);
}

static void answer_twice(int turn, pf_sink *sink, void *context)
{
    if (turn > 1)
        return;
    say(PF_RESULT, 2, 0, 1, sizeof(uint64_t), sink, context);
    say(PF_RESULT, 2, 0, 1, sizeof(uint64_t), sink, context);
    say(PF_RESULT, 3, 1, ITEMS - 1, (ITEMS - 1) * sizeof(uint64_t), sink, context);
    say(PF_RESULT, 3, 1, ITEMS - 1, (ITEMS - 1) * sizeof(uint64_t), sink, context);
    say(PF_BYE, 3, 0, 0, 0, sink, context); /* as old, it is not heard */
}

static void frames__that_come_twice_count_once(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int codes[ITEMS];

    (void)state;
    assert_int_equal(map_with(answer_twice, codes, &err), 0);
}

static void cut_a_result(int turn, pf_sink *sink, void *context)
{
    (void)turn;
    say(PF_RESULT, 0, 0, ITEMS, ITEMS * sizeof(uint64_t) - 1, sink, context);
}

static void result__that_is_cut_short_breaks_the_pool(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int codes[ITEMS];

    (void)state;
    assert_int_equal(map_with(cut_a_result, codes, &err), PINFOLD_E_BROKEN);
    assert_non_null(strstr(err.text, "cut short"));
}

/* The last frame that it was sent, or has sent, is lost: nothing comes until it is asked. */
static void answer_when_asked(int turn, pf_sink *sink, void *context)
{
    (void)turn;
    if (!worker.pinged)
        return;
    worker.pinged = false;
    worker.sent++; /* the result */
    say(PF_ECHO, 0, 0, 0, 0, sink, context);
}

/* Says that nothing came, in the midst of the map, so that the engine sleeps. */
static int poll_quietly(struct pf_port *port, pf_sink *sink, void *context)
{
    bool midst = worker.turn > 0 && !worker.stopped;

    poll_worker(port, sink, context);
    return !midst;
}

static void silence__is_asked_and_the_gap_is_found(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    int codes[ITEMS];

    (void)state;
    worker_ops.poll = poll_quietly;
    assert_int_equal(map_with(answer_when_asked, codes, &err), PINFOLD_E_BROKEN);
    assert_non_null(strstr(err.text, "frame 2"));
    worker_ops.poll = poll_worker;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(death__behind_a_gap_blames_no_item),
        cmocka_unit_test(death__that_knows_of_more_frames_than_came_blames_no_item),
        cmocka_unit_test(frames__that_come_twice_count_once),
        cmocka_unit_test(result__that_is_cut_short_breaks_the_pool),
        cmocka_unit_test(silence__is_asked_and_the_gap_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
