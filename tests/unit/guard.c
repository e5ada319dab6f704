/* When a worker process is to be killed, and what its death was for: with a duct whose worker is the
 * test itself. */
#include "unit.h"

#include <sys/eventfd.h>

#include "port/guard.h"

struct scene {
    struct pf_guard guard;
    struct pf_duct *duct;
    struct pf_present *present;
    int bell;
};

static struct scene open_scene(void)
{
    struct scene scene = {.bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};

    assert_int_equal(pf_duct_create(&scene.duct, scene.bell, NULL), 0);
    scene.present = pf_duct_present(scene.duct);
    return scene;
}

static void close_scene(struct scene *scene)
{
    pf_guard_clear(&scene->guard);
    pf_duct_close(scene->duct);
    close(scene->bell);
}

static void sent(struct scene *scene, int kind, uint64_t call, uint64_t count, int64_t ns)
{
    pf_guard_sent(
        &scene->guard,
        &(struct pf_frame){.kind = (uint16_t)kind, .call = call, .count = count, .ns = ns});
}

static void came(struct scene *scene, int kind, uint64_t count)
{
    pf_guard_came(&scene->guard, &(struct pf_frame){.kind = (uint16_t)kind, .count = count});
}

static bool look(struct scene *scene, int64_t now)
{
    return pf_guard_look(&scene->guard, scene->duct, now);
}

/* When it would look next, from now; PF_NEVER: not at all. */
static int64_t next_look(struct scene *scene)
{
    struct pf_nap nap = {.until = PF_NEVER};

    pf_guard_arm(&scene->guard, scene->duct, &nap);
    return pf_left(nap.until);
}

/* A death by SIGKILL inside a task. */
static struct pf_event death(struct scene *scene)
{
    struct pf_event loss = {.busy = true, .code = PINFOLD_E_TASK_SIGNAL, .status = SIGKILL};

    pf_guard_explain(&scene->guard, scene->duct, &loss);
    return loss;
}

static void worker__without_limits_is_not_looked_at(void **state)
{
    struct scene scene = open_scene();

    (void)state;
    sent(&scene, PF_BATCH, 1, 10, 0);
    scene.present->kill_at = 1; /* of another time */
    assert_true(next_look(&scene) == PF_NEVER);
    assert_false(look(&scene, pf_now()));
    assert_int_equal(death(&scene).code, PINFOLD_E_TASK_SIGNAL);
    close_scene(&scene);
}

static void worker__between_tasks_is_looked_at_once_a_limit(void **state)
{
    struct scene scene = open_scene();

    (void)state;
    sent(&scene, PF_BATCH, 1, 10, 100 * PF_S);
    sent(&scene, PF_BATCH, 2, 1, 40 * PF_S);
    assert_in_range(next_look(&scene), 44 * PF_S, 45 * PF_S); /* with the grace */
    came(&scene, PF_RESULT, 6);
    came(&scene, PF_FAILURE, 1);
    came(&scene, PF_READY, 100); /* is no answer */
    assert_true(next_look(&scene) != PF_NEVER);
    came(&scene, PF_DROPPED, 4);
    assert_true(next_look(&scene) == PF_NEVER); /* it has nothing */
    close_scene(&scene);
}

static void overdue_task__is_killed_once_and_blamed(void **state)
{
    struct scene scene = open_scene();
    int64_t now = pf_now();

    (void)state;
    sent(&scene, PF_BATCH, 1, 10, PF_S);
    scene.present->kill_at = now + 100 * PF_S;
    assert_in_range(next_look(&scene), 90 * PF_S, 100 * PF_S);
    assert_false(look(&scene, now + 100 * PF_S - 1));
    assert_true(look(&scene, now + 100 * PF_S));
    assert_false(look(&scene, now + 100 * PF_S));
    assert_true(next_look(&scene) == PF_NEVER); /* its death rings */
    assert_int_equal(death(&scene).code, PINFOLD_E_TASK_TIME);
    assert_true(death(&scene).busy);
    close_scene(&scene);
}

static void task__that_was_hit_in_place_of_another_is_not_blamed(void **state)
{
    struct scene scene = open_scene();
    int64_t now = pf_now();

    (void)state;
    sent(&scene, PF_BATCH, 1, 10, PF_S);
    scene.present->kill_at = now;
    assert_true(look(&scene, now));
    scene.present->kill_at = now + PF_S; /* the next one's */
    assert_false(death(&scene).busy);
    scene.present->kill_at = 0; /* it was between two */
    assert_false(death(&scene).busy);
    close_scene(&scene);
}

