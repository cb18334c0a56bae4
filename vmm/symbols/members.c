/* SPDX-License-Identifier: MIT
 * The members of structures, from debug information. */
#include "internal.h"

#include <dwarf.h>
#include <string.h>

/* Forward only: a damaged file cannot lead in circles. */
static bool next_sibling(Dwarf_Die *die)
{
    Dwarf_Off at = dwarf_dieoffset(die);

    return dwarf_siblingof(die, die) == 0 && dwarf_dieoffset(die) > at;
}

static uint64_t size_of(Dwarf_Die *member)
{
    Dwarf_Attribute attribute;
    Dwarf_Die type;
    Dwarf_Word size;

    if (!dwarf_attr_integrate(member, DW_AT_type, &attribute) ||
        !dwarf_formref_die(&attribute, &type) || dwarf_aggregate_size(&type, &size) != 0)
        return 0;
    return size;
}

static unsigned each_member(Dwarf_Die *structure, rs_member_fn function, void *context)
{
    unsigned count = 0;
    Dwarf_Die member;

    if (dwarf_child(structure, &member) != 0)
        return 0;
    do {
        Dwarf_Attribute attribute;
        const char *name = dwarf_diename(&member);
        Dwarf_Word offset;

        if (dwarf_tag(&member) != DW_TAG_member || !name ||
            !dwarf_attr(&member, DW_AT_data_member_location, &attribute) ||
            dwarf_formudata(&attribute, &offset) != 0)
            continue;
        function(context, name, offset, size_of(&member));
        count++;
    } while (next_sibling(&member));
    return count;
}

/* Structures are named at the top of a unit. */
static unsigned search_unit(Dwarf_Die *unit, const char *type, rs_member_fn function, void *context)
{
    Dwarf_Die die;

    if (dwarf_child(unit, &die) != 0)
        return 0;
    do {
        const char *name = dwarf_diename(&die);

        if (dwarf_tag(&die) == DW_TAG_structure_type && name && strcmp(name, type) == 0 &&
            !dwarf_hasattr(&die, DW_AT_declaration))
            return each_member(&die, function, context);
    } while (next_sibling(&die));
    return 0;
}

static unsigned search_image(const struct image *image, const char *type, rs_member_fn function,
                             void *context)
{
    Dwarf_Off offset = 0, next;
    size_t header;
    unsigned count = 0;

    while (image->dwarf && count == 0 &&
           dwarf_nextcu(image->dwarf, offset, &next, &header, NULL, NULL, NULL) == 0) {
        Dwarf_Die unit;

        if (dwarf_offdie(image->dwarf, offset + header, &unit))
            count = search_unit(&unit, type, function, context);
        if (next <= offset)
            break;
        offset = next;
    }
    return count;
}

unsigned rs_symbols_members(const struct rs_symbols *symbols, const char *type,
                            rs_member_fn function, void *context)
{
    unsigned count = 0;

    for (unsigned i = 0; symbols && count == 0 && i < symbols->count; i++)
        count = search_image(&symbols->images[i], type, function, context);
    return count;
}
