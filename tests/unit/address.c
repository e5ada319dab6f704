/* The address of a function, as it travels to another process. */
#include "object.h"

#include <dlfcn.h>
#include <sys/mman.h>

#include "code/address.h"

static int answer_42(void)
{
    return 42;
}

static int unpack(const struct pf_buf *buf, pf_function **fn, struct pinfold_error *err)
{
    struct pf_reader in = {.at = buf->data, .end = buf->data + buf->size};

    return pf_unpack_function(&in, fn, err);
}

/* The function of the object that is built for this, as its address travels; it is closed. */
static void pack_from_object(struct pf_buf *buf, int answer)
{
    void *object;

    object_build(answer, "");
    object = dlopen(object_path, RTLD_NOW);
    assert_non_null(object);
    assert_int_equal(pf_pack_function(buf, (pf_function *)dlsym(object, "answer"), NULL), 0);
    dlclose(object);
    assert_null(dlopen(object_path, RTLD_NOW | RTLD_NOLOAD));
}

static void function__comes_back_although_it_is_static(void **state)
{
    struct pf_buf buf = {0};
    pf_function *fn;

    (void)state;
    assert_int_equal(pf_pack_function(&buf, (pf_function *)answer_42, NULL), 0);
    assert_int_equal(unpack(&buf, &fn, NULL), 0);
    assert_ptr_equal(fn, answer_42);
    pf_buf_free(&buf);
}

static void null__comes_back_as_null(void **state)
{
    struct pf_buf buf = {0};
    pf_function *fn = (pf_function *)answer_42;

    (void)state;
    assert_int_equal(pf_pack_function(&buf, NULL, NULL), 0);
    assert_int_equal(unpack(&buf, &fn, NULL), 0);
    assert_null(fn);
    pf_buf_free(&buf);
}

static void code_made_at_run_time__is_refused(void **state)
{
    void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_buf buf = {0};

    (void)state;
    assert_ptr_not_equal(page, MAP_FAILED);
    assert_int_equal(pf_pack_function(&buf, (pf_function *)(uintptr_t)page, &err),
                     PINFOLD_E_FUNCTION);
    assert_true(err.text[0]);
    pf_buf_free(&buf);
    munmap(page, 4096);
}

static void module_that_is_not_loaded__is_opened_by_its_path(void **state)
{
    struct pf_buf buf = {0};
    pf_function *fn;
    void *object;

    (void)state;
    pack_from_object(&buf, 17);
    assert_int_equal(unpack(&buf, &fn, NULL), 0);
    assert_int_equal(((int (*)(void))fn)(), 17);
    pf_buf_free(&buf);
    object = dlopen(object_path, RTLD_NOW | RTLD_NOLOAD);
    assert_non_null(object);
    dlclose(object); /* the look's own reference, */
    dlclose(object); /* and what unpack had opened */
}

static void another_build_at_the_same_path__is_refused_and_not_kept(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_buf buf = {0};
    pf_function *fn;

    (void)state;
    pack_from_object(&buf, 17);
    object_build(18, "");
    assert_int_equal(unpack(&buf, &fn, &err), PINFOLD_E_FUNCTION);
    assert_non_null(strstr(err.text, object_path));
    assert_non_null(strstr(err.text, "another build"));
    assert_null(dlopen(object_path, RTLD_NOW | RTLD_NOLOAD));
    pf_buf_free(&buf);
}

static void module_that_is_no_more__is_refused_by_name(void **state)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_buf buf = {0};
    pf_function *fn;

    (void)state;
    pack_from_object(&buf, 17);
    unlink(object_path);
    assert_int_equal(unpack(&buf, &fn, &err), PINFOLD_E_FUNCTION);
    assert_non_null(strstr(err.text, object_path));
    pf_buf_free(&buf);
}

static void address_cut_short__is_refused(void **state)
{
    struct pf_buf buf = {0};

    (void)state;
    assert_int_equal(pf_pack_function(&buf, (pf_function *)answer_42, NULL), 0);
    for (size_t size = 0; size < buf.size; size++) {
        struct pf_buf part = {0};
        pf_function *fn;
        pf_buf_add(&part, buf.data, size);
        assert_int_equal(unpack(&part, &fn, NULL), PINFOLD_E_FUNCTION);
        pf_buf_free(&part);
    }
    pf_buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(function__comes_back_although_it_is_static),
        cmocka_unit_test(null__comes_back_as_null),
        cmocka_unit_test(code_made_at_run_time__is_refused),
        cmocka_unit_test(module_that_is_not_loaded__is_opened_by_its_path),
        cmocka_unit_test(another_build_at_the_same_path__is_refused_and_not_kept),
        cmocka_unit_test(module_that_is_no_more__is_refused_by_name),
        cmocka_unit_test(address_cut_short__is_refused),
    };

    return cmocka_run_group_tests(tests, objects_begin, objects_end);
}
