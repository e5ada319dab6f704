/* preload.c - see preload.h. The memfd holds one frame's body: a function, and bytes. */
#include "work/preload.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "code/address.h"

static int write_all(int fd, const unsigned char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0) {
            data += n;
            size -= (size_t)n;
        }
    }
    return 0;
}

int pf_preload_pack(struct pf_buf *body, pinfold_preload_fn *preload, pinfold_bytes arg,
                    struct pinfold_error *err)
{
    int code = pf_pack_function(body, (pf_function *)preload, err);

    pf_pack_bytes(body, arg.data, arg.size);
    if (!code && body->failed)
        code = pf_fail(err, PINFOLD_E_MEMORY, "out of memory for preload's %zu bytes", arg.size);
    return code;
}

int pf_preload_hold(int *out, const void *body, size_t size, struct pinfold_error *err)
{
    int fd = memfd_create("pinfold", MFD_CLOEXEC);
    int status = fd < 0 ? -errno : write_all(fd, body, size);

    if (status != 0) {
        if (fd >= 0)
            close(fd);
        return pf_fail(err, PINFOLD_E_SYSTEM, "cannot keep %zu bytes for preload: %s", size,
                       strerror(-status));
    }
    *out = fd;
    return 0;
}

int pf_preload_write(int *out, pinfold_preload_fn *preload, pinfold_bytes arg,
                     struct pinfold_error *err)
{
    struct pf_buf body = {0};
    int code = pf_preload_pack(&body, preload, arg, err);

    if (!code)
        code = pf_preload_hold(out, body.data, body.size, err);
    pf_buf_free(&body);
    return code;
}

int pf_preload_run(int fd, char *text, size_t size)
{
    struct pinfold_error err = PINFOLD_ERROR_INIT;
    struct pf_reader in = {0};
    struct stat file;
    pf_function *fn = NULL;
    pinfold_bytes arg;
    int code;

    if (fstat(fd, &file) == 0)
        in.at = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (!in.at || in.at == MAP_FAILED) {
        snprintf(text, size, "cannot read preload's argument: %s", strerror(errno));
        return PINFOLD_E_SYSTEM;
    }
    /* Mapped to the end: a preload may keep pointers into its argument. */
    in.end = in.at + file.st_size;
    code = pf_unpack_function(&in, &fn, &err);
    arg.data = pf_unpack_bytes(&in, &arg.size);
    if (code)
        snprintf(text, size, "%s", err.text);
    else
        code = ((pinfold_preload_fn *)fn)(arg, text, size);
    if (code && !text[0])
        snprintf(text, size, "preload returned %d", code);
    return code;
}
