/* SPDX-License-Identifier: MIT
 * The ELF64 loader: untrusted bytes -> a checked plan of what goes where. */
#ifndef RINGSCOPE_LOADER_ELF64_H
#define RINGSCOPE_LOADER_ELF64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Source: System V ABI, "ELF Header", "Program Header", "Note Section", "Symbol Table"; the x86-64
 * psABI supplement. Accepted: static (ET_EXEC) little-endian x86-64 images.
 *
 * Nothing in a file is trusted: every offset, size and sum is checked before it is used, and a plan
 * that rs_elf64_parse() returned is safe to place as it is. Parsing allocates nothing; the plan
 * points into the caller's bytes, which must outlive it and stay unchanged.
 *
 * Functions that can fail return 0, or -1 with *error filled: one line for the user, without
 * a newline. "segment N" in a message is the program header's index from 0.
 */
#define RS_ELF64_SEGMENTS_MAX 16
#define RS_ELF64_PROGRAM_HEADERS_MAX 64
#define RS_ELF64_MESSAGE_MAX 224

enum rs_elf64_code {
    RS_ELF64_OK,
    RS_ELF64_NOT_ELF,     /* too short for a header, or another magic number */
    RS_ELF64_UNSUPPORTED, /* ELF, but of another class, byte order, type, machine or version */
    RS_ELF64_NOT_STATIC,  /* position-independent, or asks for an interpreter */
    RS_ELF64_HEADERS,     /* the program header table itself */
    RS_ELF64_FILE_RANGE,  /* a segment's bytes are not in the file */
    RS_ELF64_ADDRESS,     /* an address that wraps, is not canonical or lies outside its limits */
    RS_ELF64_ALIGNMENT,   /* p_align, or addresses that it forbids */
    RS_ELF64_OVERLAP,     /* two segments share bytes or pages */
    RS_ELF64_ENTRY,       /* the entry point is not in an executable segment */
    RS_ELF64_PLACE,       /* the caller's place function refused */
};

struct rs_elf64_error {
    enum rs_elf64_code code;
    char message[RS_ELF64_MESSAGE_MAX];
};

/* Rights in rs_elf64_segment.flags: the ABI's PF_X, PF_W and PF_R. */
#define RS_ELF64_X 1u
#define RS_ELF64_W 2u
#define RS_ELF64_R 4u

/* One PT_LOAD with a memory size other than 0. All sums of its fields fit in 64 bits. */
struct rs_elf64_segment {
    uint64_t vaddr;       /* canonical over its whole length */
    uint64_t paddr;       /* meaningful after rs_elf64_check_kernel() */
    uint64_t file_offset; /* bytes; the range file_offset + file_size is in the file */
    uint64_t file_size;   /* bytes, at most memory_size */
    uint64_t memory_size; /* bytes, at least 1; what file_size leaves is zero */
    uint32_t flags;       /* RS_ELF64_* */
    uint32_t index;       /* of its program header */
};

struct rs_elf64_image {
    const uint8_t *bytes; /* the caller's */
    size_t size;
    uint64_t entry; /* virtual address, inside an executable segment */
    uint64_t program_header_offset;
    uint32_t program_header_count;
    uint32_t segment_count; /* 1..RS_ELF64_SEGMENTS_MAX */
    struct rs_elf64_segment segments[RS_ELF64_SEGMENTS_MAX];
};

/* Everything that can be said of a file without knowing where it goes. */
int rs_elf64_parse(const void *bytes, size_t size, struct rs_elf64_image *image,
                   struct rs_elf64_error *error);

/* The same but for the entry point: `entry` may be anywhere. For files that a note enters. */
int rs_elf64_parse_loadable(const void *bytes, size_t size, struct rs_elf64_image *image,
                            struct rs_elf64_error *error);

/*
 * A kernel: it is placed at p_paddr, inside [low, high) of guest-physical memory, and mapped at
 * p_vaddr page by page with the segment's rights, beside an identity map of [0, high).
 */
int rs_elf64_check_kernel(const struct rs_elf64_image *image, uint64_t low, uint64_t high,
                          struct rs_elf64_error *error);

/* A ring-3 program: p_vaddr inside [RS_ELF64_PROGRAM_LOW, RS_GVA_USER_PROBE), mapped page by page.
 */
#define RS_ELF64_PROGRAM_LOW UINT64_C(0x10000)
int rs_elf64_check_program(const struct rs_elf64_image *image, struct rs_elf64_error *error);

/* A module, as <ringscope/abi.h> has it, for the kernel whose file hashes to `kernel`. */
bool rs_elf64_is_module(const struct rs_elf64_image *image);
int rs_elf64_check_module(const struct rs_elf64_image *image, uint64_t kernel,
                          struct rs_elf64_error *error);

/* Puts file_size bytes at gpa and zeroes after them up to memory_size. 0, or -1. */
typedef int (*rs_elf64_place_fn)(void *context, uint64_t gpa, const void *bytes, size_t file_size,
                                 size_t memory_size);

/* Calls place for each segment at its p_paddr, in the file's order; stops at the first refusal. */
int rs_elf64_place(const struct rs_elf64_image *image, rs_elf64_place_fn place, void *context,
                   struct rs_elf64_error *error);

/* First guest-physical byte after the last segment. */
uint64_t rs_elf64_paddr_end(const struct rs_elf64_image *image);

/*
 * Functions of the symbol table (STT_FUNC, with a name and a section). A stripped file, or one
 * whose section headers are damaged, has none. Names point into the file: they are NUL-terminated
 * but may hold any byte, so escape them before they reach a terminal.
 */
struct rs_elf64_symbol {
    const char *name;
    uint64_t value; /* virtual address */
    uint64_t size;  /* bytes; 0 when unknown */
};

struct rs_elf64_symbols { /* private to the functions below */
    const uint8_t *next, *end;
    const char *strings;
    size_t strings_size;
};

void rs_elf64_symbols_begin(const struct rs_elf64_image *image, struct rs_elf64_symbols *symbols);
/* False at the end. */
bool rs_elf64_symbols_next(struct rs_elf64_symbols *symbols, struct rs_elf64_symbol *symbol);

/* Notes of the PT_NOTE segments; a damaged one ends its segment. */
struct rs_elf64_note {
    const char *name; /* name_size bytes, the NUL included; may hold any byte */
    size_t name_size;
    const uint8_t *descriptor;
    size_t descriptor_size;
    uint32_t type;
};

struct rs_elf64_notes { /* private to the functions below */
    const struct rs_elf64_image *image;
    const uint8_t *start, *next, *end;
    uint32_t header; /* the next program header to look at */
    uint32_t align;
};

void rs_elf64_notes_begin(const struct rs_elf64_image *image, struct rs_elf64_notes *notes);
/* False at the end. */
bool rs_elf64_notes_next(struct rs_elf64_notes *notes, struct rs_elf64_note *note);

/* The linker's NT_GNU_BUILD_ID: its size in bytes with *id pointing at it, or 0. */
size_t rs_elf64_build_id(const struct rs_elf64_image *image, const uint8_t **id);

#endif
