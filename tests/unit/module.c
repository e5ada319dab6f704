/* Modules: the one that an address lies in, and the one that has an identity. */
#include "object.h"

#include <dlfcn.h>
#include <limits.h>

#include "code/module.h"

static int here;

static void at__finds_the_executable(void **state)
{
    struct pf_module module;
    char path[PATH_MAX] = "";

    (void)state;
    assert_int_equal(pf_module_at(&module, &here), 0);
    assert_true(readlink("/proc/self/exe", path, sizeof path - 1) > 0);
    assert_string_equal(module.path, path);
    assert_true(module.base <= (uintptr_t)&here);
    assert_true(module.id[0]);
}

static void at__finds_a_library(void **state)
{
    struct pf_module library, executable;

    (void)state;
    assert_int_equal(pf_module_at(&library, dlsym(RTLD_DEFAULT, "cmocka_set_message_output")), 0);
    assert_int_equal(pf_module_at(&executable, &here), 0);
    assert_non_null(strstr(library.path, "cmocka"));
    assert_string_not_equal(library.id, executable.id);
}

static void at__finds_nothing_at_what_is_no_code(void **state)
{
    struct pf_module module;
    void *heap = calloc(1, 1 << 20);
    int stack;

    (void)state;
    assert_int_equal(pf_module_at(&module, heap), -1);
    assert_int_equal(pf_module_at(&module, &stack), -1);
    assert_int_equal(pf_module_at(&module, NULL), -1);
    assert_int_equal(pf_module_at(&module, (void *)UINTPTR_MAX), -1);
    free(heap);
}

static void by_id__finds_what_at_found(void **state)
{
    struct pf_module module, again;

    (void)state;
    assert_int_equal(pf_module_at(&module, &here), 0);
    assert_int_equal(pf_module_by_id(&again, module.id), 0);
    assert_string_equal(again.path, module.path);
    assert_int_equal(again.base, module.base);
}

static void by_id__finds_no_other(void **state)
{
    struct pf_module module;
    char id[80];

    (void)state;
    assert_int_equal(pf_module_by_id(&module, "build-id:0123456789"), -1);
    assert_int_equal(pf_module_by_id(&module, ""), -1);
    assert_int_equal(pf_module_at(&module, &here), 0);
    snprintf(id, sizeof id, "%.*s", (int)strlen(module.id) - 1, module.id); /* a beginning of it */
    assert_int_equal(pf_module_by_id(&module, id), -1);
}

/* The identity of a shared object that is built with these flags. */
static const char *identity(int answer, const char *flags)
{
    static struct pf_module module;
    void *object;

    object_build(answer, flags);
    object = dlopen(object_path, RTLD_NOW);
    assert_non_null(object);
    assert_int_equal(pf_module_at(&module, dlsym(object, "answer")), 0);
    assert_string_equal(module.path, object_path);
    dlclose(object);
    assert_int_equal(pf_module_by_id(&module, module.id), -1);
    return module.id;
}

static void identity__is_the_build_id_that_the_linker_wrote(void **state)
{
    (void)state;
    assert_string_equal(identity(1, "-Wl,--build-id=0x00c0ffee"), "build-id:00c0ffee");
}

static void identity__is_a_digest_where_there_is_no_build_id(void **state)
{
    char one[80], again[80], two[80];

    (void)state;
    snprintf(one, sizeof one, "%s", identity(1, "-Wl,--build-id=none"));
    snprintf(again, sizeof again, "%s", identity(1, "-Wl,--build-id=none"));
    snprintf(two, sizeof two, "%s", identity(2, "-Wl,--build-id=none"));
    assert_int_equal(strncmp(one, "digest:", 7), 0);
    assert_string_equal(one, again);
    assert_string_not_equal(one, two);
}

static void identity__of_a_long_build_id_is_cut_and_still_found(void **state)
{
    char flag[256] = "-Wl,--build-id=0x";
    struct pf_module module;
    void *object;

    (void)state;
    for (int i = 0; i < 100; i++)
        strcat(flag, "ab");
    object_build(1, flag);
    object = dlopen(object_path, RTLD_NOW);
    assert_non_null(object);
    assert_int_equal(pf_module_at(&module, dlsym(object, "answer")), 0);
    assert_true(strlen(module.id) < sizeof module.id);
    assert_int_equal(pf_module_by_id(&module, module.id), 0);
    dlclose(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at__finds_the_executable),
        cmocka_unit_test(at__finds_a_library),
        cmocka_unit_test(at__finds_nothing_at_what_is_no_code),
        cmocka_unit_test(by_id__finds_what_at_found),
        cmocka_unit_test(by_id__finds_no_other),
        cmocka_unit_test(identity__is_the_build_id_that_the_linker_wrote),
        cmocka_unit_test(identity__is_a_digest_where_there_is_no_build_id),
        cmocka_unit_test(identity__of_a_long_build_id_is_cut_and_still_found),
    };

    return cmocka_run_group_tests(tests, objects_begin, objects_end);
}
