/* A random walk through futures, families, groups, maps and streams, beside a model that needs no pool: what a task
 * gives is known from its argument. EVERY_SEED repeats a walk, EVERY_SECONDS makes it longer.
 * SPDX-License-Identifier: BSD-3-Clause */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "every.h"

#define SLOTS 300

struct order { /* a task's argument, followed by `size` bytes */
    uint32_t seed, size, wanted;
    int32_t fails; /* with this code; DIES: it kills its process */
};
#define DIES -1

static struct slot {
    pinfold_future *future; /* NULL: the slot is empty */
    struct order order;
    uint32_t branches; /* not 0: a family of that seed */
    bool grouped, cancelled, complete;
    int callbacks, called;
} slots[SLOTS];

static struct walk {
    pinfold_pool *pool;
    pinfold_group *group;
    uint64_t state;
    bool may_die;
    long steps, orphans; /* callbacks that are still to come for futures that were freed */
} walk;

static uint32_t below(uint32_t n) /* splitmix64 (Steele, Lea, Flood, OOPSLA 2014) */
{
    uint64_t z = walk.state += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (uint32_t)((z ^ z >> 31) >> 32) % n;
}

static unsigned char byte(uint32_t seed, size_t i)
{
    return (unsigned char)((seed + i * 2654435761u) >> 13);
}

static int work(pinfold_task *task)
{
    pinfold_bytes arg = pinfold_task_arg(task);
    const struct order *order = arg.data;
    const unsigned char *bytes = (const unsigned char *)(order + 1);
    unsigned char *out;

    if (arg.size != sizeof *order + order->size)
        return pinfold_task_fail(task, 1001, "%zu bytes arrived", arg.size);
    for (size_t i = 0; i < order->size; i++)
        if (bytes[i] != byte(order->seed, i))
            return pinfold_task_fail(task, 1002, "byte %zu is wrong", i);
    if (order->seed % 16 == 0)
        every_spin(order->seed % 7 * 100e-6);
    if (order->fails == DIES)
        kill(getpid(), SIGKILL);
    if (order->fails)
        return order->fails;
    if (order->seed % 5 == 0)
        pinfold_task_out(task, order->wanted / 2);
    out = pinfold_task_out(task, order->wanted);
    for (size_t i = 0; i < order->wanted; i++)
        out[i] = byte(order->seed + 1, i);
    return 0;
}

/* A family: from its seed follows how many tasks a task makes, and whether it fails. */
struct branch {
    uint32_t seed, depth;
};

static struct branch child_of(const struct branch *parent, uint32_t i)
{
    return (struct branch){parent->seed * 2654435761u + 1 + i, parent->depth + 1};
}

static uint32_t children_of(const struct branch *branch)
{
    return branch->depth < 9 ? (branch->seed >> 8) % 4 : 0;
}

static bool branch_fails(const struct branch *branch)
{
    return branch->depth > 0 && (branch->seed >> 4) % 1500 == 0;
}

static int grow(pinfold_task *task)
{
    const struct branch *branch = pinfold_task_arg(task).data;

    if (branch->seed % 3)
        *(int64_t *)pinfold_task_out(task, sizeof(int64_t)) = branch->seed;
    for (uint32_t i = 0; i < children_of(branch); i++) {
        struct branch child = child_of(branch, i);
        if (pinfold_task_submit(task, grow, (pinfold_bytes){&child, sizeof child}, NULL) != 0)
            return 1003;
    }
    return branch_fails(branch) ? 77 : 0;
}

static void add_up(void *into, const void *other, pinfold_bytes shared)
{
    (void)shared;
    *(int64_t *)into += *(const int64_t *)other;
}

/* What the family comes to: its sum, whether any task left a result, and whether any fails. */
static void grow_model(const struct branch *branch, int64_t *sum, bool *any, bool *fails)
{
    if (branch_fails(branch)) {
        *fails = true;
        return;
    }
    if (branch->seed % 3) {
        *sum += branch->seed;
        *any = true;
    }
    for (uint32_t i = 0; i < children_of(branch); i++) {
        struct branch child = child_of(branch, i);
        grow_model(&child, sum, any, fails);
    }
}

