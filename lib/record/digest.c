/* digest.c - see digest.h. A context is made once: to fetch an algorithm takes libcrypto longer than
 * to digest a small argument. */
#include "record/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct pf_digester {
    EVP_MD_CTX *context;
    EVP_MD_CTX *begun; /* what each digest begins as a copy of */
};

int pf_digester_new(struct pf_digester **out, struct pinfold_error *err)
{
    struct pf_digester *digester = calloc(1, sizeof *digester);

    if (digester) {
        digester->context = EVP_MD_CTX_new();
        digester->begun = EVP_MD_CTX_new();
    }
    if (!digester || !digester->context || !digester->begun) {
        pf_digester_free(digester);
        return pf_fail(err, PINFOLD_E_MEMORY, "out of memory for a digest");
    }
    if (!EVP_DigestInit_ex(digester->begun, EVP_sha256(), NULL)) {
        pf_digester_free(digester);
        return pf_fail(err, PINFOLD_E_UNSUPPORTED,
                       "libcrypto has no SHA-256 here, which the journal needs");
    }
    *out = digester;
    return 0;
}

void pf_digester_free(struct pf_digester *digester)
{
    if (!digester)
        return;
    EVP_MD_CTX_free(digester->context);
    EVP_MD_CTX_free(digester->begun);
    free(digester);
}

bool pf_digest(struct pf_digester *digester, pinfold_bytes first, pinfold_bytes second,
               unsigned char digest[PF_DIGEST])
{
    EVP_MD_CTX *context = digester->context;

    return EVP_MD_CTX_copy_ex(context, digester->begun) &&
           (!first.size || EVP_DigestUpdate(context, first.data, first.size)) &&
           (!second.size || EVP_DigestUpdate(context, second.data, second.size)) &&
           EVP_DigestFinal_ex(context, digest, NULL);
}
