/* SHA-256 of FIPS 180-4's examples. */
#include "unit.h"

#include "record/digest.h"

static void assert_digest(struct pf_digester *digester, const char *a, const char *b,
                          const char *want)
{
    unsigned char digest[PF_DIGEST];
    char hex[2 * PF_DIGEST + 1];

    assert_true(
        pf_digest(digester, (pinfold_bytes){a, strlen(a)}, (pinfold_bytes){b, strlen(b)}, digest));
    for (int i = 0; i < PF_DIGEST; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    assert_string_equal(hex, want);
}

static void digest__is_that_of_the_standard_in_any_pieces(void **state)
{
    const char *abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    struct pf_digester *digester;

    (void)state;
    assert_int_equal(pf_digester_new(&digester, NULL), 0);
    assert_digest(digester, "", "",
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_digest(digester, "abc", "", abc);
    assert_digest(digester, "", "abc", abc);
    assert_digest(digester, "a", "bc", abc);
    assert_digest(digester, "abcdbcdecdefdefgefghfghighijhijk", "ijkljklmklmnlmnomnopnopq",
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    pf_digester_free(digester);
    pf_digester_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digest__is_that_of_the_standard_in_any_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
