/* pinfold.h - run a function over many inputs on every core that you were given.
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The idea in ten lines
 * ---------------------
 * A *pool* is a set of *workers*, each pinned to a *place* (a core, or a hardware thread) of its
 * own. The program that opened the pool is its *driver*: it hands *tasks* out and gets results
 * back. A *worker* runs your C function on one task at a time. `pinfold_map` is the verb that
 * most people need: n items in, n results out, in order.
 *
 * Started as `./app`, the workers are processes of this machine, one for every core that the
 * process may use. Started as `mpirun -np N ./app` or `srun --mpi=pmix -n N ./app`, they are the
 * N ranks, rank 0's included: rank 0 is the driver too, and the driver costs no core. The
 * program is the same, to the byte.
 *
 *     static int square(pinfold_task *task)
 *     {
 *         const double *x = pinfold_task_arg(task).data;
 *         *(double *)pinfold_task_out(task, sizeof *x) = *x * *x;
 *         return 0;
 *     }
 *     ...
 *     pinfold_pool_open(&pool, NULL, &err);       every rank calls it; workers serve in it
 *     if (pool) {                                 only the driver comes here
 *         pinfold_map(pool, square, NULL, in, sizeof *in, out, sizeof *out, n, &err);
 *         pinfold_pool_close(pool);
 *     }
 *
 * Rules that hold for all calls
 * -----------------------------
 * Errors    A call returns 0, or a code. Negative codes are Pinfold's (the list below), positive
 *           ones are those that your own function returned. On failure nothing was changed and
 *           no output was written, unless the call says otherwise. The detail goes into the
 *           caller's `struct pinfold_error` (NULL: not wanted). The library never prints (but for
 *           one line when it ends the process, or a rank was killed: pinfold(7)), never
 *           exits, and keeps no "last error".
 * Signals   No handler is installed in your process, nor in the ranks of a job, unless the option
 *           `signals` asks for those of SIGUSR1 and SIGUSR2. Worker processes
 *           have some (for SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP and SIGSYS, where
 *           nobody else has), which note for the error's text where a task crashed, write what is
 *           in the buffer of stdout, and let the signal kill. A task may install its own. All other
 *           signals have their default there, and nothing is blocked; with `signals`, SIGUSR1 and
 *           SIGUSR2 interrupt a task and do nothing, and have their default in what it starts.
 * Sizes     are in bytes, times in seconds (double), CPUs are the operating system's indexes
 *           (P# in hwloc's words), worker numbers, ranks and item indexes count from 0.
 * Structs   that you allocate begin with `size`: set it to sizeof (0 means the layout of the
 *           first release). Zero everywhere else is a sensible default.
 * Owners    What you pass in stays yours and must live until the call returns. What a call
 *           returns lives as long as the object it was asked of, unless said otherwise.
 * Threads   The pools of a process and everything made from them belong to one thread at a time
 *           (with MPI: the one that opened the first pool). `pinfold_pool_wake` and `pinfold_pool_end_early`
 *           alone may be called from any thread and from a signal handler.
 *           With the backend `threads`, the workers are threads of the driver's process: your
 *           function, init and finish run on several of them at once and must bear that, with
 *           each other and with what the driver does meanwhile. A task that crashes, or calls exit,
 *           ends the process. One that never returns cannot be killed: see pinfold_pool_close.
 *           Signals that are sent to the process are the driver's: worker threads block them, and
 *           so does what a task starts.
 * Nesting   Inside a task, calls on an outer pool return PINFOLD_E_NESTED; inside a callback in the
 *           driver, those do that would wait. (pinfold_pool_workers, _worker and _wake look at
 *           neither.) A pool opened inside a task ignores the launcher, never touches MPI, and
 *           lives within its worker's place. On a worker thread a task opens none:
 *           PINFOLD_E_UNSUPPORTED.
 * Fork      Worker processes are made from a snapshot of the driver taken at its first open, or by
 *           pinfold_prepare: what you loaded before is there, what you change later is not. Open the
 *           first pool before you start threads (a pool of threads is no exception: open one of
 *           processes before it). Descriptors that were open then are open in the workers too;
 *           their standard input is /dev/null.
 * Ranks     All ranks call the same opens in the same order ("Collective: yes"). Everything else
 *           is the driver's alone. Ranks serve one pool at a time.
 */
#ifndef PINFOLD_H
#define PINFOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define PINFOLD_API __attribute__((visibility("default")))
#define PINFOLD_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define PINFOLD_API
#define PINFOLD_PRINTF(f, a)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Versions -------------------------------------------------------------------------------
 * Compare PINFOLD_VERSION_NUMBER (what you compiled against) with pinfold_version_number() (what
 * you run with): major * 10000 + minor * 100 + patch. Collective: no. Any thread. */
#define PINFOLD_VERSION        "0.1.0"
#define PINFOLD_VERSION_NUMBER 100

PINFOLD_API int pinfold_version_number(void);
PINFOLD_API const char *pinfold_version(void);

/* ---- Errors ---------------------------------------------------------------------------------
 * The hundred tells what is lost: 1xx this call, 2xx one task, 3xx a worker, 4xx the pool.
 * Codes are never renumbered. */
