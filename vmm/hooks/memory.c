/* SPDX-License-Identifier: MIT
 * Guest memory as the hooks see it: through the CR3 of this exit. */
#include "internal.h"

#include <ringscope/x86/cpu.h>

/* The translation is checked once per exit: the guest may change its tables between exits, nobody
 * during one. */
int rs_hooks_read_checked(struct rs_hooks *hooks, struct rs_kept_page *kept, uint64_t gva,
                          void *buffer, size_t size)
{
    uint64_t offset = gva & (PAGE_SIZE - 1), page = gva - offset;
    uint64_t cr3 = rs_vcpu_sregs(hooks->vcpu)->cr3;
    struct rs_translation *translation = &kept->translation;

    if (size > PAGE_SIZE - offset)
        return rs_memory_read_virtual(&hooks->set->vm->memory, cr3, gva, buffer, size);
    if (!translation->host || translation->page != page ||
        !rs_translation_holds(translation, cr3)) {
        kept->exit_number = 0;
        if (rs_translate(&hooks->set->vm->memory, cr3, page, translation) != 0)
            return -1;
    }
    kept->exit_number = hooks->exit_number;
    rs_translation_read(translation, offset, buffer, size);
    return 0;
}

int rs_hooks_write(struct rs_hooks *hooks, uint64_t gva, const void *buffer, size_t size)
{
    return rs_memory_write_virtual(&hooks->set->vm->memory, rs_vcpu_sregs(hooks->vcpu)->cr3, gva,
                                   buffer, size);
}
