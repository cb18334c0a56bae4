/* SPDX-License-Identifier: MIT
 * The gate window: addresses that are mapped executable, with no memory behind them or one
 * instruction that leaves the guest. */
#include "internal.h"

#include <ringscope/layout.h>
#include <string.h>

/*
 * The hook RAM (RS_GPA_HOOK_RAM) is the VMM's own. Its pages: PDPT, PD, PT of the window, the page
 * with pristine copies of instructions, and pages with an OUT or an INT3 in each slot. The guest's
 * roots get one PML4 entry, in a slot of the upper half that the guest leaves free.
 */
enum {
    HOOK_PDPT,
    HOOK_PD,
    HOOK_PT,
    HOOK_PRISTINE,
    HOOK_OUT,
    HOOK_INT3
};

#define PML4_SLOTS 512
#define PML4_UPPER_HALF 256
#define TABLE_RIGHTS (PTE_P | PTE_W | PTE_U | PTE_A)

static uint64_t hook_page(unsigned page)
{
    return RS_GPA_HOOK_RAM + page * PAGE_SIZE;
}

static uint64_t pml4_entry(void)
{
    return hook_page(HOOK_PDPT) | TABLE_RIGHTS;
}

static int put(struct rs_hook_set *set, uint64_t gpa, uint64_t entry)
{
    return rs_memory_write(&set->vm->memory, gpa, &entry, sizeof(entry));
}

/* What a gate finds at its address in the window. */
static uint64_t page_behind(const struct rs_hook_set *set, enum rs_hook_place place,
                            enum rs_window_page page)
{
    switch (rs_hook_kind_of(&set->config.kinds, place)) {
    case RS_HOOK_SITE:
        return hook_page(HOOK_OUT);
    case RS_HOOK_INT3:
        return hook_page(HOOK_INT3);
    default:
        return RS_GPA_GATE_WINDOW + page * PAGE_SIZE;
    }
}

static int build_instructions(struct rs_hook_set *set)
{
    static const uint8_t out[RS_OUT_SIZE] = {RS_OPCODE_OUT, RS_PORT_SITE};
    uint8_t page[PAGE_SIZE];

    memset(page, RS_OPCODE_INT3, sizeof(page));
    if (rs_memory_write(&set->vm->memory, hook_page(HOOK_INT3), page, sizeof(page)) != 0)
        return -1;
    for (unsigned at = 0; at < PAGE_SIZE; at += RS_GATE_STRIDE)
        memcpy(page + at, out, sizeof(out));
    return rs_memory_write(&set->vm->memory, hook_page(HOOK_OUT), page, sizeof(page));
}

/* A host whose SYSCALL stays in ring 3 fetches the handler there: that gate needs U. Elsewhere
 * ring 3 must not reach any gate. */
static int build_tables(struct rs_hook_set *set)
{
    uint64_t syscall_rights = set->config.needs & RS_NEED_SYSCALL ? PTE_U : 0;

    return build_instructions(set) ||
           put(set, hook_page(HOOK_PDPT), hook_page(HOOK_PD) | TABLE_RIGHTS) ||
           put(set, hook_page(HOOK_PD), hook_page(HOOK_PT) | TABLE_RIGHTS) ||
           put(set, hook_page(HOOK_PT) + RS_WINDOW_IDT * 8,
               page_behind(set, RS_PLACE_GATES, RS_WINDOW_IDT) | PTE_P | PTE_A) ||
           put(set, hook_page(HOOK_PT) + RS_WINDOW_SYSCALL * 8,
               page_behind(set, RS_PLACE_SYSCALL, RS_WINDOW_SYSCALL) | PTE_P | PTE_A |
                   syscall_rights) ||
           put(set, hook_page(HOOK_PT) + RS_WINDOW_PRISTINE * 8,
               hook_page(HOOK_PRISTINE) | PTE_P | PTE_A);
}

static uint64_t slot_gva(unsigned slot)
{
    return (uint64_t)((int64_t)((uint64_t)slot << 39 << 16) >> 16);
}

/* The highest slot that this root leaves free. */
static int choose_slot(struct rs_hook_set *set, uint64_t root)
{
    for (unsigned slot = PML4_SLOTS - 1; slot >= PML4_UPPER_HALF; slot--) {
        uint64_t entry;

        if (rs_memory_read(&set->vm->memory, root + slot * 8, &entry, 8) != 0)
            return -1;
        if (entry == 0) {
            set->window_gva = slot_gva(slot);
            return build_tables(set) == 0 ? 0 : -1;
        }
    }
    rs_hooks_cannot(set, RS_UNHOOKABLE_SLOT);
    return -1;
}

static int add_to_root(struct rs_hook_set *set, uint64_t root)
{
    uint64_t slot_gpa, entry;

    if (set->window_gva == 0 && choose_slot(set, root) != 0)
        return -1;
    slot_gpa = root + ((set->window_gva >> 39) & 511) * 8;
    if (rs_memory_read(&set->vm->memory, slot_gpa, &entry, 8) != 0 ||
        (entry != 0 && (entry & PTE_ADDRESS_MASK) != hook_page(HOOK_PDPT))) {
        rs_hooks_cannot(set, RS_UNHOOKABLE_SLOT);
        return -1;
    }
    return put(set, slot_gpa, pml4_entry());
}

int rs_window_ensure(struct rs_hooks *hooks)
{
    const struct kvm_sregs *sregs = rs_vcpu_sregs(hooks->vcpu);
    uint64_t cr3 = sregs->cr3;
    int result;

    if (hooks->window_gva != 0 && hooks->window_cr3 == cr3)
        return 0;
    /* A processor that has just been started; a root with a level more. */
    if (!(sregs->efer & EFER_LMA) || (sregs->cr4 & CR4_LA57))
        return -1;
    rs_hooks_lock(hooks->set);
    result = add_to_root(hooks->set, cr3 & PTE_ADDRESS_MASK);
    if (result == 0)
        hooks->window_gva = hooks->set->window_gva;
    rs_hooks_unlock(hooks->set);
    if (result == 0)
        hooks->window_cr3 = cr3;
    return result;
}

bool rs_window_contains(const struct rs_hooks *hooks, uint64_t gva, enum rs_window_page *page,
                        unsigned *slot)
{
    uint64_t offset = gva - hooks->window_gva;

    if (hooks->window_gva == 0 || offset >= RS_WINDOW_PAGES * PAGE_SIZE)
        return false;
    *page = (enum rs_window_page)(offset / PAGE_SIZE);
    *slot = (unsigned)(offset % PAGE_SIZE / RS_GATE_STRIDE);
    return offset % RS_GATE_STRIDE == 0;
}

uint64_t rs_window_address(const struct rs_hooks *hooks, enum rs_window_page page, unsigned slot)
{
    return hooks->window_gva + (uint64_t)page * PAGE_SIZE + (uint64_t)slot * RS_GATE_STRIDE;
}

uint64_t rs_window_gate(const struct rs_hook_set *set, unsigned vector)
{
    return set->window_gva + RS_WINDOW_IDT * PAGE_SIZE + (uint64_t)vector * RS_GATE_STRIDE;
}

int rs_window_put_pristine(struct rs_hook_set *set, unsigned slot, const uint8_t *bytes,
                           size_t size)
{
    return rs_memory_write(&set->vm->memory,
                           hook_page(HOOK_PRISTINE) + (uint64_t)slot * RS_GATE_STRIDE, bytes, size);
}
