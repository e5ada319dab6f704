/* digest.h - SHA-256, by libcrypto: what tells one argument or result from another. */
#ifndef PF_RECORD_DIGEST_H
#define PF_RECORD_DIGEST_H

#include "base/error.h"

#define PF_DIGEST 32 /* bytes */

struct pf_digester;

/* What computes digests. PINFOLD_E_UNSUPPORTED: this build has no libcrypto. */
int pf_digester_new(struct pf_digester **digester, struct pinfold_error *err);
void pf_digester_free(struct pf_digester *digester); /* NULL is allowed */

/* The digest of these bytes, one piece behind the other (either may have none). False: libcrypto
 * failed, and there is none. */
bool pf_digest(struct pf_digester *digester, pinfold_bytes first, pinfold_bytes second,
               unsigned char digest[PF_DIGEST]);

#endif
