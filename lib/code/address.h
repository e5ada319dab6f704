/* address.h - a function as another process of the same program finds it: module and offset.
 * Static functions work, since no symbol table is asked. */
#ifndef PF_CODE_ADDRESS_H
#define PF_CODE_ADDRESS_H

#include "base/error.h"
#include "wire/frame.h"

typedef void pf_function(void); /* any function; cast to its own type before it is called */

/* Appends the address of `fn` (NULL is allowed and comes back as NULL). PINFOLD_E_FUNCTION: it
 * lies in no module, as a nested function or code made at run time does. */
int pf_pack_function(struct pf_buf *buf, pf_function *fn, struct pinfold_error *err);

/* The function here. A module that is not loaded is opened by its path. PINFOLD_E_FUNCTION: no
 * such file here, or another build of it. */
int pf_unpack_function(struct pf_reader *in, pf_function **fn, struct pinfold_error *err);

#endif
