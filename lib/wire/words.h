/* words.h - the last words of a worker process, in the memory that it shares with its driver.
 *
 * A signal handler writes them (work/crash.c), with what may be wrong all around it: so they hold
 * numbers and paths, and whoever reads them (work/obituary.c) finds the names. Nothing in them is
 * sure to be true, since a task may have written there too: `signal` comes first, and what does not
 * fit what the system says of the death is not told.
 */
#ifndef PF_WIRE_WORDS_H
#define PF_WIRE_WORDS_H

#include <stdatomic.h>
#include <stdint.h>

#define PF_WORDS_FRAMES 8

struct pf_words {
    uint64_t limit;          /* the memory that its tasks may have; 0: as much as there is */
    _Atomic int32_t signal;  /* that it is about to die of; 0: it has not said any */
    _Atomic int32_t leaving; /* a task called exit */
    int32_t error;           /* errno, then */
    int32_t sent;            /* the signal was sent, by a call: nothing is wrong at `address` */
    int32_t overflow;        /* the stack was full */
    int32_t has_address;     /* the access to `address` failed */
    uint64_t address;
    char said[256]; /* why libc gave up: a failed assertion, a heap that is damaged; or "" */
    _Atomic uint32_t nframes; /* the innermost first; counted up behind each */
    struct pf_words_frame {
        uint64_t offset;  /* in the module, as its file counts (virtual addresses of ELF) */
        char module[256]; /* its path; "": the program; "?": in none, and `offset` is the address */
    } frames[PF_WORDS_FRAMES];
};

#endif
