/* SPDX-License-Identifier: MIT
 * Linux/x86 images: Linux kernel documentation, "The Linux/x86 Boot Protocol". */
#include <inttypes.h>

#include "loader/direct_internal.h"

/* Fields of the setup header, by their offset in the file. */
enum {
    SETUP_SECTS = 0x1f1,
    BOOT_FLAG = 0x1fe,
    HEADER_LENGTH = 0x201, /* the header ends so many bytes behind 0x202 */
    HEADER_MAGIC = 0x202,
    VERSION = 0x206,
    LOADFLAGS = 0x211,
    INITRD_ADDR_MAX = 0x22c,
    XLOADFLAGS = 0x236,
    CMDLINE_SIZE = 0x238,
    PREF_ADDRESS = 0x258,
    INIT_SIZE = 0x260,
    HEADER_END = 0x264, /* of what is read here */
    HEADER_ROOM = 0x290 /* where something else begins in the boot parameters: "Zero Page" */
};
#define MAGIC 0x53726448u /* "HdrS" */
#define FLAG 0xaa55u
#define VERSION_MIN 0x020cu
#define LOADED_HIGH 0x01u
#define XLF_KERNEL_64 0x01u
#define SECTOR 512u
#define ENTRY_64 0x200u
#define DEFAULT_SETUP_SECTS 4u

bool rs_linux_is(const uint8_t *bytes, size_t size)
{
    return size >= HEADER_END && rs_direct_u16(bytes + BOOT_FLAG) == FLAG &&
           rs_direct_u32(bytes + HEADER_MAGIC) == MAGIC;
}

static int check_header(const uint8_t *file, struct rs_direct_error *error)
{
    unsigned version = rs_direct_u16(file + VERSION);

    if (version < VERSION_MIN)
        return rs_direct_fail(error,
                              "Linux boot protocol %u.%02u: the 64-bit entry point comes with 2.12",
                              version >> 8, version & 0xff);
    if (!(file[LOADFLAGS] & LOADED_HIGH))
        return rs_direct_fail(error, "a zImage, loaded below 1 MiB, is not supported");
    if (!(rs_direct_u16(file + XLOADFLAGS) & XLF_KERNEL_64))
        return rs_direct_fail(error, "it has no 64-bit entry point (xloadflags 0x%x)",
                              rs_direct_u16(file + XLOADFLAGS));
    return 0;
}

int rs_linux_parse(struct rs_direct_image *image, struct rs_direct_error *error)
{
    const uint8_t *file = image->bytes;
    unsigned sectors;
    uint64_t setup_size, header_end;
    struct rs_direct_segment segment;

    if (!rs_linux_is(file, image->size))
        return rs_direct_fail(error, "no header of the Linux boot protocol at 0x%x", HEADER_MAGIC);
    if (check_header(file, error) != 0)
        return -1;
    sectors = file[SETUP_SECTS] ? file[SETUP_SECTS] : DEFAULT_SETUP_SECTS;
    setup_size = (uint64_t)(sectors + 1) * SECTOR;
    header_end = (uint64_t)HEADER_MAGIC + file[HEADER_LENGTH];
    if (setup_size >= image->size || header_end < HEADER_END || header_end > HEADER_ROOM ||
        header_end > setup_size)
        return rs_direct_fail(error,
                              "its setup of %u sectors and the header up to 0x%" PRIx64
                              " do not fit the file (0x%zx bytes): it is truncated or damaged",
                              sectors, header_end, image->size);
    segment = (struct rs_direct_segment){
        .gpa = rs_direct_u64(file + PREF_ADDRESS),
        .file_offset = setup_size,
        .file_size = image->size - setup_size,
        .memory_size = rs_direct_u32(file + INIT_SIZE),
    };
    if (segment.memory_size < segment.file_size)
        segment.memory_size = segment.file_size;
    if (rs_direct_add(image, &segment, "kernel", 0, error) != 0)
        return -1;
    image->entry = segment.gpa + ENTRY_64;
    image->header_size = (uint32_t)header_end - RS_LINUX_HEADER;
    image->initrd_max = rs_direct_u32(file + INITRD_ADDR_MAX);
    image->command_line = rs_direct_u32(file + CMDLINE_SIZE);
    return 0;
}