static void judge_family(uint32_t seed, int code, pinfold_bytes result)
{
    int64_t sum = 0;
    bool any = false, fails = false;

    grow_model(&(struct branch){seed, 0}, &sum, &any, &fails);
    CHECK(code == (fails ? 77 : 0));
    if (!code)
        CHECK(any ? result.size == sizeof sum && *(const int64_t *)result.data == sum
                  : result.size == 0);
}

/* A stream of numbers that ends, is left, or runs into its end. */
struct flow {
    uint64_t n, leave_at, pulled, pushed;
    uint64_t next; /* in order */
    bool unordered;
    uint64_t value;
};

static bool flow_pull(void *data, pinfold_bytes *input)
{
    struct flow *flow = data;

    if (flow->pulled == flow->n)
        return false;
    flow->value = flow->pulled++;
    *input = (pinfold_bytes){&flow->value, sizeof flow->value};
    return true;
}

static int flow_work(pinfold_task *task)
{
    uint64_t x = *(const uint64_t *)pinfold_task_arg(task).data;

    if (x % 700 == 699)
        return 5;
    *(uint64_t *)pinfold_task_out(task, sizeof x) = x * x;
    return 0;
}

static int flow_push(void *data, uint64_t index, pinfold_bytes result,
                     const struct pinfold_error *error)
{
    struct flow *flow = data;

    if (!flow->unordered)
        CHECK(index == flow->next++);
    if (index % 700 == 699)
        CHECK(error && error->code == 5 && error->index == (int64_t)index);
    else
        CHECK(!error && result.size == sizeof index &&
              *(const uint64_t *)result.data == index * index);
    flow->pushed++;
    return flow->pushed == flow->leave_at ? 9 : 0;
}

static void stream(void)
{
    struct flow flow = {.n = below(2) ? below(3000) : below(5), .unordered = below(2)};
    struct pinfold_call how = {.size = sizeof how,
                               .window = below(2) ? 0 : 1 + below(100),
                               .chunk = below(2) ? 0 : 1 + below(100),
                               .unordered = flow.unordered};
    int code;

    if (below(3) == 0)
        flow.leave_at = 1 + below(1000);
    code = pinfold_stream(walk.pool, flow_work, &how, flow_pull, flow_push, &flow, NULL);
    if (flow.leave_at && flow.pushed == flow.leave_at) {
        CHECK(code == 9);
    } else {
        CHECK(flow.pulled == flow.n && flow.pushed == flow.n);
        CHECK(code == (flow.n > 699 ? 5 : 0));
    }
}

static void count_call(pinfold_future *future, void *data)
{
    struct slot *slot = data;

    CHECK(slot->future == future && pinfold_future_state(future) >= PINFOLD_FINISHED);
    slot->called++;
}

static void count_orphan(pinfold_future *future, void *data)
{
    (void)data;
    CHECK(pinfold_future_state(future) >= PINFOLD_FINISHED);
    walk.orphans--;
}

static uint32_t any_length(void)
{
    uint32_t of = below(200);

    return of == 0 ? below(300000) : of < 20 ? below(70000) : below(of < 100 ? 20 : 3000);
}

/* Some have a priority, and some a wish. */
static struct pinfold_call any_how(void)
{
    struct pinfold_call how = {.size = sizeof how};

    if (below(4) == 0)
        how.priority = (int)below(5) - 2;
    if (below(8) == 0) {
        how.where = PINFOLD_ON_WORKER;
        how.number = (int)below((uint32_t)every_workers);
        how.must = below(2);
    }
    return how;
}

static void submit_family(struct slot *slot)
{
    struct pinfold_call how = any_how();
    struct branch root = {1 + below(1u << 31), 0};

    *slot = (struct slot){.branches = root.seed};
    how.combine = add_up;
    CHECK(pinfold_submit(walk.pool, grow, (pinfold_bytes){&root, sizeof root}, &how, &slot->future,
                         NULL) == 0);
}

