/* SPDX-License-Identifier: MIT
 * Frames between ringscope and the emulated host: any bytes, cut anywhere. */
#include "host/frame.h"
#include "unit.h"

static struct rs_frame_reader reader;

static size_t encode(uint8_t *bytes, uint8_t type, uint8_t stream, const void *payload,
                     uint32_t size)
{
    struct rs_frame_header header = {.size = size, .type = type, .stream = stream};

    memcpy(bytes, &header, sizeof(header));
    memcpy(bytes + sizeof(header), payload, size);
    return sizeof(header) + size;
}

static void feed(const uint8_t *bytes, size_t size)
{
    size_t space;
    uint8_t *where = rs_frame_space(&reader, &space);

    ck_assert_uint_ge(space, size);
    memcpy(where, bytes, size);
    rs_frame_filled(&reader, size);
}

START_TEST(a_frame_comes_out_as_it_went_in)
{
    uint8_t bytes[64];
    struct rs_frame frame;

    feed(bytes, encode(bytes, RS_FRAME_DATA, RS_STREAM_STDERR, "text", 4));
    ck_assert_int_eq(rs_frame_next(&reader, &frame), 1);
    ck_assert_int_eq(frame.type, RS_FRAME_DATA);
    ck_assert_uint_eq(frame.stream, RS_STREAM_STDERR);
    ck_assert_uint_eq(frame.size, 4);
    ck_assert_mem_eq(frame.payload, "text", 4);
    ck_assert_int_eq(rs_frame_next(&reader, &frame), 0);
}
END_TEST

START_TEST(bytes_that_come_singly_make_frames)
{
    uint8_t bytes[128];
    size_t size = encode(bytes, RS_FRAME_DATA, 1, "one", 3), found = 0;
    struct rs_frame frame;

    size += encode(bytes + size, RS_FRAME_CLOSE, 1, "", 0);
    size += encode(bytes + size, RS_FRAME_DATA, 2, "three", 5);
    for (size_t i = 0; i < size; i++) {
        feed(bytes + i, 1);
        found += (size_t)rs_frame_next(&reader, &frame);
    }
    ck_assert_uint_eq(found, 3);
    ck_assert_mem_eq(frame.payload, "three", 5);
}
END_TEST

START_TEST(the_largest_frames_fit_one_after_another)
{
    static uint8_t payload[RS_FRAME_PAYLOAD_MAX], bytes[RS_FRAME_MAX];
    struct rs_frame frame;

    for (unsigned i = 0; i < 5; i++) {
        memset(payload, (int)i, sizeof(payload));
        ck_assert_uint_eq(encode(bytes, RS_FRAME_DATA, 1, payload, sizeof(payload)), RS_FRAME_MAX);
        /* The second half arrives when the first one does not lie at the beginning. */
        feed(bytes, 1000);
        ck_assert_int_eq(rs_frame_next(&reader, &frame), 0);
        feed(bytes + 1000, sizeof(bytes) - 1000);
        ck_assert_int_eq(rs_frame_next(&reader, &frame), 1);
        ck_assert_mem_eq(frame.payload, payload, sizeof(payload));
    }
}
END_TEST

static const struct {
    const char *name;
    struct rs_frame_header header;
} malformed[] = {
    {"size one too large", {.size = RS_FRAME_PAYLOAD_MAX + 1, .type = RS_FRAME_DATA}},
    {"largest size", {.size = UINT32_MAX, .type = RS_FRAME_DATA}},
    {"size that wraps with the header", {.size = UINT32_MAX - 7, .type = RS_FRAME_DATA}},
    {"first unknown type", {.type = RS_FRAME_TYPE_COUNT}},
    {"last type", {.type = UINT8_MAX}},
    {"first unknown stream", {.type = RS_FRAME_DATA, .stream = RS_STREAM_COUNT}},
    {"last stream", {.type = RS_FRAME_DATA, .stream = UINT8_MAX}},
    {"reserved bits", {.type = RS_FRAME_DATA, .reserved = 1}},
};

START_TEST(malformed_headers_are_refused)
{
    struct rs_frame frame;

    feed((const uint8_t *)&malformed[_i].header, sizeof(malformed[_i].header));
    assert_row_eq(malformed[_i].name, rs_frame_next(&reader, &frame), -1);
    assert_row_eq(malformed[_i].name, rs_frame_next(&reader, &frame), -1);
}
END_TEST

START_TEST(structures_have_exactly_their_size)
{
    struct rs_exit exit = {.value = 7}, copy = {0};
    struct rs_frame frame = {.size = sizeof(exit), .payload = (const uint8_t *)&exit};

    ck_assert(rs_frame_get(&frame, &copy, sizeof(copy)));
    ck_assert_uint_eq(copy.value, 7);
    frame.size--;
    ck_assert(!rs_frame_get(&frame, &copy, sizeof(copy)));
    frame.size += 2;
    ck_assert(!rs_frame_get(&frame, &copy, sizeof(copy)));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host frame");

    UNIT_ADD(suite, a_frame_comes_out_as_it_went_in);
    UNIT_ADD(suite, bytes_that_come_singly_make_frames);
    UNIT_ADD(suite, the_largest_frames_fit_one_after_another);
    UNIT_ADD_ROWS(suite, malformed_headers_are_refused, malformed);
    UNIT_ADD(suite, structures_have_exactly_their_size);
    return unit_run(suite);
}
