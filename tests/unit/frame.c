/* Frames and their bodies: what was packed is unpacked, and nothing is ever read out of bounds. */
#include "unit.h"

#include "wire/frame.h"

static void new__is_aligned_and_has_a_zeroed_header(void **state)
{
    (void)state;
    for (size_t body = 0; body < 300; body++) {
        struct pf_frame *frame = pf_frame_new(PF_BATCH, body), zero = {0};
        assert_int_equal((uintptr_t)frame % 64, 0);
        assert_int_equal((uintptr_t)frame->body % 64, 0);
        memset(frame->body, 0xff, body);
        zero.kind = PF_BATCH;
        zero.size = body;
        assert_memory_equal(frame, &zero, sizeof zero);
        free(frame);
    }
}

static void new__refuses_what_no_memory_holds(void **state)
{
    (void)state;
    for (size_t less = 0; less < 300; less++)
        assert_null(pf_frame_new(PF_BATCH, SIZE_MAX - less));
    assert_null(pf_frame_new(PF_BATCH, SIZE_MAX / 2));
}

static void held_frame__lives_until_the_last_lets_go(void **state)
{
    struct pf_frame *frame = pf_frame_new(PF_BATCH, 1000), *held;

    (void)state;
    memset(frame->body, 7, 1000);
    assert_true(pf_frame_alone(frame));
    held = pf_frame_hold(frame);
    assert_ptr_equal(held, frame);
    assert_false(pf_frame_alone(frame));
    pf_frame_free(frame);
    assert_true(pf_frame_alone(held));
    assert_int_equal(held->body[999], 7); /* a sanitizer or valgrind knows */
    pf_frame_free(held);
    pf_frame_free(NULL);
}

static void frame_that_came__is_nobody_elses_and_knows_what_it_lost(void **state)
{
    struct pf_frame sent = {.kind = PF_BATCH, .size = 3000000000, .others = 2};
    struct pf_frame head = sent;

    (void)state;
    pf_frame_came(&head, true);
    assert_true(pf_frame_alone(&head));
    assert_int_equal(head.size, 3000000000);
    assert_int_equal(head.lost, 0);
    head = sent;
    pf_frame_came(&head, false);
    assert_true(pf_frame_alone(&head));
    assert_int_equal(head.size, 0);
    assert_int_equal(head.lost, 3000000000);
}

static void stripped_frame__is_memory_that_begins_with_the_bytes(void **state)
{
    struct pf_frame *frame = pf_frame_new(PF_RESULT, 1000);
    unsigned char *bytes;

    (void)state;
    for (int i = 0; i < 1000; i++)
        frame->body[i] = (unsigned char)i;
    bytes = pf_frame_strip(frame, frame->body + 16, 984);
    for (int i = 0; i < 984; i++)
        assert_int_equal(bytes[i], (unsigned char)(i + 16));
    free(bytes);
}

static void kinds__have_names(void **state)
{
    (void)state;
    assert_string_equal(pf_kind_name(PF_KIND_NONE), "none");
    assert_string_equal(pf_kind_name(PF_HELLO), "HELLO");
    assert_string_equal(pf_kind_name(PF_PIECE), "PIECE");
    for (int kind = 0; kind < PF_KIND_END; kind++)
        assert_string_not_equal(pf_kind_name(kind), "unknown");
    assert_string_equal(pf_kind_name(PF_KIND_END), "unknown");
    assert_string_equal(pf_kind_name(-1), "unknown");
}

/* A body of one field of each kind, of different lengths. */
static void pack(struct pf_buf *buf, const char *text, size_t size)
{
    pf_pack_u64(buf, 0x0123456789abcdef);
    pf_pack_text(buf, text);
    pf_pack_bytes(buf, "abcdefghijklmnop", size);
    pf_pack_u64(buf, (uint64_t)-1);
}

static struct pf_reader read_from(const void *data, size_t size)
{
    const unsigned char *at = data;

    return (struct pf_reader){.at = at, .end = at + size};
}