#define PINFOLD_ERRORS(X)                                                                       \
    X(ARGUMENT, -101, "an argument makes no sense")                                             \
    X(MEMORY, -102, "out of memory")                                                            \
    X(NESTED, -103, "not from inside a task or a callback")                                     \
    X(TIMEOUT, -104, "the time given to this call is over")                                     \
    X(UNSUPPORTED, -105, "not in this build, or not on this backend")                           \
    X(SYSTEM, -106, "the operating system refused")                                             \
    X(TOPOLOGY, -107, "the machine's description cannot be used")                               \
    X(PLACES, -108, "more workers than places")                                                 \
    X(FUNCTION, -109, "the function cannot be named to another process")                        \
    X(TOO_BIG, -110, "larger than the transport takes")                                         \
    X(CLOSING, -111, "the pool is being closed")                                                \
    X(JOURNAL, -112, "the journal cannot be used")                                              \
    X(CANCELLED, -201, "the task was cancelled, or not finished when its call ended")           \
    X(TASK_SIGNAL, -202, "the task was killed by a signal")                                     \
    X(TASK_EXIT, -203, "the task ended its process")                                            \
    X(TASK_CODE, -204, "the function returned a negative code")                                 \
    X(TASK_TIME, -205, "the task overran its time limit")                                       \
    X(TASK_MEMORY, -206, "the task ran out of the memory that it may have")                     \
    X(ENDING, -207, "not run, or not to its end: the job ends early")                           \
    X(WORKER_INIT, -301, "a worker could not be prepared")                                      \
    X(WORKER_LOST, -302, "a worker is gone")                                                    \
    X(OVER, -401, "the driver has left: there are no more pools")                               \
    X(DISAGREE, -402, "the ranks do not run the same thing")                                    \
    X(MPI, -403, "MPI failed")                                                                  \
    X(BROKEN, -404, "the pool is broken")                                                       \
    X(STUCK, -405, "a worker does not come back from its task")

enum pinfold_code {
#define PINFOLD_CODE_(name, value, text) PINFOLD_E_##name = value,
    PINFOLD_ERRORS(PINFOLD_CODE_)
#undef PINFOLD_CODE_
    PINFOLD_OK = 0
};

struct pinfold_error {
    size_t size;     /* sizeof(struct pinfold_error) */
    int code;        /* as returned by the call */
    int worker;      /* the worker that it happened on, or -1 */
    int rank;        /* its rank, or -1 */
    int64_t index;   /* the item, or -1 */
    char host[64];   /* the node, or "" */
    char text[512];  /* one line: what was wrong, where, what to do; no newline at the end */
    int64_t pid;     /* the process that a task ended or was killed in, or 0 */
    int status;      /* the signal (PINFOLD_E_TASK_SIGNAL, _TIME, _MEMORY) or exit code of that, or 0 */
    int attempt;     /* which attempt at the task this was, from 1; or 0 */
};
#define PINFOLD_ERROR_INIT {sizeof(struct pinfold_error), 0, -1, -1, -1, "", "", 0, 0, 0}

/* A code's fixed text ("the pool is broken"); for positive codes "the function's own code".
 * Never NULL, never to be freed. Collective: no. Any thread. */
PINFOLD_API const char *pinfold_strerror(int code);

/* ---- Types ---------------------------------------------------------------------------------*/
typedef struct pinfold_pool pinfold_pool; /* seen by the driver */
typedef struct pinfold_task pinfold_task; /* seen by the function that runs it */
typedef struct pinfold_future pinfold_future; /* one submitted task, seen by the driver */
typedef struct pinfold_group pinfold_group;   /* futures that are waited for together */

/* `size` bytes at `data`; borrowed, never owned. */
typedef struct pinfold_bytes {
    const void *data;
    size_t size;
} pinfold_bytes;

/* A worker, as the driver and its own tasks see it. */
struct pinfold_worker {
    size_t size;
    int number;       /* 0 .. workers - 1, the same for the life of the pool */
    int rank;         /* of MPI; 0 without */
    int node;         /* nodes are numbered in the order of their lowest rank */
    int slot;         /* the number among this node's workers, from 0 */
    int64_t pid;      /* the process that runs the tasks: another one after a crash, and after
                         tasks_per_worker tasks where it is a process of its own */
    int width;        /* how many cores the place has (hardware threads, with places = threads) */
    bool bound;       /* whether the worker is bound to `cpus`, as read back from the system */
    const char *host; /* the node's name */
    const char *cpus; /* the CPUs it may run on, read back: "0,16" */
    int generation;   /* how often it was replaced: after a crash, or tasks_per_worker tasks */
    bool aside;       /* it gets no more tasks, since they fail on it alone: see `retries` below.
                         (Its own tasks do not see that.) */
};

/* What is said of a pool that is not an error. Levels: 'w' a warning, 'n' a notice, 'd' detail. */
typedef void pinfold_log_fn(void *data, char level, const char *text);

/* Runs on a worker. Returns 0, or a positive code of your own. */
typedef int pinfold_fn(pinfold_task *task);

/* The same for cheap items: runs items first .. first + count - 1 of the map in one call.
 * `in` and `out` are the arrays of just these items. */
typedef int pinfold_range_fn(pinfold_task *task, size_t first, size_t count, const void *in,
                             void *out);

