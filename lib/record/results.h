/* results.h - the file beside a journal that large results are appended to.
 *
 * Nothing in it is ever written twice. It begins with a line that says what it is; where a result
 * lies, and what its digest is, the journal knows, which writes that down when the bytes are synced.
 * What lies behind the last of those is of a run that was ended: it is left there.
 * The file is also what a journal's writer locks.
 */
#ifndef PF_RECORD_RESULTS_H
#define PF_RECORD_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pf_results {
    int fd;
    uint64_t end;          /* where the next one goes, counting what is gathered: */
    unsigned char *gather; /* the last `gathered` bytes before it, not written yet */
    size_t gathered;
    bool dirty; /* something is not synced */
};

/* Opens the file, to write (then it is made if it is not there) or to read. 0 or an errno; EBADMSG:
 * it is another kind of file. */
int pf_results_open(struct pf_results *results, const char *path, bool write);

/* Makes this opening its one writer. 0, EAGAIN: there is another; or an errno. */
int pf_results_lock(struct pf_results *results);

/* Appends a result. 0 or an errno; *at is where it begins. */
int pf_results_add(struct pf_results *results, const void *data, size_t size, uint64_t *at);

/* Has all of them on the disk. 0 or an errno. */
int pf_results_sync(struct pf_results *results);

/* Whether the file has such bytes; and to read them. */
bool pf_results_have(const struct pf_results *results, uint64_t at, uint64_t size);
bool pf_results_read(const struct pf_results *results, uint64_t at, void *data, size_t size);

void pf_results_close(struct pf_results *results); /* of what was not opened: nothing */

#endif
