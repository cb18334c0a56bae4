/* SPDX-License-Identifier: MIT
 * Images of other kernels: which protocol, and the plan against RAM. */
#include <elf.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "loader/direct_internal.h"

int rs_direct_fail(struct rs_direct_error *error, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(error->message, sizeof(error->message), format, arguments);
    va_end(arguments);
    return -1;
}

int rs_direct_add(struct rs_direct_image *image, const struct rs_direct_segment *segment,
                  const char *what, unsigned number, struct rs_direct_error *error)
{
    if (segment->memory_size == 0 && segment->file_size == 0)
        return 0;
    if (segment->file_size > segment->memory_size)
        return rs_direct_fail(
            error, "%s %u: file size 0x%" PRIx64 " is larger than its memory size 0x%" PRIx64, what,
            number, segment->file_size, segment->memory_size);
    if (!rs_direct_in_file(image, segment->file_offset, segment->file_size))
        return rs_direct_fail(error,
                              "%s %u: file range 0x%" PRIx64 "+0x%" PRIx64
                              " passes the end of the file (0x%zx bytes): the file is truncated "
                              "or damaged",
                              what, number, segment->file_offset, segment->file_size, image->size);
    if (segment->memory_size > UINT64_MAX - segment->gpa)
        return rs_direct_fail(error,
                              "%s %u: physical range 0x%" PRIx64 "+0x%" PRIx64
                              " passes the last 64-bit address",
                              what, number, segment->gpa, segment->memory_size);
    if (image->segment_count == RS_DIRECT_SEGMENTS_MAX)
        return rs_direct_fail(error, "%s %u: more than %d loadable segments", what, number,
                              RS_DIRECT_SEGMENTS_MAX);
    image->segments[image->segment_count++] = *segment;
    return 0;
}

enum rs_protocol rs_direct_detect(const void *bytes, size_t size)
{
    const uint8_t *file = bytes;

    if (size > EI_CLASS && memcmp(file, ELFMAG, SELFMAG) == 0 && file[EI_CLASS] == ELFCLASS64)
        return rs_pvh_is(file, size) ? RS_PROTOCOL_PVH : RS_PROTOCOL_RINGSCOPE;
    if (rs_linux_is(file, size))
        return RS_PROTOCOL_LINUX;
    return rs_multiboot_find(file, size) >= 0 ? RS_PROTOCOL_MULTIBOOT : RS_PROTOCOL_RINGSCOPE;
}

static int check_entry(const struct rs_direct_image *image, struct rs_direct_error *error)
{
    for (unsigned i = 0; i < image->segment_count; i++)
        if (image->entry >= image->segments[i].gpa &&
            image->entry - image->segments[i].gpa < image->segments[i].memory_size)
            return 0;
    return rs_direct_fail(error, "entry point 0x%" PRIx64 " is in nothing that is loaded",
                          image->entry);
}

int rs_direct_parse(enum rs_protocol protocol, const void *bytes, size_t size,
                    struct rs_direct_image *image, struct rs_direct_error *error)
{
    static int (*const parsers[RS_PROTOCOL_COUNT])(struct rs_direct_image *,
                                                   struct rs_direct_error *) = {
        [RS_PROTOCOL_MULTIBOOT] = rs_multiboot_parse,
        [RS_PROTOCOL_LINUX] = rs_linux_parse,
        [RS_PROTOCOL_PVH] = rs_pvh_parse,
    };

    memset(image, 0, sizeof(*image));
    error->message[0] = '\0';
    image->protocol = protocol;
    image->bytes = bytes;
    image->size = size;
    if (protocol >= RS_PROTOCOL_COUNT || !parsers[protocol])
        return rs_direct_fail(error, "protocol %d is not one of direct boot", (int)protocol);
    if (parsers[protocol](image, error) != 0)
        return -1;
    if (image->segment_count == 0)
        return rs_direct_fail(error, "there is nothing to load in it");
    return check_entry(image, error);
}

static bool overlap(uint64_t a, uint64_t a_end, uint64_t b, uint64_t b_end)
{
    return a < b_end && b < a_end;
}

int rs_direct_check(const struct rs_direct_image *image, uint64_t ram_end, uint64_t kept,
                    uint64_t kept_end, struct rs_direct_error *error)
{
    for (unsigned i = 0; i < image->segment_count; i++) {
        uint64_t start = image->segments[i].gpa, end = start + image->segments[i].memory_size;

        if (end > ram_end)
            return rs_direct_fail(error,
                                  "it is loaded to 0x%" PRIx64 "-0x%" PRIx64
                                  ", and memory ends at 0x%" PRIx64 ": raise --memory",
                                  start, end, ram_end);
        if (overlap(start, end, kept, kept_end))
            return rs_direct_fail(error,
                                  "it is loaded to 0x%" PRIx64 "-0x%" PRIx64
                                  ", where the boot information is (0x%" PRIx64 "-0x%" PRIx64 ")",
                                  start, end, kept, kept_end);
        for (unsigned j = 0; j < i; j++)
            if (overlap(start, end, image->segments[j].gpa,
                        image->segments[j].gpa + image->segments[j].memory_size))
                return rs_direct_fail(error, "two of its segments share 0x%" PRIx64 "-0x%" PRIx64,
                                      start, end);
    }
    return 0;
}

uint64_t rs_direct_end(const struct rs_direct_image *image)
{
    uint64_t end = 0;

    for (unsigned i = 0; i < image->segment_count; i++)
        if (image->segments[i].gpa + image->segments[i].memory_size > end)
            end = image->segments[i].gpa + image->segments[i].memory_size;
    return end;
}
