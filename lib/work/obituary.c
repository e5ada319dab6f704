/* obituary.c - see obituary.h. */
#include "work/obituary.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "code/symbol.h"

#define CALLERS 3 /* behind the place of the crash */

/* Text that grows, and is cut where there is no more room. */
struct text {
    char *at, *end;
};

PINFOLD_PRINTF(2, 3) static void add(struct text *text, const char *fmt, ...)
{
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(text->at, (size_t)(text->end - text->at), fmt, args);
    va_end(args);
    if (n > 0)
        text->at += n < text->end - text->at ? n : text->end - text->at - 1;
}

/* NULL: it has no name that everybody knows. */
static const char *short_name(int signal)
{
    static const char *const names[] = {
        [SIGHUP] = "SIGHUP",   [SIGINT] = "SIGINT",   [SIGQUIT] = "SIGQUIT", [SIGILL] = "SIGILL",
        [SIGTRAP] = "SIGTRAP", [SIGABRT] = "SIGABRT", [SIGBUS] = "SIGBUS",   [SIGFPE] = "SIGFPE",
        [SIGKILL] = "SIGKILL", [SIGUSR1] = "SIGUSR1", [SIGSEGV] = "SIGSEGV", [SIGUSR2] = "SIGUSR2",
        [SIGPIPE] = "SIGPIPE", [SIGALRM] = "SIGALRM", [SIGTERM] = "SIGTERM", [SIGXCPU] = "SIGXCPU",
        [SIGXFSZ] = "SIGXFSZ", [SIGSYS] = "SIGSYS"};

    return signal > 0 && (size_t)signal < sizeof names / sizeof *names ? names[signal] : NULL;
}

/* The file of the program is found also where it was renamed or replaced since. */
static const char *program(char *name, size_t size)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    char *slash, *gone;

    path[n > 0 ? n : 0] = '\0';
    gone = strstr(path, " (deleted)");
    if (gone)
        *gone = '\0';
    slash = strrchr(path, '/');
    snprintf(name, size, "%.200s", slash ? slash + 1 : "the program");
    return "/proc/self/exe";
}

static bool is_libc(const struct pf_words_frame *frame)
{
    const char *slash = strrchr(frame->module, '/');
    const char *name = slash ? slash + 1 : frame->module;

    return strncmp(name, "libc.so", 7) == 0 || strncmp(name, "libc-", 5) == 0;
}

static void add_place(struct text *text, const struct pf_words_frame *frame)
{
    char name[256];
    const char *path = frame->module, *slash = strrchr(path, '/');
    struct pf_symbol symbol;

    if (strcmp(path, "?") == 0) {
        add(text, "no function (0x%llx)", (unsigned long long)frame->offset);
        return;
    }
    snprintf(name, sizeof name, "%s", slash ? slash + 1 : path);
    if (!path[0])
        path = program(name, sizeof name);
    if (pf_symbol_at(&symbol, path, frame->offset))
        add(text, "%s+0x%llx (%s)", symbol.name, (unsigned long long)symbol.offset, name);
    else
        add(text, "%s+0x%llx", name, (unsigned long long)frame->offset);
}

/* Where a signal was sent from inside (abort, raise), the first frames are those of the sending. */
static void add_frames(struct text *text, const struct pf_words *words)
{
    uint32_t n = atomic_load_explicit(&words->nframes, memory_order_relaxed), i = 0;

    n = n < PF_WORDS_FRAMES ? n : PF_WORDS_FRAMES;
    while (words->sent && i < n && is_libc(&words->frames[i]))
        i++;
    for (uint32_t first = i; i < n && i <= first + CALLERS; i++) {
        struct text before = *text;
        add(text, i == first ? " in " : ", called by ");
        add_place(text, &words->frames[i]);
        if (text->at + 1 < text->end)
            continue;
        *text = before; /* half of it helps nobody */
        *text->at = '\0';
        break;
    }
}

/* What a task or libc wrote may hold anything; an error's text is one line. */
static void make_line(char *text)
{
    size_t n = strlen(text);

    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '.'))
        text[--n] = '\0';
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            *text = ' ';
}

static void add_signal(struct text *text, const struct pf_words *words, int signal)
{
    const char *name = short_name(signal);

    add(text, "was killed by signal %d (%s%s%s)", signal, name ? name : "", name ? ", " : "",
        strsignal(signal));
    if (words->signal != signal) {
        if (signal == SIGKILL)
            add(text, ", by hand or because the machine was out of memory");
        return;
    }
    if (words->has_address)
        add(text, " at address 0x%llx", (unsigned long long)words->address);
    if (words->overflow)
        add(text, ", its stack was full,");
    add_frames(text, words);
    if (words->said[0])
        add(text, ": %.160s", words->said);
}

static void add_size(struct text *text, uint64_t bytes)
{
    if (bytes >> 20 == 0 || bytes % (1 << 20) != 0)
        add(text, "%llu bytes", (unsigned long long)bytes);
    else
        add(text, "%llu MiB", (unsigned long long)(bytes >> 20));
}

static bool out_of_memory(const struct pf_words *words, int status)
{
    bool last = WIFSIGNALED(status) ? words->signal == WTERMSIG(status) : words->leaving;

    return words->limit && last && words->error == ENOMEM;
}

void pf_obituary_write(struct pf_obituary *obituary, const struct pf_words *shared, int64_t pid,
                       int status, uint64_t peak)
{
    struct text text = {obituary->text, obituary->text + sizeof obituary->text};
    struct pf_words words = *shared; /* and a process that a task left cannot change it again */
    bool memory;

    words.said[sizeof words.said - 1] = '\0';
    make_line(words.said);
    for (int i = 0; i < PF_WORDS_FRAMES; i++) {
        words.frames[i].module[sizeof words.frames[i].module - 1] = '\0';
        make_line(words.frames[i].module);
    }
    memory = out_of_memory(&words, status);
    add(&text, "process %lld ", (long long)pid);
    if (memory) {
        add(&text, "ran out of memory, of which its tasks may have ");
        add_size(&text, words.limit);
        add(&text, ", and ");
    }
    if (WIFSIGNALED(status)) {
        obituary->code = PINFOLD_E_TASK_SIGNAL;
        obituary->status = WTERMSIG(status);
        add_signal(&text, &words, obituary->status);
    } else {
        obituary->code = PINFOLD_E_TASK_EXIT;
        obituary->status = WEXITSTATUS(status);
        add(&text, "ended with exit code %d", obituary->status);
    }
    if (memory)
        obituary->code = PINFOLD_E_TASK_MEMORY;
    else if (peak > 0 && (words.limit || status == SIGKILL))
        add(&text, " (it had up to %llu MiB of memory)", (unsigned long long)(peak >> 20));
}
