/* SPDX-License-Identifier: MIT
 * Direct boot: images of kernels that know nothing of ringscope -> a checked plan. */
#ifndef RINGSCOPE_LOADER_DIRECT_H
#define RINGSCOPE_LOADER_DIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Nothing in the file is trusted: after a successful rs_direct_parse() every file range of the plan
 * is inside the file and all sums fit in 64 bits; after rs_direct_check() every segment lies in
 * RAM, apart from the others and from what the caller keeps for itself. No I/O, no allocation:
 * *image points into the caller's bytes, which must outlive it. Functions return 0, or -1 with
 * *error filled: one line without a newline.
 *
 * Sources: "Multiboot Specification version 0.6.96", section 3; Linux kernel documentation, "The
 * Linux/x86 Boot Protocol"; Xen documentation, "x86/HVM direct boot ABI"; System V ABI, "ELF".
 *
 * X(name, option value, what it is)
 */
#define RS_PROTOCOLS(X)                                                                            \
    X(RINGSCOPE, "ringscope", "ELF64 kernel, entered as <ringscope/abi.h> says")                   \
    X(MULTIBOOT, "multiboot", "Multiboot 1: ELF32, or any file with load addresses in its header") \
    X(LINUX, "linux", "Linux/x86 boot protocol 2.12 and later, by the 64-bit entry point")         \
    X(PVH, "pvh", "ELF64 with the note XEN_ELFNOTE_PHYS32_ENTRY")

enum rs_protocol {
#define X(name, value, text) RS_PROTOCOL_##name,
    RS_PROTOCOLS(X)
#undef X
    RS_PROTOCOL_COUNT
};

#define RS_DIRECT_SEGMENTS_MAX 16
#define RS_DIRECT_MESSAGE_MAX 224

struct rs_direct_error {
    char message[RS_DIRECT_MESSAGE_MAX];
};

/* file_size bytes of the file go to gpa; zeros follow them up to memory_size. */
struct rs_direct_segment {
    uint64_t gpa;
    uint64_t file_offset, file_size;
    uint64_t memory_size; /* bytes, at least 1 and at least file_size */
};

struct rs_direct_image {
    enum rs_protocol protocol;
    const uint8_t *bytes; /* the caller's */
    size_t size;
    uint64_t entry; /* guest-physical, inside a segment */
    unsigned segment_count;
    struct rs_direct_segment segments[RS_DIRECT_SEGMENTS_MAX];
    /* LINUX: the setup header, which is copied into the boot parameters, and its limits. */
    uint32_t header_size;  /* bytes from RS_LINUX_HEADER on */
    uint32_t initrd_max;   /* highest address of the initrd's last byte */
    uint32_t command_line; /* longest command line, without its NUL */
};

/* Offset of the setup header in the file, and in the boot parameters. */
#define RS_LINUX_HEADER 0x1f1

/* What the file's content says it is. RINGSCOPE: an ELF64 file without the note of PVH, or with
 * ringscope's own (RS_BOOT_NOTE_NAME in <ringscope/abi.h>); also everything that is nothing else,
 * so that the loader of ELF64 files tells what is wrong. */
enum rs_protocol rs_direct_detect(const void *bytes, size_t size);

/* Everything that can be said of a file without knowing where it goes. Not for RINGSCOPE. */
int rs_direct_parse(enum rs_protocol protocol, const void *bytes, size_t size,
                    struct rs_direct_image *image, struct rs_direct_error *error);

/* The plan against RAM [0, ram_end) and a range [kept, kept_end) in it that the loader fills. */
int rs_direct_check(const struct rs_direct_image *image, uint64_t ram_end, uint64_t kept,
                    uint64_t kept_end, struct rs_direct_error *error);

/* First guest-physical byte after the last segment. */
uint64_t rs_direct_end(const struct rs_direct_image *image);

#endif
