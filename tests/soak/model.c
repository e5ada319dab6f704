/* model.c - items whose end is known before, and what else may come of them. */
#include "soak.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CODE 7

uint64_t soak_below(struct soak_round *round, uint64_t n)
{
    round->random ^= round->random << 13; /* Marsaglia's xorshift */
    round->random ^= round->random >> 7;
    round->random ^= round->random << 17;
    return (round->random >> 11) % n;
}

void soak_wrong(struct soak_round *round, const char *fmt, ...)
{
    va_list args;

    if (round->wrong[0])
        return;
    va_start(args, fmt);
    vsnprintf(round->wrong, sizeof round->wrong, fmt, args);
    va_end(args);
}

static void spin(int64_t us)
{
    struct timespec t;
    int64_t end;

    clock_gettime(CLOCK_MONOTONIC, &t);
    end = t.tv_sec * 1000000 + t.tv_nsec / 1000 + us;
    do
        clock_gettime(CLOCK_MONOTONIC, &t);
    while (t.tv_sec * 1000000 + t.tv_nsec / 1000 < end);
}

int64_t soak_right(const struct soak_item *item)
{
    return 3 * item->value + 1;
}

int soak_task(pinfold_task *task)
{
    const struct soak_item *item = pinfold_task_arg(task).data;
    int64_t right = soak_right(item);

    switch (item->kind) {
    case SOAK_SLOW:
        spin(item->value % 1000);
        break;
    case SOAK_CODE:
        return pinfold_task_fail(task, CODE, "as it was asked to");
    case SOAK_SEGV:
        raise(SIGSEGV);
        break;
    case SOAK_ABORT:
        raise(SIGABRT);
        break;
    case SOAK_EXIT:
        _exit(3);
    case SOAK_HANG:
        for (;;)
            pause();
    default:
        break;
    }
    memcpy(pinfold_task_out(task, sizeof right), &right, sizeof right);
    return 0;
}

struct soak_item soak_item(struct soak_round *round, bool limited)
{
    struct soak_item item = {.value = (int64_t)soak_below(round, 1000000)};
    uint64_t dice = soak_below(round, 1000);

    if (dice < 50)
        item.kind = SOAK_SLOW;
    else if (dice < 120)
        item.kind = SOAK_CODE;
    else if (round->isolated && dice < 126)
        item.kind = SOAK_SEGV + (int)(dice % 3);
    else if (limited && dice < 127)
        item.kind = SOAK_HANG;
    round->killed |= item.kind >= SOAK_SEGV;
    return item;
}

static int expected(const struct soak_item *item)
{
    switch (item->kind) {
    case SOAK_CODE:
        return CODE;
    case SOAK_SEGV:
    case SOAK_ABORT:
        return PINFOLD_E_TASK_SIGNAL;
    case SOAK_EXIT:
        return PINFOLD_E_TASK_EXIT;
    case SOAK_HANG:
        return PINFOLD_E_TASK_TIME;
    default:
        return 0;
    }
}

/* What faults and kills may have done to something that had no part in them. */
static bool excused(struct soak_round *round, int code, const struct pinfold_error *err)
{
    if (code == PINFOLD_E_BROKEN && round->breakable) {
        if (!round->broken[0])
            snprintf(round->broken, sizeof round->broken, "%s", err ? err->text : "?");
        else if (err && strcmp(round->broken, err->text) != 0)
            soak_wrong(round, "the pool broke twice: '%s', and '%s'", round->broken, err->text);
        return true;
    }
    if (code == PINFOLD_E_MEMORY && round->starved)
        return true;
    if (code == PINFOLD_E_TASK_SIGNAL && round->crashy)
        return true;
    if (code == PINFOLD_E_TASK_SIGNAL && round->kills > 0) {
        round->kills--;
        return true;
    }
    return false;
}

void soak_check(struct soak_round *round, const struct soak_item *item, int code,
                const struct pinfold_error *err, const char *verb)
{
    if (code != expected(item) && !excused(round, code, err))
        soak_wrong(round, "%s: an item of kind %d ended with %d (%s), not with %d", verb,
                   (int)item->kind, code, err ? err->text : "", expected(item));
}

bool soak_went_well(struct soak_round *round, int code, const struct pinfold_error *err,
                    const char *verb)
{
    if (code && !excused(round, code, err))
        soak_wrong(round, "%s: %d: %s", verb, code, err ? err->text : "");
    return code == 0;
}

/* A pid is another's once its process is gone; what is ours is called so. */
static bool is_worker(int64_t pid)
{
    char path[64], name[32] = "";
    FILE *file;

    snprintf(path, sizeof path, "/proc/%lld/comm", (long long)pid);
    file = fopen(path, "re");
    if (!file)
        return false;
    if (!fgets(name, sizeof name, file))
        name[0] = '\0';
    fclose(file);
    return strncmp(name, "pinfold-w", 9) == 0 || strncmp(name, "pf-w", 4) == 0;
}

void soak_kill(struct soak_round *round)
{
    struct pinfold_worker worker = {.size = sizeof worker};
    int workers = pinfold_pool_workers(round->pool);

    if (!round->isolated || round->kills > 1 || soak_below(round, 8) != 0)
        return;
    pinfold_pool_worker(round->pool, (int)soak_below(round, (uint64_t)workers), &worker);
    if (worker.pid <= 1 || worker.pid == getpid() || !is_worker(worker.pid))
        return;
    if (kill((pid_t)worker.pid, SIGKILL) == 0) {
        round->kills++;
        round->killed = true;
    }
}
