/* crash.c - see crash.h.
 *
 * The handler runs where anything may be wrong: the heap, the stack, any lock. So it allocates
 * nothing, formats nothing and takes no lock but the loader's (which is the thread's own, if it
 * holds it). It has a stack of its own, since that of the task may be full. Should it fail, by a
 * fault or for ever, the process dies all the same: its own signals are blocked, so a second fault
 * kills, and an alarm ends what hangs.
 */
#include "work/crash.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#include "work/batch.h"
#include "work/worker.h"

#define STACK_SIZE (128 * 1024) /* a frame with all registers of a large machine takes 11 KiB */
#define DEPTH_MAX  64           /* frames that are looked at */
#define PATIENCE   5            /* seconds */

/* A process fact (HACKING.md). */
static struct {
    struct pf_words *words;
    pid_t pid; /* a process that a task forks has no last words */
    int signal;
    const char *const *reason; /* libc's: points at a size (unsigned) and a text */
} here;

static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};

struct registers {
    uintptr_t pc, sp;
    uintptr_t caller; /* the return address, if the crash was a jump to nowhere; 0: not known */
};

static struct registers registers_of(const ucontext_t *context)
{
#if defined(__x86_64__)
    const greg_t *r = context->uc_mcontext.gregs;
    return (struct registers){(uintptr_t)r[REG_RIP], (uintptr_t)r[REG_RSP], 0};
#elif defined(__aarch64__)
    return (struct registers){context->uc_mcontext.pc, context->uc_mcontext.sp,
                              context->uc_mcontext.regs[30]};
#else
    (void)context;
    return (struct registers){0, 0, 0};
#endif
}

static void copy(char *to, const char *from, size_t size)
{
    size_t n = strnlen(from, size - 1);

    memcpy(to, from, n);
    to[n] = '\0';
}

static int find_module(struct dl_phdr_info *info, size_t size, void *data)
{
    struct pf_words_frame *frame = data;
    uintptr_t address = (uintptr_t)frame->offset;

    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type != PT_LOAD || address < start || address - start >= segment->p_memsz)
            continue;
        frame->offset = address - info->dlpi_addr;
        copy(frame->module, info->dlpi_name, sizeof frame->module);
        return 1;
    }
    return 0;
}

/* False: there is no room for more. */
static bool add_frame(struct pf_words *words, uintptr_t address)
{
    uint32_t n = atomic_load_explicit(&words->nframes, memory_order_relaxed);

    if (n >= PF_WORDS_FRAMES)
        return false;
    words->frames[n].offset = address;
    copy(words->frames[n].module, "?", 2);
    dl_iterate_phdr(find_module, &words->frames[n]);
    atomic_store_explicit(&words->nframes, n + 1, memory_order_release);
    return true;
}

struct walk {
    struct pf_words *words;
    uintptr_t pc; /* the first frame: those above it are the handler's */
    bool begun;
    int depth;
};

/* Our own frames are of no interest: they begin with what called the task, or init. */
static bool is_ours(uintptr_t address)
{
    void *function = _Unwind_FindEnclosingFunction((void *)address);

    return function == (void *)(uintptr_t)pf_batch_run ||
           function == (void *)(uintptr_t)pf_worker_take ||
           function == (void *)(uintptr_t)pf_worker_serve;
}

static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *data)
{
    struct walk *walk = data;
    int exact = 0;
    uintptr_t ip = _Unwind_GetIPInfo(context, &exact);

    if (walk->depth++ > DEPTH_MAX)
        return _URC_END_OF_STACK;
    if (!walk->begun && ip != walk->pc)
        return _URC_NO_REASON;
    walk->begun = true;
    if (ip == 0)
        return _URC_END_OF_STACK;
    ip -= exact ? 0 : 1; /* a return address may lie in the next function already */
    if (is_ours(ip) || !add_frame(walk->words, ip))
        return _URC_END_OF_STACK;
    return _URC_NO_REASON;
}

static void tell_frames(struct pf_words *words, const struct registers *at)
{
    struct walk walk = {.words = words, .pc = at->pc};

    if (!at->sp)
        walk.begun = true; /* of this machine we know no registers: the handler is seen too */
    _Unwind_Backtrace(step, &walk);
    if (!walk.begun)
        add_frame(words, at->pc);
}

