/* SPDX-License-Identifier: MIT
 * Reads the symbols and segments of an ELF64 file that our own linker wrote. */

#include "mktables.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

unsigned image_missing;

static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *in = fopen(path, "rb");
    uint8_t *data = NULL;
    long length;

    if (!in)
        return NULL;
    if (fseek(in, 0, SEEK_END) == 0 && (length = ftell(in)) > 0 && fseek(in, 0, SEEK_SET) == 0) {
        *size = (size_t)length;
        data = malloc(*size);
        if (data && fread(data, 1, *size, in) != *size) {
            free(data);
            data = NULL;
        }
    }
    fclose(in);
    return data;
}

static int by_address(const void *a, const void *b)
{
    const struct symbol *left = a, *right = b;

    if (left->address != right->address)
        return left->address < right->address ? -1 : 1;
    return strcmp(left->name, right->name);
}

static bool read_symbols(struct image *image, const Elf64_Shdr *table, const Elf64_Shdr *strings)
{
    const Elf64_Sym *entries = (const Elf64_Sym *)(image->file + table->sh_offset);
    size_t count = table->sh_size / sizeof(*entries);

    image->symbols = calloc(count, sizeof(*image->symbols));
    if (!image->symbols)
        return false;
    for (size_t i = 0; i < count; i++) {
        unsigned type = ELF64_ST_TYPE(entries[i].st_info);

        if (type == STT_FILE || type == STT_SECTION || entries[i].st_shndx == SHN_UNDEF ||
            entries[i].st_shndx == SHN_ABS)
            continue;
        image->symbols[image->symbol_count++] = (struct symbol){
            (const char *)image->file + strings->sh_offset + entries[i].st_name,
            entries[i].st_value,
            entries[i].st_size,
            type == STT_FUNC,
        };
    }
    qsort(image->symbols, image->symbol_count, sizeof(*image->symbols), by_address);
    return true;
}

static void read_segments(struct image *image, const Elf64_Ehdr *header)
{
    const Elf64_Phdr *segment = (const Elf64_Phdr *)(image->file + header->e_phoff);

    for (unsigned i = 0; i < header->e_phnum; i++, segment++)
        if (segment->p_type == PT_LOAD && image->segment_count < 8)
            image->segments[image->segment_count++] = (struct segment){
                segment->p_vaddr,        segment->p_paddr,        segment->p_memsz,
                segment->p_flags & PF_W, segment->p_flags & PF_X,
            };
}

bool image_load(struct image *image, const char *path)
{
    const Elf64_Ehdr *header;
    const Elf64_Shdr *sections;

    image->file = read_file(path, &image->file_size);
    if (!image->file) {
        perror(path);
        return false;
    }
    header = (const Elf64_Ehdr *)image->file;
    if (image->file_size < sizeof(*header) || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
        fprintf(stderr, "mktables: %s is not an ELF file\n", path);
        return false;
    }
    read_segments(image, header);
    sections = (const Elf64_Shdr *)(image->file + header->e_shoff);
    for (unsigned i = 0; i < header->e_shnum; i++)
        if (sections[i].sh_type == SHT_SYMTAB)
            return read_symbols(image, &sections[i], &sections[sections[i].sh_link]);
    fprintf(stderr, "mktables: %s has no symbols\n", path);
    return false;
}

void image_free(struct image *image)
{
    free(image->symbols);
    free(image->file);
}

uint64_t image_address(struct image *image, const char *name)
{
    for (size_t i = 0; i < image->symbol_count; i++)
        if (strcmp(image->symbols[i].name, name) == 0)
            return image->symbols[i].address;
    if (image->file) {
        fprintf(stderr, "mktables: no symbol %s\n", name);
        image_missing++;
    }
    return 0;
}