static void submit_order(struct slot *slot)
{
    struct pinfold_call how = any_how();
    struct order *order;
    uint32_t size = any_length();

    *slot = (struct slot){.order = {below(1u << 31), size, any_length(), 0}};
    if (below(20) == 0)
        slot->order.fails = 1 + (int32_t)below(50);
    if (walk.may_die && below(300) == 0)
        slot->order.fails = DIES;
    order = malloc(sizeof *order + size);
    if (!CHECK(order))
        return;
    *order = slot->order;
    for (size_t i = 0; i < size; i++)
        ((unsigned char *)(order + 1))[i] = byte(order->seed, i);
    CHECK(pinfold_submit(walk.pool, work, (pinfold_bytes){order, sizeof *order + size}, &how,
                         &slot->future, NULL) == 0);
    free(order);
}

static void submit(struct slot *slot)
{
    if (below(10) == 0)
        submit_family(slot);
    else
        submit_order(slot);
    if (!slot->future)
        return;
    for (uint32_t n = below(8); n > 5; n--, slot->callbacks++)
        CHECK(pinfold_future_then(slot->future, count_call, slot, NULL) == 0);
    slot->grouped = below(3) == 0;
    if (slot->grouped)
        CHECK(pinfold_group_add(walk.group, slot->future, NULL) == 0);
}

/* It is complete: does it say what the model says? */
static void judge(struct slot *slot)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    pinfold_bytes result = {0};
    int code = pinfold_future_result(slot->future, &result, &err);
    int expected = slot->cancelled             ? PINFOLD_E_CANCELLED
                   : slot->order.fails == DIES ? PINFOLD_E_TASK_SIGNAL
                                               : slot->order.fails;

    slot->complete = true;
    if (slot->branches && !slot->cancelled) {
        judge_family(slot->branches, code, result);
        return;
    }
    if (!CHECK(code == expected)) {
        printf("# %d, not %d: %s\n", code, expected, err.text);
        return;
    }
    if (code)
        return;
    CHECK(result.size == slot->order.wanted);
    for (size_t i = 0; i < result.size; i++)
        if (((const unsigned char *)result.data)[i] != byte(slot->order.seed + 1, i)) {
            CHECK(!"a byte of the result is wrong");
            return;
        }
}

static void look(struct slot *slot)
{
    enum pinfold_state state = pinfold_future_state(slot->future);

    CHECK(!slot->complete || state >= PINFOLD_FINISHED); /* once is for ever */
    CHECK(slot->cancelled == (state == PINFOLD_CANCELLED));
    if (state >= PINFOLD_FINISHED)
        judge(slot);
}

static void cancel(struct slot *slot)
{
    enum pinfold_state before = pinfold_future_state(slot->future);
    bool cancelled = pinfold_future_cancel(slot->future);

    CHECK(cancelled == (before == PINFOLD_PENDING || before == PINFOLD_CANCELLED));
    slot->cancelled |= cancelled;
}

static void let_go(struct slot *slot)
{
    if (pinfold_future_state(slot->future) < PINFOLD_FINISHED) {
        if (slot->callbacks)
            return; /* their data is the slot */
        CHECK(pinfold_future_then(slot->future, count_orphan, NULL, NULL) == 0);
        walk.orphans++;
    } else {
        look(slot);
        if (slot->called < slot->callbacks)
            return; /* they are due */
        CHECK(slot->called == slot->callbacks);
    }
    pinfold_future_free(slot->future);
    slot->future = NULL;
}

static void take_next(void)
{
    pinfold_future *next = NULL;
    int code = pinfold_group_next(walk.group, below(4) ? 0 : 0.001, &next, NULL), i = 0;

    CHECK(code == 0 || code == PINFOLD_E_TIMEOUT);
    if (!next)
        return;
    while (i < SLOTS && slots[i].future != next)
        i++;
    if (!CHECK(i < SLOTS && slots[i].grouped))
        return;
    slots[i].grouped = false;
    look(&slots[i]);
    CHECK(slots[i].complete);
}

