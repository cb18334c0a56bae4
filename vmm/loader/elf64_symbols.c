/* SPDX-License-Identifier: MIT
 * The function symbols of an ELF64 file. Section headers are optional and trusted in nothing. */
#include <string.h>

#include "loader/elf64_internal.h"

/* Copies section header `index`; false when the table or the section's bytes are not in the file.
 */
static bool read_section(const struct rs_elf64_image *image, const Elf64_Ehdr *elf, uint32_t index,
                         Elf64_Shdr *section)
{
    uint64_t table_size = (uint64_t)elf->e_shnum * sizeof(*section);

    if (elf->e_shentsize != sizeof(*section) || index >= elf->e_shnum ||
        !rs_elf64_in_file(elf->e_shoff, table_size, image->size))
        return false;
    memcpy(section, image->bytes + elf->e_shoff + index * sizeof(*section), sizeof(*section));
    return rs_elf64_in_file(section->sh_offset, section->sh_size, image->size);
}

void rs_elf64_symbols_begin(const struct rs_elf64_image *image, struct rs_elf64_symbols *symbols)
{
    Elf64_Ehdr elf;
    Elf64_Shdr table, strings;

    memset(symbols, 0, sizeof(*symbols));
    symbols->next = symbols->end = image->bytes;
    memcpy(&elf, image->bytes, sizeof(elf));
    for (uint32_t i = 0; i < elf.e_shnum; i++) {
        if (!read_section(image, &elf, i, &table) || table.sh_type != SHT_SYMTAB)
            continue;
        if (table.sh_entsize != sizeof(Elf64_Sym) ||
            !read_section(image, &elf, table.sh_link, &strings) || strings.sh_type != SHT_STRTAB)
            return;
        symbols->next = image->bytes + table.sh_offset;
        symbols->end = symbols->next + table.sh_size;
        symbols->strings = (const char *)image->bytes + strings.sh_offset;
        symbols->strings_size = (size_t)strings.sh_size;
        return;
    }
}

static bool is_function(const struct rs_elf64_symbols *symbols, const Elf64_Sym *symbol)
{
    const char *name;

    if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || symbol->st_shndx == SHN_UNDEF ||
        symbol->st_name >= symbols->strings_size)
        return false;
    name = symbols->strings + symbol->st_name;
    return *name != '\0' && memchr(name, '\0', symbols->strings_size - symbol->st_name) != NULL;
}

bool rs_elf64_symbols_next(struct rs_elf64_symbols *symbols, struct rs_elf64_symbol *symbol)
{
    Elf64_Sym raw;

    while ((size_t)(symbols->end - symbols->next) >= sizeof(raw)) {
        memcpy(&raw, symbols->next, sizeof(raw));
        symbols->next += sizeof(raw);
        if (!is_function(symbols, &raw))
            continue;
        symbol->name = symbols->strings + raw.st_name;
        symbol->value = raw.st_value;
        symbol->size = raw.st_size;
        return true;
    }
    return false;
}
