/* A duct whose other side writes what it likes, where it likes: what the driver takes from it lies in
 * the ring, and it neither hangs nor falls.
 *
 * The input is a row of steps: the worker's head, tail or draft becomes a number; bytes are written
 * into its ring; the driver reads, releases what it holds in any order, or looks for a draft. */
#define _GNU_SOURCE
#include "frames.h"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire/duct.h"

#define HELD 8

/* The shared memory as duct.c lays it out: two rings' words in front, the rings at its end. */
struct shared {
    unsigned char *all, *ring;
    size_t size;
    struct pf_ring_shared *words; /* of the ring that comes up */
};

struct driver {
    struct pf_duct *duct;
    struct pf_frame *held[HELD];
    int n;
};

static void use(const struct pf_frame *frame)
{
    volatile unsigned char last;
    uint64_t size = frame->size;

    if (size)
        last = frame->body[size - 1];
    (void)last;
}

static void release(struct driver *driver, size_t which)
{
    if (!driver->n)
        return;
    which %= (size_t)driver->n;
    pf_duct_release(driver->duct, driver->held[which]);
    driver->held[which] = driver->held[--driver->n];
}

static void take(struct driver *driver)
{
    struct pf_frame *frame;

    if (driver->n == HELD)
        release(driver, 0);
    frame = pf_duct_next(driver->duct);
    if (!frame)
        return;
    use(frame);
    driver->held[driver->n++] = frame;
}

static void put(struct shared *shared, struct fuzz_input *in)
{
    size_t at = fuzz_number(in, 3) % PF_RING_SIZE, n = fuzz_number(in, 1);

    n = n < fuzz_left(in) ? n : fuzz_left(in);
    n = n < PF_RING_SIZE - at ? n : PF_RING_SIZE - at;
    memcpy(shared->ring + at, in->at, n);
    in->at += n;
    if (at % 64 == 0 && n >= sizeof(struct pf_frame))
        shared->ring[at] = (unsigned char)fuzz_kind(shared->ring[at]);
}

static void step(struct driver *driver, struct shared *shared, struct fuzz_input *in)
{
    struct pf_frame *draft;

    switch (fuzz_number(in, 1) % 8) {
    case 0:
        atomic_store(&shared->words->head, fuzz_number(in, 8));
        break;
    case 1:
        atomic_store(&shared->words->head, fuzz_number(in, 3));
        break;
    case 2:
        atomic_store(&shared->words->tail, fuzz_number(in, 8));
        break;
    case 3:
        atomic_store(&shared->words->draft, fuzz_number(in, 3));
        break;
    case 4:
        put(shared, in);
        break;
    case 5:
        release(driver, fuzz_number(in, 1));
        break;
    case 6:
        draft = pf_duct_draft(driver->duct);
        if (draft)
            use(draft);
        break;
    default:
        take(driver);
    }
}

static void map(struct shared *shared, const struct pf_duct *duct)
{
    int fds[PF_DUCT_FDS];
    struct stat st;

    pf_duct_fds(duct, fds);
    MUST(fstat(fds[0], &st) == 0);
    shared->size = (size_t)st.st_size;
    shared->all = mmap(NULL, shared->size, PROT_READ | PROT_WRITE, MAP_SHARED, fds[0], 0);
    MUST(shared->all != MAP_FAILED);
    shared->words = (struct pf_ring_shared *)shared->all + 1;
    shared->ring = shared->all + shared->size - PF_RING_SIZE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = fuzz_input(data, size);
    struct driver driver = {0};
    struct shared shared;
    int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    MUST(pf_duct_create(&driver.duct, bell, NULL) == 0);
    map(&shared, driver.duct);
    while (fuzz_left(&in))
        step(&driver, &shared, &in);
    for (int i = 0; i < 2 * HELD; i++)
        take(&driver);
    while (driver.n)
        release(&driver, 0);
    munmap(shared.all, shared.size);
    pf_duct_close(driver.duct);
    close(bell);
    return 0;
}
