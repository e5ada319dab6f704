/* digest.c - see digest.h. */
#include "digest.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

/* Large enough that a slow file system is asked seldom, small enough for any stack. */
enum { BLOCK = 64 * 1024 };

static int digest_descriptor(int fd, EVP_MD_CTX *context, struct digest *digest)
{
    unsigned char block[BLOCK] __attribute__((aligned(64)));
    struct stat info;
    ssize_t got;

    if (fstat(fd, &info) != 0)
        return errno;
    if (!S_ISREG(info.st_mode))
        return ESTALE;
    if (context == NULL || !EVP_DigestInit_ex(context, EVP_sha256(), NULL))
        return ENOMEM;
    for (;;) {
        got = read(fd, block, sizeof block);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        if (got == 0)
            break;
        if (!EVP_DigestUpdate(context, block, (size_t)got))
            return ENOMEM;
    }
    return EVP_DigestFinal_ex(context, digest->bytes, NULL) ? 0 : ENOMEM;
}

int digest_task(pinfold_task *task)
{
    const uint64_t *start = pinfold_task_arg(task).data;
    const char *path = (const char *)pinfold_task_shared(task).data + *start;
    struct digest *digest = pinfold_task_out(task, sizeof *digest);

    /* The walk saw a regular file. If a link or a pipe took its place since, say so: do not
     * read elsewhere, and do not wait for a writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        digest->error = errno;
        return 0;
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    digest->error = digest_descriptor(fd, context, digest);
    EVP_MD_CTX_free(context);
    close(fd);
    return 0;
}