static void task__that_dies_by_itself_is_told_as_it_died(void **state)
{
    struct scene scene = open_scene();
    struct pf_event loss = {.busy = true, .code = PINFOLD_E_TASK_SIGNAL, .status = SIGSEGV};

    (void)state;
    sent(&scene, PF_BATCH, 1, 1, PF_S);
    scene.present->kill_at = 1;
    assert_true(look(&scene, 1));
    pf_guard_explain(&scene.guard, scene.duct, &loss);
    assert_true(loss.busy && loss.code == PINFOLD_E_TASK_SIGNAL);
    close_scene(&scene);
}

static void cancelled_call__is_borne_for_its_grace(void **state)
{
    struct scene scene = open_scene();
    int64_t now;

    (void)state;
    sent(&scene, PF_BATCH, 7, 2, 0);
    sent(&scene, PF_BATCH, 8, 2, 0);
    scene.present->call = 7;
    sent(&scene, PF_CANCEL, 7, 0, 100 * PF_S);
    now = pf_now();
    assert_in_range(next_look(&scene), 90 * PF_S, 100 * PF_S);
    assert_false(look(&scene, now + 90 * PF_S));
    scene.present->call = 8; /* it came back, */
    assert_false(look(&scene, now + 100 * PF_S));
    scene.present->call = 7; /* and began the next one, before it heard */
    assert_true(look(&scene, now + 200 * PF_S));
    assert_true(death(&scene).busy);
    scene.present->call = 8;
    assert_false(death(&scene).busy);
    close_scene(&scene);
}

static void stopped_item__is_killed_and_no_other(void **state)
{
    struct scene scene = open_scene();
    int64_t now;

    (void)state;
    sent(&scene, PF_BATCH, 7, 10, 0);
    scene.present->call = 7;
    scene.present->item = 3;
    pf_guard_sent(
        &scene.guard,
        &(struct pf_frame){.kind = PF_CANCEL, .call = 7, .first = 4, .count = 1, .ns = 100 * PF_S});
    now = pf_now();
    assert_in_range(next_look(&scene), 90 * PF_S, 100 * PF_S);
    assert_false(look(&scene, now + 100 * PF_S)); /* it did not begin yet */
    scene.present->call = 8;
    scene.present->item = 4; /* of another call */
    assert_false(look(&scene, now + 200 * PF_S));
    scene.present->call = 7;
    assert_true(look(&scene, now + 300 * PF_S));
    assert_int_equal(death(&scene).code, PINFOLD_E_CANCELLED);
    assert_true(death(&scene).busy);
    scene.present->item = 5; /* hit in its place */
    assert_false(death(&scene).busy);
    close_scene(&scene);
}

static void cancelled_call__is_forgotten_when_all_is_answered(void **state)
{
    struct scene scene = open_scene();

    (void)state;
    sent(&scene, PF_CANCEL, 7, 0, PF_S); /* it has nothing of it */
    assert_true(next_look(&scene) == PF_NEVER);
    sent(&scene, PF_BATCH, 7, 2, 0);
    sent(&scene, PF_CANCEL, 7, 0, PF_NEVER); /* for ever */
    assert_true(next_look(&scene) == PF_NEVER);
    sent(&scene, PF_CANCEL, 7, 0, PF_S);
    assert_true(next_look(&scene) != PF_NEVER);
    came(&scene, PF_DROPPED, 2);
    assert_true(next_look(&scene) == PF_NEVER);
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worker__without_limits_is_not_looked_at),
        cmocka_unit_test(worker__between_tasks_is_looked_at_once_a_limit),
        cmocka_unit_test(overdue_task__is_killed_once_and_blamed),
        cmocka_unit_test(task__that_was_hit_in_place_of_another_is_not_blamed),
        cmocka_unit_test(task__that_dies_by_itself_is_told_as_it_died),
        cmocka_unit_test(cancelled_call__is_borne_for_its_grace),
        cmocka_unit_test(stopped_item__is_killed_and_no_other),
        cmocka_unit_test(cancelled_call__is_forgotten_when_all_is_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
