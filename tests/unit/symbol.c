/* Symbols: names of functions from the files that they were loaded from. */
#include "object.h"

#include <dlfcn.h>
#include <sys/stat.h>

#include "code/module.h"
#include "code/symbol.h"

__attribute__((noinline)) static int a_static_function(int n)
{
    __asm__ volatile(""); /* it shall not become part of who calls it */
    return n + 1;
}

static bool find(struct pf_symbol *symbol, const void *address)
{
    struct pf_module module;

    assert_int_equal(pf_module_at(&module, address), 0);
    return pf_symbol_at(symbol, module.path, (uintptr_t)address - module.base);
}

static void at__names_a_static_function(void **state)
{
    const char *code = (const char *)(uintptr_t)a_static_function;
    struct pf_symbol symbol;

    (void)state;
    assert_int_equal(a_static_function(1), 2);
    for (int i = 0; i < 2; i++) {
        assert_true(find(&symbol, code + i));
        assert_string_equal(symbol.name, "a_static_function");
        assert_int_equal(symbol.offset, i);
    }
}

static void at__names_what_a_stripped_library_exports(void **state)
{
    struct pf_symbol symbol;
    void *object, *answer;

    (void)state;
    object_build(1, "-s");
    object = dlopen(object_path, RTLD_NOW);
    assert_non_null(object);
    answer = dlsym(object, "answer");
    assert_non_null(answer);
    assert_true(find(&symbol, answer));
    assert_string_equal(symbol.name, "answer");
    assert_int_equal(symbol.offset, 0);
    dlclose(object);
}

static void at__finds_nothing_where_there_is_no_function(void **state)
{
    struct pf_symbol symbol;

    (void)state;
    assert_false(pf_symbol_at(&symbol, "/proc/self/exe", 0));
    assert_false(pf_symbol_at(&symbol, "/proc/self/exe", UINT64_MAX));
    assert_false(pf_symbol_at(&symbol, "/nonexistent", 1));
    assert_false(pf_symbol_at(&symbol, "/", 1));
    assert_false(pf_symbol_at(&symbol, "", 1));
}

static void at__does_not_wait_for_what_is_no_plain_file(void **state)
{
    struct pf_symbol symbol;

    (void)state;
    unlink(object_path);
    assert_int_equal(mkfifo(object_path, 0600), 0);
    assert_false(pf_symbol_at(&symbol, object_path, 1));
}

static void write_object(const char *bytes, size_t size)
{
    FILE *file;

    unlink(object_path);
    file = fopen(object_path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Whatever is cut off or changed: there may be a wrong name, and nothing worse. */
static void at__survives_files_that_are_broken(void **state)
{
    static char bytes[1 << 20];
    struct pf_symbol symbol;
    uint64_t seed = 1;
    size_t size;
    FILE *file;

    (void)state;
    object_build(1, "");
    file = fopen(object_path, "re");
    assert_non_null(file);
    size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_true(size > 1000 && size < sizeof bytes);
    for (int i = 0; i < 300; i++) {
        size_t at = i % 3 ? random_below(&seed, 64) : size - 1 - random_below(&seed, 2000);
        char was = bytes[at];
        bytes[at] = (char)random_below(&seed, 256);
        write_object(bytes, i % 2 ? size : random_below(&seed, size));
        pf_symbol_at(&symbol, object_path, random_below(&seed, 0x2000));
        bytes[at] = was;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at__names_a_static_function),
        cmocka_unit_test(at__names_what_a_stripped_library_exports),
        cmocka_unit_test(at__finds_nothing_where_there_is_no_function),
        cmocka_unit_test(at__does_not_wait_for_what_is_no_plain_file),
        cmocka_unit_test(at__survives_files_that_are_broken),
    };

    return cmocka_run_group_tests_name("symbol", tests, objects_begin, objects_end);
}