/* Run on a worker around its tasks. `preload` before all else: once for each worker process, at its
 * place, in a process from which it is forked, and those too that replace it (so it may start no
 * thread and open no device; what it leaves in memory they share); with threads once for all, in
 * the thread that opens the pool, before they are started; inline, and on ranks that are not
 * isolated, by each worker itself, also by one that replaces rank 0's. `init` in every new worker, also in one that replaces
 * another: `*state` is what pinfold_task_state returns to its tasks. `finish` when the pool is
 * closed, and when the worker is replaced after tasks_per_worker tasks; not after a crash.
 * A non-zero return of preload or init fails the open; put the reason into `text`. */
typedef int pinfold_preload_fn(pinfold_bytes arg, char *text, size_t text_size);
typedef int pinfold_init_fn(const struct pinfold_worker *worker, pinfold_bytes arg, void **state,
                            char *text, size_t text_size);
typedef void pinfold_finish_fn(const struct pinfold_worker *worker, void *state);

/* How far the pool is with all that it was asked: maps, streams and submitted tasks alike. */
struct pinfold_progress {
    size_t size;
    uint64_t done;      /* since the pool was opened: tasks that ended well, */
    uint64_t failed;    /* those that did not, */
    uint64_t cancelled; /* and those that will never be run, or whose results nobody takes */
    uint64_t running;   /* now: with workers, or waiting for tasks that they made */
    uint64_t queued;    /* now: not with a worker yet */
    uint64_t finished;  /* since the pool last had nothing to do: ended, in whatever way, */
    uint64_t total;     /* out of so many; 0: not known, a stream goes on. May grow */
    double elapsed;     /* seconds in which there was something to do, since the pool was opened */
    double rate;        /* done and failed tasks per second, of late; in the last call: on the whole */
    double left;        /* seconds until all is finished, at this rate; < 0: not known */
    bool last;          /* the pool is being closed: there are no more calls */
};

/* Is told of it, in the driver's thread, inside the calls that wait: when something has changed, but
 * not sooner than progress_every seconds after the last time; and whenever nothing is left to do, so
 * that every map ends with finished == total. Is under the rules of callbacks: it may submit and
 * cancel, and cannot wait (see pinfold_future_then). `progress` lives until it returns. */
typedef void pinfold_progress_fn(void *data, const struct pinfold_progress *progress);

/* ---- Options --------------------------------------------------------------------------------
 * The words are the same here, in the environment (PINFOLD_BACKEND, PINFOLD_OPEN_TIMEOUT, ...) and
 * on a command line (--backend, --open-timeout, ...), but for max_workers, which is PINFOLD_WORKERS
 * and --workers there. What you set here wins over the environment. */
struct pinfold_options {
    size_t size;
    const char *backend;       /* inline | threads | processes | mpi; NULL: mpi under a launcher
                                  (mpirun, srun), else processes */
    int max_workers;           /* at most so many; 0: one for every place (or rank) */
    const char *places;        /* cores | threads | list:0,16;1,17 */
    const char *bind;          /* close (also: compact) | spread | none */
    const char *reserve;       /* the driver's own place: none | core | sibling */
    const char *oversubscribe; /* more workers than places: error | warn | allow */
    int cpus_per_task;         /* the width of a place in cores (or threads); 0: 1 */
    const char *driver;        /* shared: rank 0 hosts a worker too | only: it does not */
    double open_timeout;       /* seconds to wait for all ranks and workers; 0: 120. (MPI_Init
                                  cannot be left: then the process ends, with one line.) */
    double grace;              /* seconds that tasks get which nobody waits for; 0: 10. Then worker
                                  processes that still run one are ended, and replaced. */
    pinfold_preload_fn *preload;
    pinfold_init_fn *init;
    pinfold_finish_fn *finish;
    pinfold_bytes preload_arg; /* both are copied, and come from the driver: */
    pinfold_bytes init_arg;    /* what it passed reaches every worker */
    pinfold_log_fn *log;       /* NULL: silence */
    void *log_data;
    const char *progress;      /* a line on the driver's stderr: auto (if it is a terminal) | always |
                                  never. NULL: never, but auto with pinfold_main, pinfold_drive */
    pinfold_progress_fn *on_progress; /* is called in its stead, whatever `progress` says */
    void *progress_data;
    double progress_every;     /* seconds between its calls; 0: 0.2 */
    int tasks_per_worker;      /* a worker is replaced when it has run so many tasks (items, with the
                                  children that it runs itself), 0: never. It runs `finish`, and
                                  the new one `init`. A process is replaced by a new one. A thread,
                                  a rank other than 0, and an inline worker stay: they run `finish`
                                  and `init` again, and what their tasks leaked stays too. */
    const char *isolate;       /* on | off: whether, under MPI, each rank runs its tasks in a process of
                                  its own, whose death costs one task, or (but for rank 0's worker)
                                  itself. NULL: on, if open starts MPI or pinfold_prepare was called
                                  before it. The driver's word counts. Local processes always are
                                  isolated, threads and inline cannot be */
    const char *deadline;      /* when this process has to be over: auto | none | S, a number of
                                  seconds from the open | @T, in seconds since 1970. NULL: auto, the
                                  end of Slurm's job (by SLURM_JOB_END_TIME. Where Slurm is older
                                  than 23.02, the driver asks squeue once, for 5 seconds at most. Not
                                  for the pool of a task). See pinfold_pool_end_early */
    double deadline_margin;    /* seconds of that which are kept for what comes behind the last task;
                                  0: a tenth of what is left at the open, and 30 at most */
    uint64_t memory_limit;     /* bytes that a worker process may have more than before its first
                                  task, behind init: 1 MiB or more, 0: as much as there is. All of
                                  its data count (RLIMIT_DATA: heap, private mappings, stacks of
                                  threads), used or not, but neither shared memory nor mapped
                                  files. What tasks leak adds up: see tasks_per_worker. An
                                  allocation beyond it fails: a task that then crashes, aborts or
                                  calls exit has PINFOLD_E_TASK_MEMORY. Only where workers are
                                  processes (isolated ranks too): else PINFOLD_E_UNSUPPORTED. */
    const char *signals;       /* none | usr: SIGUSR1 on the driver ends the job early, SIGUSR2 has it
                                  write a line about the pool on stderr, in the next call that waits.
                                  On other ranks and in workers nothing comes of either. The handlers
                                  are there from the open to its close. NULL: none, but usr with
                                  pinfold_main, pinfold_drive if the program handles neither */
    const char *journal;       /* a file in which maps keep what is done, and find what was (see
                                  pinfold_map). NULL: none. Made if it is not there, and one pool's at
                                  a time. Large results lie beside it, in FILE.results. In a pool that
                                  a task opens, the environment's is not heeded */
    const char *journal_results; /* keep (NULL) | digest: of results, only their digests and sizes. Then
                                  no item that has a result is taken from the journal */
};

