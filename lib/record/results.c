/* results.c - see results.h. */
#include "record/results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* So that the file never has the look of something else. */
static const char first_line[] = "pinfold results 1\n";
#define FIRST (sizeof first_line - 1)

#define GATHER ((size_t)256 << 10) /* small writes are gathered up to this */

static int write_all(int fd, const void *data, size_t size, uint64_t at)
{
    const unsigned char *bytes = data;

    while (size > 0) {
        ssize_t n = pwrite(fd, bytes, size, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : ENOSPC;
        bytes += n;
        size -= (size_t)n;
        at += (uint64_t)n;
    }
    return 0;
}

bool pf_results_have(const struct pf_results *results, uint64_t at, uint64_t size)
{
    struct stat file;

    return results->fd >= 0 && fstat(results->fd, &file) == 0 && at >= FIRST &&
           at <= (uint64_t)file.st_size && size <= (uint64_t)file.st_size - at;
}

bool pf_results_read(const struct pf_results *results, uint64_t at, void *data, size_t size)
{
    unsigned char *bytes = data;

    while (size > 0) {
        ssize_t n = pread(results->fd, bytes, size, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        size -= (size_t)n;
        at += (uint64_t)n;
    }
    return true;
}

/* A first line that is cut short is of a run that was ended there: nothing lies behind it. */
static int look(struct pf_results *results)
{
    char line[FIRST];
    struct stat file;
    size_t have;

    if (fstat(results->fd, &file) != 0)
        return errno;
    if (!S_ISREG(file.st_mode))
        return EBADMSG;
    have = (uint64_t)file.st_size < FIRST ? (size_t)file.st_size : FIRST;
    if (!pf_results_read(results, 0, line, have))
        return errno ? errno : EIO;
    if (memcmp(line, first_line, have) != 0)
        return EBADMSG;
    results->end = (uint64_t)file.st_size;
    return 0;
}

int pf_results_open(struct pf_results *results, const char *path, bool write)
{
    int flags = O_CLOEXEC | O_NOCTTY | (write ? O_RDWR | O_CREAT : O_RDONLY), code;

    *results = (struct pf_results){.fd = open(path, flags, 0666)};
    if (results->fd < 0)
        return errno;
    errno = 0;
    code = look(results);
    if (!code && write) {
        results->gather = malloc(GATHER);
        code = results->gather ? 0 : ENOMEM;
    }
    if (code)
        pf_results_close(results);
    return code;
}

/* Of the open file, not of the process: two pools of one process are two, and a lock goes with its
 * holder, however that ends. */
int pf_results_lock(struct pf_results *results)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (fcntl(results->fd, F_OFD_SETLK, &lock) != 0)
        return errno == EACCES ? EAGAIN : errno;
    return look(results); /* the writer before us may have added some since it was opened */
}

static int write_gathered(struct pf_results *results)
{
    int code = write_all(results->fd, results->gather, results->gathered,
                         results->end - results->gathered);

    if (!code)
        results->gathered = 0;
    return code;
}

int pf_results_add(struct pf_results *results, const void *data, size_t size, uint64_t *at)
{
    int code = 0;

    if (results->end < FIRST) {
        code = write_all(results->fd, first_line, FIRST, 0);
        if (code)
            return code;
        results->end = FIRST;
    }
    *at = results->end;
    results->dirty = true;
    if (results->gathered + size > GATHER)
        code = write_gathered(results);
    if (!code && size > GATHER)
        code = write_all(results->fd, data, size, results->end);
    if (code)
        return code;
    if (size <= GATHER) {
        memcpy(results->gather + results->gathered, data, size);
        results->gathered += size;
    }
    results->end += size;
    return 0;
}

int pf_results_sync(struct pf_results *results)
{
    int code = 0;

    if (!results->dirty)
        return 0;
    if (results->gathered)
        code = write_gathered(results);
    if (!code && fdatasync(results->fd) != 0)
        code = errno;
    if (!code)
        results->dirty = false;
    return code;
}

void pf_results_close(struct pf_results *results)
{
    if (results->fd >= 0)
        close(results->fd);
    free(results->gather);
    *results = (struct pf_results){.fd = -1};
}