/* A call through a bad pointer: nothing can be unwound from there, but who called is known. */
static void tell_jump(struct pf_words *words, const struct registers *at)
{
    uintptr_t caller = at->caller;

#if defined(__x86_64__)
    caller = *(const uintptr_t *)at->sp;
#endif
    add_frame(words, at->pc);
    if (caller)
        add_frame(words, caller - 1);
}

static bool is_code(uintptr_t address)
{
    struct pf_words_frame frame = {.offset = address};

    return dl_iterate_phdr(find_module, &frame) == 1;
}

/* What tasks have printed, this one and those before it, is not lost with the buffer. A buffer that
 * is not where it should be makes write fail, and nothing else. */
static void save_stdout(void)
{
#ifdef __GLIBC__
    size_t size = __fpending(stdout);
    const char *from = stdout->_IO_write_base;

    while (size > 0 && size <= 1 << 20) {
        ssize_t wrote = write(stdout->_fileno, from, size);
        if (wrote <= 0)
            break;
        from += wrote;
        size -= (size_t)wrote;
    }
#endif
}

static void tell(int signal, const siginfo_t *info, const ucontext_t *context, int error)
{
    struct pf_words *words = here.words;
    struct registers at = registers_of(context);
    uintptr_t address = (uintptr_t)info->si_addr;

    words->error = error;
    words->sent = info->si_code <= 0;
    if ((signal == SIGSEGV || signal == SIGBUS) && info->si_code > 0 &&
        info->si_code != SI_KERNEL) {
        words->address = address;
        words->has_address = 1;
        words->overflow =
            signal == SIGSEGV && at.sp && address + 65536 > at.sp && address < at.sp + 4096;
    }
    atomic_store_explicit(&words->signal, signal, memory_order_release);
    if (here.reason && *here.reason)
        copy(words->said, *here.reason + sizeof(unsigned), sizeof words->said);
    if (words->has_address && at.sp && at.pc == address && !is_code(at.pc))
        tell_jump(words, &at);
    else
        tell_frames(words, &at);
    save_stdout();
}

/* The signal is raised while it is blocked, so it comes when the handler returns: a core file shows
 * the place of the crash. */
static void die_of(int signal)
{
    struct sigaction plain = {.sa_handler = SIG_DFL};

    sigaction(signal, &plain, NULL);
    raise(signal);
}

static void hurry(int alarm)
{
    sigset_t one;

    (void)alarm;
    die_of(here.signal);
    sigemptyset(&one);
    sigaddset(&one, here.signal);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
    static _Atomic int told;
    int error = errno;

    if (getpid() == here.pid && atomic_exchange(&told, 1) == 0) {
        struct sigaction bell = {.sa_handler = hurry};
        sigset_t one;
        here.signal = signal;
        sigaction(SIGALRM, &bell, NULL);
        sigemptyset(&one);
        sigaddset(&one, SIGALRM);
        pthread_sigmask(SIG_UNBLOCK, &one, NULL);
        alarm(PATIENCE);
        tell(signal, info, context, error);
    }
    die_of(signal);
}

static void on_exit_of_task(void)
{
    if (getpid() != here.pid)
        return;
    here.words->error = errno;
    atomic_store_explicit(&here.words->leaving, 1, memory_order_release);
}

static void take_stack(void)
{
    stack_t old, mine = {.ss_size = STACK_SIZE};

    if (sigaltstack(NULL, &old) != 0 || !(old.ss_flags & SS_DISABLE))
        return;
    mine.ss_sp = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (mine.ss_sp != MAP_FAILED)
        sigaltstack(&mine, NULL);
}

static _Unwind_Reason_Code nothing(struct _Unwind_Context *context, void *data)
{
    (void)context, (void)data;
    return _URC_END_OF_STACK;
}

void pf_crash_watch(struct pf_words *words)
{
    struct sigaction ours = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK}, old;

    here.words = words;
    here.pid = getpid();
    here.reason = dlsym(RTLD_DEFAULT, "__abort_msg");
    _Unwind_Backtrace(nothing, NULL); /* what is bound or loaded late is so now */
    take_stack();
    atexit(on_exit_of_task);
    sigfillset(&ours.sa_mask);
    for (size_t i = 0; i < sizeof deadly / sizeof *deadly; i++)
        if (sigaction(deadly[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
            sigaction(deadly[i], &ours, NULL);
}