/* Takes the options above out of a command line: each `--word value` or `--word=value` (and
 * `-c K`, and --progress, which is --progress=always) that it knows is removed from argv, up to "--"
 * or the end; the rest keeps its order.
 * Returns 0, or PINFOLD_E_ARGUMENT with the option named in err. Reads nothing but argv and may
 * be called before anything else. The strings stay in argv. Collective: no. */
PINFOLD_API int pinfold_options_parse(struct pinfold_options *options, int *argc, char **argv,
                                      struct pinfold_error *err);

/* The help text of these options, one line or more for each, ready for a --help. Static. */
PINFOLD_API const char *pinfold_options_help(void);

/* A ready-made `log`: one line on stderr, "NAME: warning: text". `data` is NAME (a string), or
 * NULL for the program's own name. Detail ('d') is shown when PINFOLD_LOG is "debug". */
PINFOLD_API void pinfold_log_stderr(void *data, char level, const char *text);

/* A ready-made `on_progress`, which `--progress=always` chooses: on a terminal one line, drawn again
 * and again once the work has taken half a second; elsewhere a line every five seconds. A last one
 * stays when the pool is closed. `data` as in pinfold_log_stderr, which takes a drawn line away before
 * it writes; so does a `progress` of NULL, for programs that write to the terminal meanwhile. */
PINFOLD_API void pinfold_progress_stderr(void *data, const struct pinfold_progress *progress);

/* Whether this process is the driver, or would become it: true unless a launcher said that the
 * rank is another one than 0. Usable before open, to print a usage line once. Collective: no. */
PINFOLD_API bool pinfold_is_driver(void);

/* For programs that start MPI themselves: before they do. Looks at the CPUs that this process was
 * given, which MPI may narrow, and makes the process that workers come from, of a memory in which
 * there is no MPI yet. Where it is not called, both are done at the first open: worker processes are
 * copies of a process that has used MPI, which some networks do not bear, and a rank that MPI bound
 * in the meantime is seated where MPI put it. It starts no MPI and opens nothing; every rank may be
 * a driver later, so it makes one process on each. Twice is as good as once; also without MPI, and
 * before pools of any backend. PINFOLD_E_MPI: MPI is started already.
 * Collective: no. */
PINFOLD_API int pinfold_prepare(struct pinfold_error *err);

/* ---- The pool -------------------------------------------------------------------------------
 * Opens a pool. Every rank calls it with the same options. On the driver it returns when all
 * workers are placed, bound and initialised. On any other rank it serves, runs tasks until the
 * driver closes the pool, then returns 0 with *pool == NULL. `options` may be NULL.
 * A failure is agreed: all ranks return a code with *pool == NULL, and the driver's err has the
 * text. Ranks that run another binary, version or options are found here (PINFOLD_E_DISAGREE). On a
 * rank whose driver has called pinfold_finalize it returns PINFOLD_E_OVER.
 * Collective: yes. */
PINFOLD_API int pinfold_pool_open(pinfold_pool **pool, const struct pinfold_options *options,
                                  struct pinfold_error *err);

/* Waits for all that was submitted, calls what is due, lets every worker run `finish`, and frees
 * the pool, also when it returns an error other than PINFOLD_E_NESTED. Tasks of a map that timed
 * out are waited for `grace` seconds; then worker processes are killed, and a rank that still runs
 * one makes it return PINFOLD_E_STUCK (MPI can no longer be ended in peace: pinfold_finalize will
 * abort the job). So does a worker thread, which is left behind: what it uses of yours must stay,
 * and should its task return, the thread runs nothing more, not finish either, and ends. NULL is
 * allowed.
 * Collective: no (the others are in open). */
PINFOLD_API int pinfold_pool_close(pinfold_pool *pool);

