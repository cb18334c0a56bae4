/* SPDX-License-Identifier: MIT
 * The loader of other kernels' images over arbitrary bytes, and over sound files with some fields
 * overwritten. */
#include <string.h>

#include "fake_direct.h"
#include "fuzz.h"
#include "loader/direct.h"

#define RAM_END 0x8000000u
#define KEPT 0x20000u
#define KEPT_END 0x30000u

/* What a plan points at must be readable; the sum keeps the reads. */
static unsigned touch(const uint8_t *bytes, uint64_t size)
{
    unsigned sum = 0;

    for (uint64_t i = 0; i < size; i++)
        sum += bytes[i];
    return sum;
}

static void check_error(int result, const struct rs_direct_error *error)
{
    FUZZ_CHECK(result == 0 || result == -1);
    FUZZ_CHECK(result == 0 || (error->message[0] != '\0' && !strchr(error->message, '\n') &&
                               strlen(error->message) < sizeof(error->message) - 1));
}

static void load(const uint8_t *bytes, size_t size, enum rs_protocol protocol)
{
    struct rs_direct_image image;
    struct rs_direct_error error;
    volatile unsigned sum = 0;
    int result = rs_direct_parse(protocol, bytes, size, &image, &error);

    check_error(result, &error);
    if (result != 0)
        return;
    FUZZ_CHECK(image.segment_count >= 1 && image.segment_count <= RS_DIRECT_SEGMENTS_MAX);
    for (unsigned i = 0; i < image.segment_count; i++) {
        const struct rs_direct_segment *segment = &image.segments[i];

        FUZZ_CHECK(segment->memory_size > 0 && segment->file_size <= segment->memory_size);
        FUZZ_CHECK(segment->gpa <= UINT64_MAX - segment->memory_size);
        sum += touch(bytes + segment->file_offset, segment->file_size);
    }
    sum += touch(bytes + RS_LINUX_HEADER, image.header_size);
    (void)sum;
    FUZZ_CHECK(image.header_size <= 0x1000 - RS_LINUX_HEADER);
    result = rs_direct_check(&image, RAM_END, KEPT, KEPT_END, &error);
    check_error(result, &error);
    FUZZ_CHECK(result != 0 || (rs_direct_end(&image) <= RAM_END && image.entry < RAM_END));
}

/* The bytes end where the allocation does, so that a read behind them is seen. */
static void load_patched(struct fuzz_input *input)
{
    static const uint8_t widths[] = {1, 2, 4, 8};
    static const enum rs_protocol protocols[FAKE_DIRECT_KINDS] = {
        RS_PROTOCOL_MULTIBOOT, RS_PROTOCOL_MULTIBOOT, RS_PROTOCOL_LINUX, RS_PROTOCOL_PVH,
        RS_PROTOCOL_PVH};
    unsigned kind = fuzz_below(input, FAKE_DIRECT_KINDS);
    struct fake_direct *fake = malloc(sizeof(*fake));
    uint8_t *bytes;
    size_t size;

    if (!fake)
        abort();
    fake_direct_init(fake, (enum fake_direct_kind)kind);
    size = fuzz_below(input, 8) == 0 ? fuzz_below(input, (unsigned)fake->size + 1) : fake->size;
    while (input->next < input->end) {
        unsigned width = widths[fuzz_below(input, 4)];
        size_t offset = fuzz_below(input, 0x480);
        uint64_t value = fuzz_take(input, 1 + fuzz_below(input, 8));

        memcpy(fake->bytes + offset, &value, width);
    }
    bytes = malloc(size + 1);
    if (!bytes)
        abort();
    bytes = realloc(bytes, size ? size : 1);
    if (!bytes)
        abort();
    memcpy(bytes, fake->bytes, size);
    (void)rs_direct_detect(bytes, size);
    load(bytes, size, protocols[kind]);
    free(bytes);
    free(fake);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};

    if (fuzz_below(&input, 4) == 0) {
        enum rs_protocol protocol = (enum rs_protocol)(1 + fuzz_below(&input, 3));

        load(input.next, (size_t)(input.end - input.next), protocol);
    } else {
        load_patched(&input);
    }
    return 0;
}
