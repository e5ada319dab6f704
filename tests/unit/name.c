/* What functions are called. */
#include "object.h"

#include <dlfcn.h>

#include "code/name.h"

static int answer_7(void)
{
    return 7;
}

static void exported_function__has_its_name(void **state)
{
    void *object;

    (void)state;
    object_build(42, "");
    object = dlopen(object_path, RTLD_NOW);
    assert_non_null(object);
    assert_string_equal(pf_function_name((pf_function *)dlsym(object, "answer")), "answer");
    /* Somewhere inside of it is no function. */
    assert_null(pf_function_name((pf_function *)(uintptr_t)((char *)dlsym(object, "answer") + 1)));
    dlclose(object);
}

static void static_function__has_none(void **state)
{
    (void)state;
    assert_null(pf_function_name((pf_function *)answer_7));
    assert_null(pf_function_name(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exported_function__has_its_name),
        cmocka_unit_test(static_function__has_none),
    };

    return cmocka_run_group_tests(tests, objects_begin, objects_end);
}