/* Ends what the first open started: pools that were not closed (their futures that are not complete
 * have PINFOLD_E_OVER then, also where a worker has begun the task or even finished it, and nobody
 * is called back), tells ranks that wait in open that it is over, ends MPI if open began it, ends
 * the helper processes. Called at exit if you do not. After it, open fails.
 * Collective: yes. */
PINFOLD_API void pinfold_finalize(void);

/* Lets the pool do what is due (replace workers that died, take results) and returns after
 * `timeout` seconds, or as soon as pinfold_pool_wake was called. 0 only looks. */
PINFOLD_API int pinfold_poll(pinfold_pool *pool, double timeout);

/* Makes the current or the next pinfold_poll return. NULL is allowed. Any thread, and signal
 * handlers. */
PINFOLD_API void pinfold_pool_wake(pinfold_pool *pool);

/* Ends the job early: from the next call on that waits (or at once, inside of it) the pool begins
 * nothing more. What runs is finished; what does not, and what was not begun, fails with
 * PINFOLD_E_ENDING: futures complete with it, maps return it with what was done in `out` and `codes`,
 * streams pull no more, pinfold_submit refuses. Workers give back what they were handed ahead: all but
 * the batch that an inline worker is in. It makes pinfold_poll return, as pinfold_pool_wake does, and
 * there is no way back. So it is near the `deadline` of the options, too, but what would be done in
 * time is still begun, and what runs at its end is not waited for: it is cancelled
 * (pinfold_task_cancelled), and pinfold_pool_close ends it where it can.
 * NULL is allowed. Any thread, and signal handlers. Collective: no. */
PINFOLD_API void pinfold_pool_end_early(pinfold_pool *pool);

/* Whether the pool begins nothing more, for this reason: for programs that ask for one thing after the
 * other. Collective: no. */
PINFOLD_API bool pinfold_pool_ending(pinfold_pool *pool);

/* How many workers there are, and who they are; also while the pool is broken. `worker->size` is
 * yours to set; the strings live until the worker is replaced or the pool is closed.
 * PINFOLD_E_ARGUMENT: no such number. */
PINFOLD_API int pinfold_pool_workers(const pinfold_pool *pool);
PINFOLD_API int pinfold_pool_worker(const pinfold_pool *pool, int number,
                                    struct pinfold_worker *worker);

/* ---- Map ------------------------------------------------------------------------------------*/
/* Where tasks are run: see `where` below. */
enum pinfold_where {
    PINFOLD_ANYWHERE,
    PINFOLD_ON_WORKER,
    PINFOLD_ON_NODE
};

/* Has `into` become what it and `other` are together. */
typedef void pinfold_combine_fn(void *into, const void *other, pinfold_bytes shared);

struct pinfold_call {
    size_t size;
    size_t chunk;         /* items handed out together; 0: automatic, from measured times */
    double timeout;       /* seconds from the call to its end; 0: none */
    pinfold_bytes shared; /* sent once to each worker, see pinfold_task_shared */
    int *codes;           /* n codes, one for each item, or NULL: 0 where out[i] is valid;
                             PINFOLD_E_CANCELLED: not finished when the call ended.
                             PINFOLD_E_ENDING: not run, since the job ends early */
    /* called in the driver, inside the map, for each item that failed, as it is learned */
    void (*failed)(void *data, const struct pinfold_error *error);
    void *data;
    size_t window;        /* streams: inputs on their way at a time; 0: automatic */
    bool unordered;       /* streams: results as they complete, not in the order of the inputs */
    int priority;         /* whenever a worker gets more, what has the highest goes first; among
                             equals what waits longest. What workers have already is not called
                             back: they are given some milliseconds of work ahead. */
    enum pinfold_where where; /* a wish: on worker `number`, or on the workers of node `number` */
    int number;
    bool must; /* nowhere else. Otherwise a worker that has nothing to do takes such a task, when
                  all that it is wanted on are busy. */
    pinfold_combine_fn *combine; /* submit: see pinfold_task_submit */
    double limit; /* seconds that each item or task may take; 0: as long as it likes. One that overruns
                     it is cancelled (pinfold_task_cancelled), and fails with PINFOLD_E_TASK_TIME,
                     whatever it returns. One that does not return is killed after another quarter
                     of the limit (at least 50 ms, at most 5 s), with all processes of its group,
                     where its worker is a process of its own: local processes, rank 0's worker, and
                     those of other ranks with isolation.
                     A range function's call has the time of all its items together, and each task that
                     a task has made has it anew. */
    int retries; /* how many more attempts an item or task has that failed in whatever way: up to 1000.
                    On another worker, where there is one that may have it. Only the last failure is
                    reported, with its `attempt`. A worker is put aside when five tasks in a row died
                    on it or overran their limit or memory, none went well on it in between, and each
                    then went well on another worker, while the others did well: ten tasks at
                    least, and no more than one in ten died. A warning says so. Half of the workers stay in
                    any case, and what must run on it and nowhere else still does. */
    double estimate; /* seconds that an item takes, at most; 0: what was seen. Where the pool has a
                        deadline, what would not be done in time is not begun. */
    const char *key; /* maps: what the journal calls this map; NULL: as the function, if it has a name
                        for the dynamic linker. See pinfold_map */
};

