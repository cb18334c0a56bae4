/* SPDX-License-Identifier: MIT
 * Symbols by name, and data by address. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

typedef bool (*match_fn)(const void *key, const GElf_Sym *symbol, const char *name);

static void fill(const struct image *image, const GElf_Sym *symbol, const char *name,
                 struct rs_symbol *found)
{
    snprintf(found->text, sizeof(found->text), "%.48s!%.80s", image->name, name);
    rs_symbol_make_printable(found->text);
    found->address = symbol->st_value;
    found->size = symbol->st_size;
}

static bool search(const struct image *image, match_fn match, const void *key,
                   struct rs_symbol *found)
{
    GElf_Shdr header;
    Elf_Scn *section = rs_image_symbol_table(image->elf, &header);
    Elf_Data *data = section ? elf_getdata(section, NULL) : NULL;
    size_t total = data && header.sh_entsize ? header.sh_size / header.sh_entsize : 0;

    for (size_t i = 0; i < total; i++) {
        GElf_Sym symbol;
        const char *name;

        if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx == SHN_UNDEF ||
            GELF_ST_TYPE(symbol.st_info) == STT_FILE)
            continue;
        name = elf_strptr(image->elf, header.sh_link, symbol.st_name);
        if (name && *name && match(key, &symbol, name)) {
            fill(image, &symbol, name, found);
            return true;
        }
    }
    return false;
}

static bool has_name(const void *key, const GElf_Sym *symbol, const char *name)
{
    (void)symbol;
    return strcmp(name, key) == 0;
}

/* A label has no size: it is at its address alone. */
static bool holds(const void *key, const GElf_Sym *symbol, const char *name)
{
    uint64_t address = *(const uint64_t *)key;

    (void)name;
    if (GELF_ST_TYPE(symbol->st_info) == STT_NOTYPE)
        return address == symbol->st_value && symbol->st_shndx != SHN_ABS;
    return GELF_ST_TYPE(symbol->st_info) == STT_OBJECT && address >= symbol->st_value &&
           address - symbol->st_value < symbol->st_size;
}

bool rs_symbols_find(const struct rs_symbols *symbols, const char *name, struct rs_symbol *found)
{
    const char *mark = strchr(name, '!');
    size_t length = mark ? (size_t)(mark - name) : 0;

    for (unsigned i = 0; symbols && i < symbols->count; i++) {
        const struct image *image = &symbols->images[i];

        if (mark && (strlen(image->name) != length || strncmp(image->name, name, length) != 0))
            continue;
        if (search(image, has_name, mark ? mark + 1 : name, found))
            return true;
    }
    return false;
}

bool rs_symbols_object(const struct rs_symbols *symbols, uint64_t address, struct rs_symbol *found)
{
    for (unsigned i = 0; symbols && i < symbols->count; i++)
        if (search(&symbols->images[i], holds, &address, found))
            return true;
    return false;
}
