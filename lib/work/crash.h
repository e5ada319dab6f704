/* crash.h - what a worker process can still say when a task crashes in it. */
#ifndef PF_WORK_CRASH_H
#define PF_WORK_CRASH_H

#include "wire/words.h"

/* From now on this process writes down where and of what it dies. It does die, of the same signal:
 * a core file is that of the crash. Handlers that are there already stay, and later ones replace
 * ours. What lies in the buffer of stdout at a crash is written. Once in a process; `words` must
 * stay for as long as that lives. */
void pf_crash_watch(struct pf_words *words);

#endif
