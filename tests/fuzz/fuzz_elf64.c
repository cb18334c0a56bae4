/* SPDX-License-Identifier: MIT
 * The ELF64 loader over arbitrary bytes, and over a sound file with some fields overwritten. */
#include <string.h>

#include <ringscope/layout.h>

#include "fake_elf.h"
#include "fuzz.h"
#include "loader/elf64.h"

#define RAM_LOW RS_GPA_BOOT_TABLES_END
#define RAM_HIGH RS_RAM_MIN

/* Everything that a plan points at must be readable; the sum keeps the reads. */
static unsigned touch(const void *bytes, size_t size)
{
    const uint8_t *byte = bytes;
    unsigned sum = 0;

    for (size_t i = 0; i < size; i++)
        sum += byte[i];
    return sum;
}

static int place(void *context, uint64_t gpa, const void *bytes, size_t file_size,
                 size_t memory_size)
{
    FUZZ_CHECK(file_size <= memory_size && memory_size > 0);
    FUZZ_CHECK(gpa >= RAM_LOW && gpa < RAM_HIGH && memory_size <= RAM_HIGH - gpa);
    *(unsigned *)context += touch(bytes, file_size);
    return 0;
}

static void use_symbols(const struct rs_elf64_image *image, unsigned *sum)
{
    struct rs_elf64_symbols symbols;
    struct rs_elf64_symbol symbol;
    struct rs_elf64_notes notes;
    struct rs_elf64_note note;
    const uint8_t *id;

    rs_elf64_symbols_begin(image, &symbols);
    while (rs_elf64_symbols_next(&symbols, &symbol))
        *sum += (unsigned)strlen(symbol.name);
    rs_elf64_notes_begin(image, &notes);
    while (rs_elf64_notes_next(&notes, &note))
        *sum += touch(note.name, note.name_size) + touch(note.descriptor, note.descriptor_size);
    *sum += touch(&id, rs_elf64_build_id(image, &id) > 0 ? 1 : 0);
}

static void check_error(int result, const struct rs_elf64_error *error)
{
    FUZZ_CHECK(result == 0 || result == -1);
    if (result == 0)
        return;
    FUZZ_CHECK(error->code != RS_ELF64_OK);
    FUZZ_CHECK(error->message[0] != '\0' && strchr(error->message, '\n') == NULL);
    /* Nothing was cut. */
    FUZZ_CHECK(strlen(error->message) < sizeof(error->message) - 1);
}

static void load(const void *bytes, size_t size)
{
    struct rs_elf64_image image;
    struct rs_elf64_error error;
    unsigned sum = 0;
    int result = rs_elf64_parse(bytes, size, &image, &error);

    check_error(result, &error);
    if (result != 0)
        return;
    FUZZ_CHECK(image.segment_count >= 1 && image.segment_count <= RS_ELF64_SEGMENTS_MAX);
    use_symbols(&image, &sum);
    check_error(rs_elf64_check_program(&image, &error), &error);
    result = rs_elf64_check_kernel(&image, RAM_LOW, RAM_HIGH, &error);
    check_error(result, &error);
    if (result == 0) {
        FUZZ_CHECK(rs_elf64_place(&image, place, &sum, &error) == 0);
        FUZZ_CHECK(rs_elf64_paddr_end(&image) <= RAM_HIGH);
    }
    touch(&sum, sizeof(sum));
}

/* Each patch: where (headers, sections, notes and symbols are in front), how wide, what. */
static void load_patched(struct fuzz_input *input)
{
    static const uint8_t widths[] = {1, 2, 4, 8};
    size_t front = offsetof(struct fake_elf, rest);
    size_t size = sizeof(struct fake_elf);
    struct fake_elf *elf = malloc(size);

    if (elf == NULL)
        abort();
    fake_elf_init(elf);
    if (fuzz_below(input, 8) == 0)
        size = fuzz_below(input, FAKE_ELF_SIZE + 1);
    while (input->next < input->end) {
        unsigned width = widths[fuzz_below(input, 4)];
        size_t offset = fuzz_below(input, (unsigned)front) & ~(size_t)(width - 1);
        uint64_t value = fuzz_take(input, 1 + fuzz_below(input, 8));

        memcpy((uint8_t *)elf + offset, &value, width);
    }
    elf = realloc(elf, size > 0 ? size : 1);
    if (elf == NULL)
        abort();
    load(elf, size);
    free(elf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, data + size};

    if (fuzz_below(&input, 4) == 0)
        load(input.next, (size_t)(input.end - input.next));
    else
        load_patched(&input);
    return 0;
}
