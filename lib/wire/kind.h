/* kind.h - the one list of message kinds, and who says them.
 *
 *   opening      rank ─HELLO─► driver          facts to compare, the mask, where to ring
 *                driver ─MEET─► rank           where to ring
 *                driver ─SEAT─► rank ─SEATED─► driver     the first rank of a node seats all of it
 *                driver ─REFUSE─► rank         the open fails, and why
 *                driver ─ARGS─► worker         large arguments, before the INIT that they are for
 *                driver ─INIT─► worker ─READY─► driver    who you are, where; prepared, or why not
 *                                           (again, to who cannot be replaced: begin anew)
 *                driver ─HOST─► rank           your worker is a process of its own, preload for it
 *   a process    rank ─LOST─► driver           the rank's worker is gone, and how (relay.h)
 *   of a rank    driver ─REVIVE─► rank         it shall make another one
 *                driver ─KILL─► rank           it shall end the worker, and tell its loss
 *   working      driver ─CALL─► worker         a function, sizes, shared bytes; then its batches
 *                driver ─BATCH─► worker        items first .. first + count - 1, inputs
 *                worker ─RESULT─► driver       a run of items that went well, outputs
 *                worker ─FAILURE─► driver      one item (a range's chunk) that did not: code, text
 *                worker ─DROPPED─► driver      items that were cancelled before they ran
 *                driver ─CANCEL─► worker       nobody waits for this call, or for its item `first`
 *                                              (count 1): drop what is queued
 *                driver ─FORGET─► worker       the call is over: free it
 *                driver ─HALT─► worker         begin nothing more of this call, finish what runs
 *                driver ─PING─► worker ─ECHO─► driver     nothing was heard for a while: is all there?
 *   closing      driver ─STOP─► worker ─BYE─► driver
 *                driver ─LEAVE─► rank          the pool is closed (a rank whose worker is a process)
 *                rank ─OVER─► driver           this rank opens no more pools here
 *                driver ─OVER─► rank           nor does the driver
 *   transport    PIECE                         part of a frame that is larger than the ring takes
 *                CRASH                         a fault on purpose: die at your task number `first`
 *
 * A FAILURE of call 0 is about no item: the worker lacks frames that it was sent, and hears nothing
 * but STOP from then on.
 */
#ifndef PF_WIRE_KIND_H
#define PF_WIRE_KIND_H

/* clang-format off */
#define PF_KINDS(X)                                                                             \
    X(HELLO)                                                                                    \
    X(MEET)                                                                                     \
    X(SEAT)                                                                                     \
    X(SEATED)                                                                                   \
    X(REFUSE)                                                                                   \
    X(ARGS)                                                                                     \
    X(INIT)                                                                                     \
    X(READY)                                                                                    \
    X(HOST)                                                                                     \
    X(LOST)                                                                                     \
    X(REVIVE)                                                                                   \
    X(KILL)                                                                                     \
    X(CALL)                                                                                     \
    X(BATCH)                                                                                    \
    X(RESULT)                                                                                   \
    X(FAILURE)                                                                                  \
    X(DROPPED)                                                                                  \
    X(CANCEL)                                                                                   \
    X(FORGET)                                                                                   \
    X(HALT)                                                                                     \
    X(PING)                                                                                     \
    X(ECHO)                                                                                     \
    X(STOP)                                                                                     \
    X(BYE)                                                                                      \
    X(LEAVE)                                                                                    \
    X(OVER)                                                                                     \
    X(PIECE)                                                                                    \
    X(CRASH)
/* clang-format on */

enum pf_frame_kind {
    PF_KIND_NONE,
#define PF_KIND_(name) PF_##name,
    PF_KINDS(PF_KIND_)
#undef PF_KIND_
        PF_KIND_END
};

const char *pf_kind_name(int kind);

#endif