static void cancel_group(void)
{
    size_t n = pinfold_group_cancel(walk.group), seen = 0;

    for (int i = 0; i < SLOTS; i++) {
        struct slot *slot = &slots[i];
        if (slot->future && slot->grouped && !slot->cancelled &&
            pinfold_future_state(slot->future) == PINFOLD_CANCELLED) {
            slot->cancelled = true;
            seen++;
        }
    }
    CHECK(seen == n);
}

static void step(void)
{
    struct slot *slot = &slots[below(SLOTS)];
    uint32_t what = below(1000);

    walk.steps++;
    if (!slot->future) {
        submit(slot);
    } else if (what < 100) {
        cancel(slot);
    } else if (what < 500) {
        look(slot);
    } else if (what < 700) {
        let_go(slot);
    } else if (what < 800) {
        int code = pinfold_future_wait(slot->future, below(5) ? 0 : 0.002, NULL);
        CHECK(code == 0 || code == PINFOLD_E_TIMEOUT);
        CHECK((code == 0) == (pinfold_future_state(slot->future) >= PINFOLD_FINISHED));
    } else if (what < 850) {
        judge(slot); /* waits */
    } else if (what < 900) {
        CHECK(pinfold_poll(walk.pool, 0) == 0);
    } else if (what < 980) {
        take_next();
    } else if (what < 985) {
        cancel_group();
    } else if (what < 990) {
        struct pinfold_call how = {.size = sizeof how, .chunk = below(50)};
        CHECK(every_squares(walk.pool, &how, below(2000)));
    } else if (what < 995) {
        int code = pinfold_group_wait(walk.group, (enum pinfold_until)below(3), 0.002, NULL);
        CHECK(code == 0 || code == PINFOLD_E_TIMEOUT);
    } else if (what < 998) {
        stream();
    }
}

static void end_walk(void)
{
    double end = every_now() + every_patience(20);

    CHECK(pinfold_group_wait(walk.group, PINFOLD_UNTIL_ALL, PINFOLD_FOREVER, NULL) == 0);
    pinfold_group_close(walk.group);
    for (int i = 0; i < SLOTS; i++) {
        struct slot *slot = &slots[i];
        if (!slot->future)
            continue;
        judge(slot);
        while (slot->called < slot->callbacks && every_now() < end)
            CHECK(pinfold_poll(walk.pool, 0) == 0);
        let_go(slot);
        CHECK(!slot->future);
    }
    while (walk.orphans && every_now() < end)
        CHECK(pinfold_poll(walk.pool, 0.01) == 0);
    CHECK(walk.orphans == 0);
}

static double number_of(const char *variable, double otherwise)
{
    const char *text = getenv(variable);

    return text && *text ? atof(text) : otherwise;
}

static void walk_at_random(pinfold_pool *pool)
{
    uint64_t seed = (uint64_t)number_of("EVERY_SEED", (double)(getpid() + every_now() * 1e3));
    double end = every_now() + number_of("EVERY_SECONDS", 1);
    struct pinfold_worker worker = {.size = sizeof worker};

    walk = (struct walk){.pool = pool, .state = seed, .may_die = true};
    for (int i = 0; i < every_workers; i++) {
        pinfold_pool_worker(pool, i, &worker);
        walk.may_die &= every_isolated(&worker);
    }
    printf("# EVERY_SEED=%llu\n", (unsigned long long)seed);
    CHECK(pinfold_group_open(pool, &walk.group, NULL) == 0);
    while (every_now() < end)
        step();
    end_walk();
    printf("# %ld steps\n", walk.steps);
}

const struct every_test random_tests[] = {
    {"a random walk agrees with its model", .shared = walk_at_random},
    {0},
};
