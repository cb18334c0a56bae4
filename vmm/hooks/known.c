/* SPDX-License-Identifier: MIT
 * What the model read, kept and compared. */
#include "internal.h"

#include <string.h>

static bool same_registers(const struct rs_mark_registers *known, const struct kvm_sregs *now)
{
    return ((known->cr0 ^ now->cr0) | (known->cr4 ^ now->cr4) | (known->efer ^ now->efer) |
            (known->gdt_base ^ now->gdt.base) | (known->idt_base ^ now->idt.base) |
            (known->tr_base ^ now->tr.base) | (known->gdt_limit ^ now->gdt.limit) |
            (known->idt_limit ^ now->idt.limit) | (known->tr_limit ^ now->tr.limit) |
            (known->tr_selector ^ now->tr.selector)) == 0;
}

bool rs_known_tables_hold(struct rs_hooks *hooks, const struct rs_known_tables *tables)
{
    if (tables->memory_version != hooks->marks.memory_version ||
        !same_registers(&tables->registers, rs_vcpu_sregs(hooks->vcpu)))
        return false;
    for (unsigned i = 0; i < tables->read_count; i++) {
        uint64_t value;

        if (rs_hooks_read(hooks, tables->reads[i].gva, &value, sizeof(value)) != 0 ||
            value != tables->reads[i].value)
            return false;
    }
    return true;
}

int rs_known_read(void *context, uint64_t gva, void *buffer, size_t size)
{
    struct rs_known_reader *reader = context;
    struct rs_known_tables *tables = &reader->tables;

    if (rs_gates_model_read(reader->hooks, gva, buffer, size) != 0)
        return -1;
    if (size != sizeof(uint64_t)) /* gates and frames, which are compared as they are */
        return 0;
    if (tables->read_count == RS_KNOWN_READS) {
        reader->too_many = true;
        return 0;
    }
    tables->reads[tables->read_count].gva = gva;
    memcpy(&tables->reads[tables->read_count++].value, buffer, size);
    return 0;
}

bool rs_known_tables_keep(struct rs_known_reader *reader)
{
    reader->tables.memory_version = reader->hooks->marks.memory_version;
    reader->tables.registers = rs_marks_registers(reader->hooks->vcpu);
    return !reader->too_many;
}
