/* SPDX-License-Identifier: MIT
 * Paging-structure entries of 4-level paging. */
#include "decode/internal.h"
#include "decode/tables.h"

#include <stdio.h>
#include <string.h>

const char *const rs_pte_level_names[RS_PTE_LEVEL_COUNT] = {
    [RS_PTE_LEVEL_PTE] = "pte",
    [RS_PTE_LEVEL_PDE] = "pde",
    [RS_PTE_LEVEL_PDPTE] = "pdpte",
    [RS_PTE_LEVEL_PML4E] = "pml4e",
};

#define ADDRESS_TOP 51 /* MAXPHYADDR - 1 at most */

static const struct {
    uint64_t mask;
    const char *name;
    unsigned where;
    const char *meaning;
} fields[] = {
#define F(name, label, where, meaning) {PTE_##name, label, where, meaning},
    RS_PTE_FIELDS(F)
#undef F
};

static unsigned kind_of(uint64_t entry, enum rs_pte_level level)
{
    if (level == RS_PTE_LEVEL_PTE)
        return RS_PTE_IN_PAGE;
    return rs_pte_is_page(entry, level) ? RS_PTE_IN_LARGE : RS_PTE_IN_TABLE;
}

bool rs_pte_is_page(uint64_t entry, enum rs_pte_level level)
{
    return level == RS_PTE_LEVEL_PTE || (level < RS_PTE_LEVEL_PML4E && (entry & PTE_PS));
}

static unsigned shift_of(enum rs_pte_level level)
{
    static const unsigned shifts[RS_PTE_LEVEL_COUNT] = {PAGE_SHIFT, LARGE_PAGE_SHIFT,
                                                        HUGE_PAGE_SHIFT, 39};

    return level < RS_PTE_LEVEL_COUNT ? shifts[level] : PAGE_SHIFT;
}

uint64_t rs_pte_page_size(enum rs_pte_level level)
{
    return UINT64_C(1) << shift_of(level);
}

uint64_t rs_pte_address(uint64_t entry, enum rs_pte_level level)
{
    uint64_t mask = rs_pte_is_page(entry, level) ? ~(rs_pte_page_size(level) - 1) : UINT64_MAX;

    return entry & PTE_ADDRESS_MASK & mask;
}

static void add_field(struct rs_decoded *decoded, unsigned index, uint64_t entry)
{
    unsigned low = (unsigned)__builtin_ctzll(fields[index].mask);
    unsigned high = 63 - (unsigned)__builtin_clzll(fields[index].mask);
    char bits[16];

    if (high == low)
        snprintf(bits, sizeof(bits), "%u", low);
    else
        snprintf(bits, sizeof(bits), "%u:%u", high, low);
    rs_field_mean(rs_decoded_add(decoded, bits, fields[index].name, rs_bits(entry, high, low)),
                  "%s", fields[index].meaning);
}

static void add_reserved(struct rs_decoded *decoded, const char *bits, uint64_t value)
{
    if (value)
        rs_field_wrong(rs_decoded_add(decoded, bits, "reserved", value),
                       "must be 0: #PF with RSVD when it is used");
}

/* Where the address ends, and what lies below it. */
static void add_address(struct rs_decoded *decoded, uint64_t entry, enum rs_pte_level level)
{
    bool page = rs_pte_is_page(entry, level);
    unsigned low = page ? shift_of(level) : PAGE_SHIFT;
    char bits[16];

    snprintf(bits, sizeof(bits), "%d:%u", ADDRESS_TOP, low);
    rs_field_mean(
        rs_decoded_add(decoded, bits, page ? "page" : "table", rs_pte_address(entry, level)),
        page ? "guest-physical address" : "guest-physical address of the next table");
    if (page && level != RS_PTE_LEVEL_PTE) {
        snprintf(bits, sizeof(bits), "%u:13", low - 1);
        add_reserved(decoded, bits, rs_bits(entry, low - 1, 13));
    }
    if (level == RS_PTE_LEVEL_PML4E)
        add_reserved(decoded, "7", rs_bits(entry, 7, 7));
}

/* Between the low flags and the high ones. */
static void add_middle(struct rs_decoded *decoded, uint64_t entry, enum rs_pte_level level)
{
    add_address(decoded, entry, level);
    rs_field_mean(rs_decoded_add(decoded, "58:52", "ignored", rs_bits(entry, 58, 52)),
                  "for software");
}

size_t rs_decode_pte_flags(uint64_t entry, enum rs_pte_level level, char *buffer, size_t size)
{
    unsigned kind = kind_of(entry, level);
    size_t used = 0;

    if (size > 0)
        buffer[0] = '\0';
    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if ((fields[i].where & kind) && (entry & fields[i].mask))
            rs_append(buffer, size, &used, "%s%s", used ? " " : "", fields[i].name);
    return used;
}

static void size_text(uint64_t entry, enum rs_pte_level level, char *text, size_t size)
{
    static const char *const sizes[] = {"4 KiB", "2 MiB", "1 GiB"};

    if (rs_pte_is_page(entry, level))
        snprintf(text, size, "%s page", sizes[level]);
    else
        snprintf(text, size, "table");
}

void rs_decode_pte(const struct rs_decode_input *input, struct rs_decoded *decoded)
{
    uint64_t entry = input->words[0];
    enum rs_pte_level level = input->level < RS_PTE_LEVEL_COUNT ? input->level : RS_PTE_LEVEL_PTE;
    char what[16], flags[96];

    decoded->count = 0;
    if (!(entry & PTE_P)) {
        add_field(decoded, 0, entry);
        rs_field_mean(rs_decoded_add(decoded, "63:1", "software", entry >> 1),
                      "not the processor's: a use raises #PF");
        rs_decoded_summary(decoded, "%s, not present", rs_pte_level_names[level]);
        return;
    }
    for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (fields[i].mask == PTE_PAT_LARGE)
            rs_field_mean(rs_decoded_add(decoded, "11:9", "ignored", rs_bits(entry, 11, 9)),
                          "for software; 11: restart of ordinary paging under HLAT");
        if (fields[i].mask == PTE_PK)
            add_middle(decoded, entry, level);
        if (fields[i].where & kind_of(entry, level))
            add_field(decoded, i, entry);
    }
    size_text(entry, level, what, sizeof(what));
    rs_decode_pte_flags(entry, level, flags, sizeof(flags));
    rs_decoded_summary(decoded, "%s, %s at %#llx: %s", rs_pte_level_names[level], what,
                       (unsigned long long)rs_pte_address(entry, level), flags);
}