static void fields__are_read_as_they_were_packed(void **state)
{
    static const char *const texts[] = {"", "a", "seven b", "eight by", "nine byte"};

    (void)state;
    for (size_t t = 0; t < COUNT_OF(texts); t++) {
        for (size_t size = 0; size <= 16; size++) {
            struct pf_buf buf = {0};
            struct pf_frame *frame;
            struct pf_reader in;
            const void *bytes;
            size_t got;

            pack(&buf, texts[t], size);
            frame = pf_frame_new(PF_CALL, buf.size);
            memcpy(frame->body, buf.data, buf.size);
            in = pf_reader_of(frame);
            assert_int_equal(pf_unpack_u64(&in), 0x0123456789abcdef);
            assert_string_equal(pf_unpack_text(&in), texts[t]);
            bytes = pf_unpack_bytes(&in, &got);
            assert_int_equal(got, size);
            assert_int_equal((uintptr_t)bytes % 8, 0);
            assert_memory_equal(bytes, "abcdefghijklmnop", size);
            assert_true(pf_unpack_u64(&in) == (uint64_t)-1);
            assert_false(in.failed);
            assert_ptr_equal(in.at, in.end);
            free(frame);
            pf_buf_free(&buf);
        }
    }
}

static void body_cut_short__is_a_failure_that_stays(void **state)
{
    struct pf_buf buf = {0};

    (void)state;
    pack(&buf, "a text of some length", 11);
    for (size_t size = 0; size < buf.size; size++) {
        /* A copy of exactly this size: a checker of memory sees a byte too much. */
        unsigned char *torn = malloc(size ? size : 1);
        struct pf_reader in;
        size_t got;

        memcpy(torn, buf.data, size);
        in = read_from(torn, size);
        pf_unpack_u64(&in);
        pf_unpack_text(&in);
        pf_unpack_bytes(&in, &got);
        assert_int_equal(pf_unpack_u64(&in), 0);
        assert_true(in.failed);
        assert_string_equal(pf_unpack_text(&in), "");
        assert_null(pf_unpack_bytes(&in, &got));
        assert_int_equal(got, 0);
        free(torn);
    }
    pf_buf_free(&buf);
}

static void sizes_that_wrap__are_a_failure(void **state)
{
    (void)state;
    for (uint64_t less = 0; less < 40; less++) {
        uint64_t body[2] = {UINT64_MAX - less, 0};
        struct pf_reader in = read_from(body, sizeof body);
        size_t got = 1;
        assert_null(pf_unpack_bytes(&in, &got));
        assert_int_equal(got, 0);
        assert_true(in.failed);
    }
}

static void text_without_an_end__is_a_failure(void **state)
{
    struct pf_buf buf = {0};
    struct pf_reader in;

    (void)state;
    pf_pack_bytes(&buf, "endless!", 8);
    in = read_from(buf.data, buf.size);
    assert_string_equal(pf_unpack_text(&in), "");
    assert_true(in.failed);
    buf.size = 0;
    pf_pack_bytes(&buf, NULL, 0);
    in = read_from(buf.data, buf.size);
    assert_string_equal(pf_unpack_text(&in), "");
    assert_true(in.failed);
    pf_buf_free(&buf);
}

static void random_bytes__are_never_read_out_of_bounds(void **state)
{
    uint64_t seed = 3;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        size_t size = random_below(&seed, 80), got;
        unsigned char *body = malloc(size ? size : 1);
        struct pf_reader in = read_from(body, size);

        for (size_t i = 0; i < size; i++) /* mostly small numbers, which may be sizes that fit */
            body[i] = random_below(&seed, 4) ? 0 : (unsigned char)random_below(&seed, 256);
        for (int field = 0; field < 12; field++) {
            uint64_t kind = random_below(&seed, 3);
            if (kind == 0) {
                pf_unpack_u64(&in);
            } else if (kind == 1) {
                const char *text = pf_unpack_text(&in);
                assert_true(in.failed || text + strlen(text) < (const char *)body + size);
            } else {
                const unsigned char *bytes = pf_unpack_bytes(&in, &got);
                assert_true(in.failed ? got == 0 : bytes >= body && bytes + got <= body + size);
            }
            assert_true(in.at >= body && in.at <= in.end);
        }
        free(body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new__is_aligned_and_has_a_zeroed_header),
        cmocka_unit_test(new__refuses_what_no_memory_holds),
        cmocka_unit_test(held_frame__lives_until_the_last_lets_go),
        cmocka_unit_test(frame_that_came__is_nobody_elses_and_knows_what_it_lost),
        cmocka_unit_test(stripped_frame__is_memory_that_begins_with_the_bytes),
        cmocka_unit_test(kinds__have_names),
        cmocka_unit_test(fields__are_read_as_they_were_packed),
        cmocka_unit_test(body_cut_short__is_a_failure_that_stays),
        cmocka_unit_test(sizes_that_wrap__are_a_failure),
        cmocka_unit_test(text_without_an_end__is_a_failure),
        cmocka_unit_test(random_bytes__are_never_read_out_of_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
