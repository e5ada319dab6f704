/* order.c - see order.h. */
#include "work/order.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

int pf_send(int socket, const void *message, size_t size, const int *fds, int nfds)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(PF_ORDER_FDS * sizeof(int))];
    } control = {0};
    struct iovec part = {(void *)(uintptr_t)message, size};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t sent;

    if (nfds > 0) {
        header.msg_control = control.room;
        header.msg_controllen = CMSG_SPACE((size_t)nfds * sizeof(int));
        struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN((size_t)nfds * sizeof(int));
        memcpy(CMSG_DATA(rights), fds, (size_t)nfds * sizeof(int));
    }
    do
        sent = sendmsg(socket, &header, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return errno == EAGAIN ? 0 : -1;
    return 1;
}

int pf_receive(int socket, void *message, size_t size, int *fds, int nfds)
{
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(PF_ORDER_FDS * sizeof(int))];
    } control;
    struct iovec part = {message, size};
    struct msghdr header = {.msg_iov = &part,
                            .msg_iovlen = 1,
                            .msg_control = control.room,
                            .msg_controllen = sizeof control.room};
    ssize_t got = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

    /* Who closed the other side had not read all that we said. What it said itself is there still. */
    if (got < 0 && errno == ECONNRESET)
        got = recvmsg(socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    if (got == 0)
        return -1;
    for (int i = 0; i < nfds; i++)
        fds[i] = -1;
    struct cmsghdr *rights = CMSG_FIRSTHDR(&header);
    if (rights && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS) {
        size_t size_of_fds = rights->cmsg_len - CMSG_LEN(0);
        if (size_of_fds <= (size_t)nfds * sizeof(int))
            memcpy(fds, CMSG_DATA(rights), size_of_fds);
    }
    return 1;
}
