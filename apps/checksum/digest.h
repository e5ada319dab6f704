/* digest.h - the SHA-256 of a file, as a task. */
#ifndef CHECKSUM_DIGEST_H
#define CHECKSUM_DIGEST_H

#include <pinfold.h>

struct digest {
    unsigned char bytes[32];
    int32_t error; /* errno, when the file could not be read */
};

/* Input: where the path begins in the call's shared bytes (uint64_t). Output: a digest. */
int digest_task(pinfold_task *task);

#endif