/* Runs fn on each of n items of in_size bytes at `in` and writes n results of out_size bytes to
 * `out`, in the order of the items. All items are run, also when some fail: the results of the
 * others are there. Returns 0; or the code of the failed item with the lowest index (positive:
 * your function's own; else PINFOLD_E_TASK_..., or why it could not be run: PINFOLD_E_FUNCTION,
 * _MEMORY, _WORKER_LOST; with index, worker, host and text in err); or PINFOLD_E_TIMEOUT: what was
 * finished in time is in `out`, `codes` tells which, the rest is cancelled; or PINFOLD_E_ENDING (see pinfold_pool_end_early): likewise, and `failed` is not called
 * for items that are not run. (Items are answered for
 * in batches of some milliseconds: those that were done in the same batch just before one that does
 * not return may count as unfinished; chunk = 1 avoids it.) Or why the pool is broken.
 * With a journal in the pool's options, each item that was run gets a row in it, and items that an
 * earlier run of a map of the same key has there, done, with the same input and shared bytes, are
 * not run: their results are taken. Those whose input changed, or that failed, are run again. A call
 * without a key, of a function without a name, is PINFOLD_E_ARGUMENT then. PINFOLD_E_JOURNAL: all items
 * are done, their results are in `out`, but the journal does not have them all (it was logged, once).
 * in_size or out_size may be 0 (then the pointer is not read). An item may have up to
 * 1 TiB each way (what memory it takes: pinfold(7)). Outputs of failed items are left as they were.
 * Collective: no. */
PINFOLD_API int pinfold_map(pinfold_pool *pool, pinfold_fn *fn, const struct pinfold_call *how,
                            const void *in, size_t in_size, void *out, size_t out_size, size_t n,
                            struct pinfold_error *err);

/* The same with a range function: for items of less than a microsecond. When the function returns
 * non-zero, the whole chunk failed and its items are run again one by one, so that each has a
 * verdict of its own. */
PINFOLD_API int pinfold_map_range(pinfold_pool *pool, pinfold_range_fn *fn,
                                  const struct pinfold_call *how, const void *in, size_t in_size,
                                  void *out, size_t out_size, size_t n,
                                  struct pinfold_error *err);

/* Maps and combines: one result of n items, which goes to `out`. combine(into, other, shared) has
 * `into` become what both are together; `other` comes behind it in the order of the items, so it
 * need not be commutative. It is run on workers and in the driver (where a crash is the driver's),
 * on results of out_size bytes, which must be more than 0.
 * The results are combined along a tree that depends on n alone: the sum of floating-point numbers
 * is the same bits at any number of workers, with every chunk, on every backend. It need not be
 * the bits of a loop from the first to the last: it is pairwise summation, which errs less.
 * When n is 0, `out` is left as it is. When an item fails, all others are run all the same, and
 * `out` is left as it is. Otherwise as pinfold_map. */
PINFOLD_API int pinfold_map_reduce(pinfold_pool *pool, pinfold_fn *fn, pinfold_combine_fn *combine,
                                   const struct pinfold_call *how, const void *in, size_t in_size,
                                   void *out, size_t out_size, size_t n,
                                   struct pinfold_error *err);

/* ---- Values of any size, and streams --------------------------------------------------------
 * The same for inputs and results that are not all of one size: inside the function
 * pinfold_task_out gives room of any size up to 1 TiB.
 * Collective: no, for both. */

/* in[i] is the input of item i, its result goes to out[i]: out[i].data is malloc'ed, yours to
 * free() (also when the call fails), and NULL for a result of 0 bytes. Items that fail, or are not
 * done in time, get {NULL, 0}. Otherwise as pinfold_map. */
PINFOLD_API int pinfold_map_bytes(pinfold_pool *pool, pinfold_fn *fn,
                                  const struct pinfold_call *how, const pinfold_bytes *in,
                                  pinfold_bytes *out, size_t n, struct pinfold_error *err);

/* Gives the next input, which must live until the next pull; false: there are no more. */
typedef bool pinfold_pull_fn(void *data, pinfold_bytes *input);

/* Takes a result, which lives until push returns; or learns why there is none (error != NULL). A
 * code other than 0 ends the stream. */
typedef int pinfold_push_fn(void *data, uint64_t index, pinfold_bytes result,
                            const struct pinfold_error *error);

/* Runs fn on inputs that are pulled from you as they are needed, and hands the results to you, in
 * order (or, with how->unordered, as they complete). At most how->window inputs are pulled whose
 * results are not pushed (automatic: 1,000 for each worker, fewer when they are large), so that
 * memory is bounded however long the stream is; it may be endless. pull and push are called in the
 * thread that called, one at a time, and under the rules of callbacks (see pinfold_future_then).
 * Returns 0; what push returned, when that was not 0: the rest is cancelled; PINFOLD_E_TIMEOUT:
 * likewise; PINFOLD_E_ENDING (see pinfold_pool_end_early): no more was pulled, and what is not run was
 * pushed as an error; or else the code of the failed item with the lowest index. how->codes and how->failed
 * must be NULL: push is told. */
PINFOLD_API int pinfold_stream(pinfold_pool *pool, pinfold_fn *fn, const struct pinfold_call *how,
                               pinfold_pull_fn *pull, pinfold_push_fn *push, void *data,
                               struct pinfold_error *err);

