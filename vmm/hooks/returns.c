/* SPDX-License-Identifier: MIT
 * Where a kernel's return instructions are, by Zydis. */
#include "returns.h"

#include "loader/elf64.h"

#include <Zydis/Zydis.h>
#include <stdbool.h>
#include <string.h>

struct search {
    const struct rs_elf64_image *image;
    ZydisDecoder decoder;
    struct rs_return_site *sites;
    size_t max, count;
};

static bool known(const struct search *search, uint64_t gva)
{
    for (size_t i = 0; i < search->count && i < search->max; i++)
        if (search->sites[i].gva == gva)
            return true;
    return false;
}

static void add(struct search *search, const ZydisDecodedInstruction *instruction, uint64_t gva,
                uint64_t gpa, const uint8_t *bytes)
{
    bool wide = instruction->attributes & ZYDIS_ATTRIB_HAS_REX && instruction->raw.rex.W;
    bool sysret = instruction->mnemonic == ZYDIS_MNEMONIC_SYSRET && wide;

    if ((!sysret && instruction->mnemonic != ZYDIS_MNEMONIC_IRETQ) || known(search, gva))
        return;
    if (search->count < search->max) {
        struct rs_return_site *site = &search->sites[search->count];

        *site = (struct rs_return_site){
            .gva = gva,
            .gpa = gpa,
            .kind = sysret ? RS_RETURN_SYSRETQ : RS_RETURN_IRETQ,
            .length = instruction->length,
        };
        memcpy(site->bytes, bytes, instruction->length);
    }
    search->count++;
}

/* [gva, gva + size) lies in the file part of `segment`. */
static void sweep(struct search *search, const struct rs_elf64_segment *segment, uint64_t gva,
                  uint64_t size)
{
    uint64_t offset = gva - segment->vaddr;
    const uint8_t *bytes = search->image->bytes + segment->file_offset + offset;

    for (uint64_t at = 0; at < size;) {
        ZydisDecodedInstruction instruction;

        if (!ZYAN_SUCCESS(ZydisDecoderDecodeInstruction(&search->decoder, NULL, bytes + at,
                                                        size - at, &instruction))) {
            at++;
            continue;
        }
        add(search, &instruction, gva + at, segment->paddr + offset + at, bytes + at);
        at += instruction.length;
    }
}

static const struct rs_elf64_segment *code_segment(const struct rs_elf64_image *image, uint64_t gva)
{
    for (uint32_t i = 0; i < image->segment_count; i++) {
        const struct rs_elf64_segment *segment = &image->segments[i];

        if ((segment->flags & RS_ELF64_X) && gva >= segment->vaddr &&
            gva - segment->vaddr < segment->file_size)
            return segment;
    }
    return NULL;
}

static bool sweep_functions(struct search *search)
{
    struct rs_elf64_symbols symbols;
    struct rs_elf64_symbol symbol;
    bool any = false;

    rs_elf64_symbols_begin(search->image, &symbols);
    while (rs_elf64_symbols_next(&symbols, &symbol)) {
        const struct rs_elf64_segment *segment = code_segment(search->image, symbol.value);
        uint64_t room;

        if (!segment || symbol.size == 0)
            continue;
        room = segment->file_size - (symbol.value - segment->vaddr);
        sweep(search, segment, symbol.value, symbol.size < room ? symbol.size : room);
        any = true;
    }
    return any;
}

size_t rs_insn_find_returns(const struct rs_elf64_image *image, struct rs_return_site *sites,
                            size_t max)
{
    struct search search = {.image = image, .sites = sites, .max = max};

    ZydisDecoderInit(&search.decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    if (!sweep_functions(&search))
        for (uint32_t i = 0; i < image->segment_count; i++)
            if (image->segments[i].flags & RS_ELF64_X)
                sweep(&search, &image->segments[i], image->segments[i].vaddr,
                      image->segments[i].file_size);
    return search.count;
}
