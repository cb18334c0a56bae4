/* SPDX-License-Identifier: MIT
 * Symbols: guest addresses as image!function+offset and file:line, by elfutils. */
#include "internal.h"

#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rs_symbols *rs_symbols_new(void)
{
    elf_version(EV_CURRENT);
    return calloc(1, sizeof(struct rs_symbols));
}

static void free_image(struct image *image)
{
    dwarf_end(image->dwarf);
    elf_end(image->elf);
    free(image->functions);
}

void rs_symbols_free(struct rs_symbols *symbols)
{
    for (unsigned i = 0; symbols && i < symbols->count; i++)
        free_image(&symbols->images[i]);
    free(symbols);
}

static int by_start(const void *left, const void *right)
{
    const struct function *a = left, *b = right;

    return a->start < b->start ? -1 : a->start > b->start;
}

Elf_Scn *rs_image_symbol_table(Elf *elf, GElf_Shdr *header)
{
    Elf_Scn *section = NULL;

    while ((section = elf_nextscn(elf, section)) != NULL)
        if (gelf_getshdr(section, header) && header->sh_type == SHT_SYMTAB)
            return section;
    return NULL;
}

/* Functions, and labels of assembly code that have a size. */
static void read_functions(struct image *image)
{
    GElf_Shdr header;
    Elf_Scn *section = rs_image_symbol_table(image->elf, &header);
    Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
    size_t total = data && header.sh_entsize ? header.sh_size / header.sh_entsize : 0;

    image->functions = calloc(total ? total : 1, sizeof(*image->functions));
    for (size_t i = 0; image->functions && i < total; i++) {
        GElf_Sym symbol;
        const char *name;

        if (!gelf_getsym(data, (int)i, &symbol) || GELF_ST_TYPE(symbol.st_info) != STT_FUNC ||
            symbol.st_size == 0 || symbol.st_size > UINT64_MAX - symbol.st_value)
            continue;
        name = elf_strptr(image->elf, header.sh_link, symbol.st_name);
        if (name && *name)
            image->functions[image->count++] =
                (struct function){name, symbol.st_value, symbol.st_value + symbol.st_size};
    }
    if (image->count > 0)
        qsort(image->functions, image->count, sizeof(*image->functions), by_start);
}

int rs_symbols_add(struct rs_symbols *symbols, const struct rs_blob *blob)
{
    const char *slash = strrchr(blob->name, '/');
    struct image image = {.name = slash ? slash + 1 : blob->name};

    if (symbols->count == RS_SYMBOL_IMAGES_MAX)
        return -1;
    /* elfutils takes a writable pointer, and writes only when asked to update the file. */
    image.elf = elf_memory((char *)(uintptr_t)blob->bytes, blob->size);
    if (!image.elf)
        return -1;
    image.dwarf = dwarf_begin_elf(image.elf, DWARF_C_READ, NULL);
    read_functions(&image);
    symbols->images[symbols->count++] = image;
    return 0;
}

/* The last function that begins at or before the address, if it reaches that far. */
static const struct function *find_function(const struct image *image, uint64_t address)
{
    size_t low = 0, high = image->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (image->functions[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || address >= image->functions[low - 1].end)
        return NULL;
    return &image->functions[low - 1];
}

void rs_symbol_make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || (unsigned char)*text > '~')
            *text = '?';
}

bool rs_symbols_format(const struct rs_symbols *symbols, uint64_t address, char *text, size_t size)
{
    for (unsigned i = 0; symbols && i < symbols->count; i++) {
        const struct image *image = &symbols->images[i];
        const struct function *function = find_function(image, address);
        uint64_t offset;

        if (!function)
            continue;
        offset = address - function->start;
        if (offset)
            snprintf(text, size, "%.48s!%.80s+%#" PRIx64, image->name, function->name, offset);
        else
            snprintf(text, size, "%.48s!%.80s", image->name, function->name);
        rs_symbol_make_printable(text);
        return true;
    }
    snprintf(text, size, "%#" PRIx64, address);
    return false;
}

/* The unit that has code at the address. Its index by address is optional, and clang leaves it out:
 * then each unit is asked. */
static bool find_unit(Dwarf *dwarf, uint64_t address, Dwarf_Die *unit)
{
    Dwarf_Off at = 0, next;
    size_t header;

    if (dwarf_addrdie(dwarf, address, unit))
        return true;
    for (; dwarf_nextcu(dwarf, at, &next, &header, NULL, NULL, NULL) == 0; at = next)
        if (dwarf_offdie(dwarf, at + header, unit) && dwarf_haspc(unit, address) > 0)
            return true;
    return false;
}

static bool line_of(const struct image *image, uint64_t address, char *text, size_t size)
{
    const char *path, *slash;
    Dwarf_Line *line;
    Dwarf_Die unit;
    int number;

    if (!image->dwarf || !find_unit(image->dwarf, address, &unit) ||
        (line = dwarf_getsrc_die(&unit, address)) == NULL ||
        (path = dwarf_linesrc(line, NULL, NULL)) == NULL || dwarf_lineno(line, &number) != 0)
        return false;
    slash = strrchr(path, '/');
    snprintf(text, size, "%.100s:%d", slash ? slash + 1 : path, number);
    rs_symbol_make_printable(text);
    return true;
}

bool rs_symbols_line(const struct rs_symbols *symbols, uint64_t address, char *text, size_t size)
{
    for (unsigned i = 0; symbols && i < symbols->count; i++)
        if (find_function(&symbols->images[i], address) &&
            line_of(&symbols->images[i], address, text, size))
            return true;
    text[0] = '\0';
    return false;
}