/* ---- Submit, and futures --------------------------------------------------------------------
 * A future is one task that was submitted, and what becomes of it:
 *
 *     PENDING ──► RUNNING ──► FINISHED      with a result, or with an error
 *        └──────► CANCELLED
 *
 * RUNNING means that a worker has it (it may wait there for a few milliseconds behind others); if
 * that worker dies before it begins the task, the future is PENDING again; between two attempts it is
 * RUNNING. Futures are the
 * owner's: each is to be freed by pinfold_future_free, at any time, also after the pool. Tasks of
 * one function, priority, wish, limit and retries begin in the order in which they were submitted; between
 * functions, that which waits longest goes first.
 *
 * Nothing happens behind your back: results are taken in the calls that wait (pinfold_poll, the
 * maps, _stream, _future_wait, _future_result, _group_wait, _group_next, _pool_close), and at times
 * in pinfold_submit. Callbacks are called in those that wait, in those that cancel, and in
 * pinfold_future_then when there is nothing to wait for; never in pinfold_submit.
 * Collective: no, for all of these. */

/* The timeout of a call that waits as long as it takes. (0: it only looks.) */
#define PINFOLD_FOREVER 1e300

enum pinfold_state {
    PINFOLD_PENDING,
    PINFOLD_RUNNING,
    PINFOLD_FINISHED,
    PINFOLD_CANCELLED
};

/* Has fn run on a worker, on `arg`, of any size up to 1 TiB, which is copied. Returns at once.
 * Inside the function pinfold_task_out gives room of any size up to 1 TiB, and pinfold_task_index
 * means nothing. Of `how` priority, wish, combine, limit, retries and estimate are read;
 * the rest must be zero. (Tasks that wait with
 * many different priorities make submit slower: it looks for its own among them.) `future` may be
 * NULL: the task is run, and nobody asks what came of it. PINFOLD_E_ENDING: nothing is begun any more,
 * see pinfold_pool_end_early. PINFOLD_E_CLOSING: not from a callback of a pool that is being
 * closed. May be called from callbacks. */
PINFOLD_API int pinfold_submit(pinfold_pool *pool, pinfold_fn *fn, pinfold_bytes arg,
                               const struct pinfold_call *how, pinfold_future **future,
                               struct pinfold_error *err);

/* Waits until the future is FINISHED or CANCELLED. PINFOLD_E_TIMEOUT: it is not, after so many
 * seconds. A negative timeout is refused, here as everywhere (PINFOLD_E_ARGUMENT). What came of the
 * task is asked by the others. */
PINFOLD_API int pinfold_future_wait(pinfold_future *future, double timeout,
                                    struct pinfold_error *err);

PINFOLD_API enum pinfold_state pinfold_future_state(const pinfold_future *future);

/* Waits as long as it takes, then returns 0 and the result, which lives until the future is freed
 * (`result` may be NULL); or the function's own code, PINFOLD_E_TASK_..., PINFOLD_E_CANCELLED,
 * PINFOLD_E_OVER (pinfold_finalize came first), why the task could not be run (PINFOLD_E_FUNCTION,
 * _WORKER_LOST, _ENDING) or its result not be kept (_MEMORY), or why the pool is broken, with worker, host
 * and text in err. Any number of times. PINFOLD_E_NESTED: it would wait, and cannot here. */
PINFOLD_API int pinfold_future_result(pinfold_future *future, pinfold_bytes *result,
                                      struct pinfold_error *err);

/* True: the task is cancelled, now or before. False: it is RUNNING or FINISHED. Calls the callbacks
 * (from inside a callback: they are called behind that). */
PINFOLD_API bool pinfold_future_cancel(pinfold_future *future);

/* The same, also for a task that is RUNNING: pinfold_task_cancelled tells it so, and when it has not
 * returned after `grace` seconds (struct pinfold_options) its process is killed, where it is one of its
 * own. Returns at once. The future will be FINISHED with PINFOLD_E_CANCELLED, unless the task was done
 * before it heard of it. What the task has made is stopped with it, and it is not tried again. True: it
 * is cancelled, or was RUNNING. */
PINFOLD_API bool pinfold_future_stop(pinfold_future *future);

/* Has fn(future, data) called once the future is FINISHED or CANCELLED: in the order in which they
 * were asked for; at once, inside this call, if it is already. In a callback the future may be
 * asked, freed, and added to groups; tasks may be submitted and cancelled; calls that wait return
 * PINFOLD_E_NESTED (not in a callback that was called at once, if the caller could have waited). */
typedef void pinfold_done_fn(pinfold_future *future, void *data);
PINFOLD_API int pinfold_future_then(pinfold_future *future, pinfold_done_fn *fn, void *data,
                                    struct pinfold_error *err);

/* Lets the future go. A task that is not finished is run all the same, and its callbacks are
 * called. NULL is allowed. */
PINFOLD_API void pinfold_future_free(pinfold_future *future);

/* Cancels all futures of the pool that are PENDING, and calls their callbacks: before
 * pinfold_pool_close, for one that waits only for what runs. */
PINFOLD_API int pinfold_pool_cancel(pinfold_pool *pool);

/* ---- Groups ---------------------------------------------------------------------------------
 * A group borrows futures of one pool; each is in one group at a time, and leaves it when next
 * gives it out, or when it is freed. Adding one a second time changes nothing. All in constant
 * time, but for cancel and close. Collective: no. */
PINFOLD_API int pinfold_group_open(pinfold_pool *pool, pinfold_group **group,
                                   struct pinfold_error *err);
