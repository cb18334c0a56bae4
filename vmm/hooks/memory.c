/* SPDX-License-Identifier: MIT
 * Guest memory as the hooks see it: through the CR3 of this exit. */
#include "internal.h"

#include <ringscope/x86/cpu.h>

/* Pages that are next to each other, and a stack that is not far from them, get places of their
 * own. Two pages of one place only cost a walk each. */
static struct rs_kept_page *place_of(struct rs_hooks *hooks, uint64_t page)
{
    uint64_t number = page >> PAGE_SHIFT;

    return &hooks->pages[(number ^ number >> 4 ^ number >> 9) % RS_HOOKS_PAGES];
}

/* A translation is checked once per exit: the guest may change its tables, the VMM does not. */
static const struct rs_translation *find_page(struct rs_hooks *hooks, uint64_t page)
{
    struct rs_kept_page *kept = place_of(hooks, page);
    struct rs_translation *translation = &kept->translation;
    uint64_t cr3 = rs_vcpu_sregs(hooks->vcpu)->cr3;
    bool known = translation->host && translation->page == page;

    if (known && kept->exit_number == hooks->exit_number)
        return translation;
    if (!(known && rs_translation_holds(translation, cr3)) &&
        rs_translate(&hooks->vm->memory, cr3, page, translation) != 0)
        return NULL;
    kept->exit_number = hooks->exit_number;
    return translation;
}

int rs_hooks_read(struct rs_hooks *hooks, uint64_t gva, void *buffer, size_t size)
{
    uint64_t offset = gva & (PAGE_SIZE - 1);
    const struct rs_translation *page;

    if (size > PAGE_SIZE - offset)
        return rs_memory_read_virtual(&hooks->vm->memory, rs_vcpu_sregs(hooks->vcpu)->cr3, gva,
                                      buffer, size);
    page = find_page(hooks, gva - offset);
    if (!page)
        return -1;
    rs_translation_read(page, offset, buffer, size);
    return 0;
}

int rs_hooks_write(struct rs_hooks *hooks, uint64_t gva, const void *buffer, size_t size)
{
    return rs_memory_write_virtual(&hooks->vm->memory, rs_vcpu_sregs(hooks->vcpu)->cr3, gva, buffer,
                                   size);
}
