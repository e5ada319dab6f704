/* count.c - see count.h.
 *
 * A word belongs to the piece that it begins in:
 *
 *        from              to
 *     ┆···│can be divided a│nywhere┆
 *          ~~~ ~~ ~~~~~~~ ~~~~~~~~       what this piece counts
 *
 * So reading begins one byte early, as if inside a word: letters are passed over up to the first
 * that is none. And it goes on behind `to` as long as a word does.
 */
#include "count.h"

#include "pieces.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BLOCK = 64 * 1024, /* is read at once: seldom enough, and small enough for any stack */
    REST = 256         /* likewise, behind the end of the piece */
};

struct reader {
    struct words *words;
    uint64_t at, to; /* where the next byte is; where no more words begin */
    bool passing;    /* over letters that are no word of ours */
    char *word;      /* the one at hand, in small letters */
    uint32_t length, room;
    int error; /* errno, or COUNT_TOO_LONG */
};

/* The small letter; or 0: it is no letter. Whatever the locale. */
static char letter(unsigned char byte)
{
    unsigned char small = byte | 0x20;
    return small >= 'a' && small <= 'z' ? (char)small : 0;
}

static bool make_room(struct reader *r)
{
    uint32_t room = r->room ? 2 * r->room : 256;
    char *larger = realloc(r->word, room);

    if (larger == NULL)
        return false;
    r->word = larger;
    r->room = room;
    return true;
}

/* False: there is no memory. */
static bool end_word(struct reader *r)
{
    bool added = r->length == 0 || words_add(r->words, r->word, r->length, 1);

    r->length = 0;
    r->passing = false;
    return added;
}

/* Returns 1 to go on; 0: the piece is at its end; -1: there is no memory. */
static int take(struct reader *r, unsigned char byte)
{
    char small = letter(byte);

    if (r->length == 0 && r->at >= r->to)
        return 0;
    r->at++;
    if (small == 0)
        return end_word(r) ? 1 : -1;
    if (r->passing)
        return 1;
    if (r->length == COUNT_WORD_MAX) {
        r->error = COUNT_TOO_LONG;
        r->length = 0;
        r->passing = true;
        return 1;
    }
    if (r->length == r->room && !make_room(r))
        return -1;
    r->word[r->length++] = small;
    return 1;
}

/* As take. */
static int take_block(struct reader *r, int fd)
{
    unsigned char block[BLOCK];
    uint64_t rest = r->at < r->to ? r->to - r->at : 0;
    ssize_t got = pread(fd, block, rest < BLOCK - REST ? (size_t)rest + REST : BLOCK, (off_t)r->at);
    int more = 1;

    if (got < 0 && errno == EINTR)
        return 1;
    if (got < 0)
        r->error = errno;
    if (got <= 0)
        return end_word(r) ? 0 : -1;
    for (ssize_t i = 0; i < got && more > 0; i++)
        more = take(r, block[i]);
    return more;
}

/* The walk saw a regular file. If a link or a pipe took its place since, say so: do not read
 * elsewhere, and do not wait for a writer. */
static int open_file(const char *path, int *fd)
{
    struct stat info;

    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
    return *fd < 0 ? errno : fstat(*fd, &info) != 0 ? errno : S_ISREG(info.st_mode) ? 0 : ESTALE;
}

/* False: there is no memory. */
static bool count_piece(struct words *words, const char *path, const struct piece *piece,
                        int32_t *error)
{
    struct reader r = {.words = words, .to = piece->to};
    int fd, more = 1;

    if (piece->from > 0) {
        r.at = piece->from - 1;
        r.passing = true;
    }
    r.error = open_file(path, &fd);
    while (more > 0 && (r.error == 0 || r.error == COUNT_TOO_LONG))
        more = take_block(&r, fd);
    if (fd >= 0)
        close(fd);
    free(r.word);
    *error = r.error;
    return more >= 0;
}

static bool write_result(pinfold_task *task, const struct words *words,
                         const struct failure *failures, size_t count)
{
    size_t size = count * sizeof *failures;
    unsigned char *out = pinfold_task_out(task, size + words_packed_size(words));

    if (out == NULL)
        return false;
    memcpy(out, failures, size);
    words_pack(words, out + size);
    return true;
}

int count_task(pinfold_task *task)
{
    pinfold_bytes arg = pinfold_task_arg(task);
    const struct piece *pieces = arg.data;
    const char *paths = pinfold_task_shared(task).data;
    size_t n = arg.size / sizeof *pieces, failed = 0;
    struct failure *failures = calloc(n + 1, sizeof *failures);
    struct words words = {0};
    bool memory = failures != NULL;

    for (size_t i = 0; memory && i < n; i++) {
        struct failure *failure = &failures[failed];
        *failure = (struct failure){.path = pieces[i].path, .from = pieces[i].from};
        memory = count_piece(&words, paths + pieces[i].path, &pieces[i], &failure->error);
        failed += failure->error != 0;
    }
    if (memory) {
        failures[failed] = (struct failure){0};
        memory = write_result(task, &words, failures, failed + 1);
    }
    words_free(&words);
    free(failures);
    return memory ? 0 : pinfold_task_fail(task, 1, "out of memory");
}

bool count_next_failure(pinfold_bytes *result, struct failure *failure)
{
    memcpy(failure, result->data, sizeof *failure);
    result->data = (const unsigned char *)result->data + sizeof *failure;
    result->size -= sizeof *failure;
    return failure->error != 0;
}
