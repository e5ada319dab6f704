/* The bytes that a call shares with all its items. SPDX-License-Identifier: BSD-3-Clause */
#include <stdlib.h>
#include <string.h>

#include "every.h"

static unsigned sum_of(const unsigned char *bytes, size_t size)
{
    unsigned sum = 1;

    for (size_t i = 0; i < size; i++)
        sum = sum * 31 + bytes[i];
    return sum;
}

struct answer {
    size_t size;
    unsigned sum;
    int null;
};

static int look(pinfold_task *task)
{
    pinfold_bytes shared = pinfold_task_shared(task);
    struct answer *answer = pinfold_task_out(task, sizeof *answer);

    answer->size = shared.size;
    answer->null = !shared.data;
    answer->sum = shared.size ? sum_of(shared.data, shared.size) : 0;
    return 0;
}

static void sizes(pinfold_pool *pool)
{
    static const size_t sizes[] = {0, 1, 7, 4096, 61400, 61441, 100 << 10, 5 << 20};
    unsigned char *bytes = malloc(5 << 20);
    struct answer out[20];

    for (size_t i = 0; bytes && i < 5 << 20; i++)
        bytes[i] = (unsigned char)(i * i >> 3);
    for (int s = 0; bytes && s < 8; s++) {
        struct pinfold_call how = {.size = sizeof how, .shared = {bytes, sizes[s]}};
        CHECK(pinfold_map(pool, look, &how, NULL, 0, out, sizeof *out, 20, NULL) == 0);
        for (int i = 0; i < 20; i++) {
            CHECK(out[i].size == sizes[s]);
            CHECK(sizes[s] == 0 || (!out[i].null && out[i].sum == sum_of(bytes, sizes[s])));
        }
    }
    free(bytes);
}

static void one_call_after_the_other(pinfold_pool *pool)
{
    for (unsigned char i = 0; i < 100; i++) {
        struct pinfold_call how = {.size = sizeof how, .shared = {&i, 1}};
        struct answer out[3];
        CHECK(pinfold_map(pool, look, &how, NULL, 0, out, sizeof *out, 3, NULL) == 0);
        for (int j = 0; j < 3; j++)
            CHECK(out[j].size == 1 && out[j].sum == sum_of(&i, 1));
    }
}

const struct every_test shared_tests[] = {
    {"0 bytes to 5 MB reach every item", sizes, NULL},
    {"each call has its own", one_call_after_the_other, NULL},
    {NULL, NULL, NULL},
};
