/* SPDX-License-Identifier: MIT
 * The return instructions of a kernel of which nothing is known: found by following its handlers
 * from their gates on. */
#include "internal.h"

#include <Zydis/Zydis.h>
#include <string.h>

/* Instructions that are followed from a handler's first one: entry stubs are short, and what they
 * call returns to them. */
#define FOLLOWED_MAX 256

/* What comes after an instruction when no condition holds and every call returns. */
enum next {
    NEXT_FOLLOWS,
    NEXT_ELSEWHERE, /* *rip was changed */
    NEXT_UNKNOWN,
    NEXT_RETURNS
};

static enum next look_at(const ZydisDecodedInstruction *instruction,
                         const ZydisDecodedOperand *operands, uint64_t *rip,
                         enum rs_return_kind *kind)
{
    ZyanU64 target;

    switch (instruction->mnemonic) {
    case ZYDIS_MNEMONIC_IRETQ:
        *kind = RS_RETURN_IRETQ;
        return NEXT_RETURNS;
    case ZYDIS_MNEMONIC_SYSRET:
        *kind = RS_RETURN_SYSRETQ;
        return (instruction->attributes & ZYDIS_ATTRIB_HAS_REX) && instruction->raw.rex.W
                   ? NEXT_RETURNS
                   : NEXT_UNKNOWN;
    case ZYDIS_MNEMONIC_JMP:
        if (operands[0].type != ZYDIS_OPERAND_TYPE_IMMEDIATE ||
            !ZYAN_SUCCESS(ZydisCalcAbsoluteAddress(instruction, &operands[0], *rip, &target)))
            return NEXT_UNKNOWN;
        *rip = target;
        return NEXT_ELSEWHERE;
    case ZYDIS_MNEMONIC_RET:
    case ZYDIS_MNEMONIC_IRET:
    case ZYDIS_MNEMONIC_IRETD:
    case ZYDIS_MNEMONIC_HLT:
    case ZYDIS_MNEMONIC_UD2:
        return NEXT_UNKNOWN;
    default:
        return NEXT_FOLLOWS;
    }
}

/* As many bytes as there are, one instruction at most. */
static size_t fetch(struct rs_hooks *hooks, uint64_t rip, uint8_t bytes[RS_INSN_MAX])
{
    uint64_t in_page = PAGE_SIZE - (rip & (PAGE_SIZE - 1));
    size_t size = in_page < RS_INSN_MAX ? (size_t)in_page : RS_INSN_MAX;

    if (rs_hooks_read(hooks, rip, bytes, RS_INSN_MAX) == 0)
        return RS_INSN_MAX;
    return rs_hooks_read(hooks, rip, bytes, size) == 0 ? size : 0;
}

static void add_site(struct rs_hooks *hooks, const struct rs_return_site *site)
{
    struct rs_hook_set *set = hooks->set;
    struct rs_return_site found = *site;
    uint64_t rights;

    for (size_t i = 0; i < set->site_count; i++)
        if (set->sites[i].gva == site->gva)
            return;
    if (set->site_count == RS_SITES_MAX ||
        rs_memory_walk(&set->vm->memory, rs_vcpu_sregs(hooks->vcpu)->cr3, site->gva, &found.gpa,
                       &rights) != 0 ||
        rs_window_put_pristine(set, (unsigned)set->site_count, found.bytes, found.length) != 0)
        return;
    set->sites[set->site_count] = found;
    rs_sites_added(set, set->site_count++);
}

/* A site that is patched already is one that is known. */
void rs_handlers_find_return(struct rs_hooks *hooks, uint64_t rip)
{
    ZydisDecoder decoder;

    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    for (unsigned i = 0; i < FOLLOWED_MAX; i++) {
        ZydisDecodedInstruction instruction;
        ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
        struct rs_return_site site = {.gva = rip};
        size_t size = fetch(hooks, rip, site.bytes);

        if (!ZYAN_SUCCESS(
                ZydisDecoderDecodeFull(&decoder, site.bytes, size, &instruction, operands)))
            return;
        switch (look_at(&instruction, operands, &rip, &site.kind)) {
        case NEXT_FOLLOWS:
            rip += instruction.length;
            break;
        case NEXT_ELSEWHERE:
            break;
        case NEXT_RETURNS:
            site.length = instruction.length;
            add_site(hooks, &site);
            return;
        default:
            return;
        }
    }
}