PINFOLD_API int pinfold_group_add(pinfold_group *group, pinfold_future *future,
                                  struct pinfold_error *err);

/* Waits until all are FINISHED or CANCELLED; or until one is that next did not give out yet; or
 * until such a one has failed (cancelled ones did not). The last two end also when all are.
 * PINFOLD_E_TIMEOUT: err says how many are unfinished. */
enum pinfold_until {
    PINFOLD_UNTIL_ALL,
    PINFOLD_UNTIL_FIRST,
    PINFOLD_UNTIL_FAILURE
};
PINFOLD_API int pinfold_group_wait(pinfold_group *group, enum pinfold_until until, double timeout,
                                   struct pinfold_error *err);

/* The next one that is FINISHED or CANCELLED, in the order in which they became so; it leaves the
 * group. 0 and *future == NULL: there are no more in it. */
PINFOLD_API int pinfold_group_next(pinfold_group *group, double timeout, pinfold_future **future,
                                   struct pinfold_error *err);

/* Cancels those that are PENDING, and calls their callbacks; how many. */
PINFOLD_API size_t pinfold_group_cancel(pinfold_group *group);

/* Ends the group; its futures are neither cancelled nor freed. NULL is allowed. */
PINFOLD_API void pinfold_group_close(pinfold_group *group);

/* ---- Inside the function --------------------------------------------------------------------
 * All of these are for the thread that runs the function, while it runs. */

/* The item's input. Aligned to 16 bytes when in_size is a multiple of 16, else as in an array. */
PINFOLD_API pinfold_bytes pinfold_task_arg(const pinfold_task *task);

/* Where to write the result: `size` bytes, zeroed. In a map at most its out_size, and NULL when it
 * is more. In a submitted task any size up to 1 TiB: the last call counts; one that asks for more
 * than the one before gives a new place, one that asks for less leaves what was written there. NULL:
 * out of memory, or more than that: unless the function asks for less, or returns a code of its own,
 * the item fails with PINFOLD_E_MEMORY or PINFOLD_E_TOO_BIG. */
PINFOLD_API void *pinfold_task_out(pinfold_task *task, size_t size);

/* The item's index, the call's `shared` bytes, and which attempt at the item this is, from 1. */
PINFOLD_API size_t pinfold_task_index(const pinfold_task *task);
PINFOLD_API pinfold_bytes pinfold_task_shared(const pinfold_task *task);
PINFOLD_API int pinfold_task_attempt(const pinfold_task *task);

/* Says why the item fails: `return pinfold_task_fail(task, 7, "no such %s", name);`. Returns
 * `code`, which must be positive. */
PINFOLD_API int pinfold_task_fail(pinfold_task *task, int code, const char *fmt, ...)
    PINFOLD_PRINTF(3, 4);

/* Makes a task, inside one of pinfold_submit: fn is run on a copy of `arg`, on any worker, when this
 * task has returned. Nobody waits for it here, so nothing can wait in a circle. The future of the
 * task that was submitted is RUNNING until all that came from it is done: its *family*.
 *
 * Results go through the family or nowhere. With how->combine at the submit, the future has the
 * results of all combined, in no particular order (so combine should not care), on workers and in
 * the driver, with no shared bytes; results of 0 bytes are left out, and all others must be of one
 * size. Without it, the future has the result of its own task, and the others' are dropped.
 * The future fails with the first failure in its family that is learned of; the others are run all
 * the same, but for what was made by a task that failed. They have the priority, the wish and the
 * combine of the first, and cannot be cancelled one by one (pinfold_pool_cancel cancels them all).
 *
 * Memory is bounded by the shape of the tree, not by its size: the youngest are run first, so that
 * what waits is about its depth times the children of one task, for each worker; and while there
 * is plenty to do for all, a worker runs what its tasks make by itself, for some milliseconds,
 * and the driver never hears of it. If it crashes in that, the task that it was given fails, and
 * what that had made is lost.
 * The children of one task may take up to 1 TiB: then PINFOLD_E_TOO_BIG. PINFOLD_E_UNSUPPORTED: not
 * in a task of a map or a stream. A task that fails to make one may return, and fail. */
PINFOLD_API int pinfold_task_submit(pinfold_task *task, pinfold_fn *fn, pinfold_bytes arg,
                                    struct pinfold_error *err);

/* Whether nobody waits for the result any more: the map timed out, the task was stopped
 * (pinfold_future_stop), or it has overrun its limit (struct pinfold_call). A long task may return. */
PINFOLD_API bool pinfold_task_cancelled(pinfold_task *task);

/* What `init` left, and which worker this is. */
PINFOLD_API void *pinfold_task_state(const pinfold_task *task);
PINFOLD_API const struct pinfold_worker *pinfold_task_worker(const pinfold_task *task);

/* ---- The machine ----------------------------------------------------------------------------
 * How many physical cores and hardware threads (hwloc's PUs) this node has, and how many of each
 * this process may use (cgroup, taskset, batch system; before MPI rebinds it). Collective: no. */
struct pinfold_machine {
    size_t size;
    int packages, numa_nodes, cores, threads;
    int usable_cores, usable_threads;
};
PINFOLD_API int pinfold_machine_count(struct pinfold_machine *machine, struct pinfold_error *err);

#ifdef __cplusplus
}
#endif
#endif
