/* SPDX-License-Identifier: MIT
 * A module in kernel space. The file comes from outside: nothing in it is believed before it is
 * checked. */

#include "ke.h"
#include "mm.h"

#include <elf.h>
#include <rtl.h>

#define MODULE_RIGHTS (PTE_P | PTE_A | PTE_D)

static const Elf64_Phdr *segments_of(const struct rs_boot_module *module, unsigned *count)
{
    const Elf64_Ehdr *header = MmPhysical(module->gpa);

    *count = 0;
    if (module->size < sizeof(*header) || *(const uint32_t *)header->e_ident != 0x464c457f ||
        header->e_type != ET_EXEC || header->e_machine != EM_X86_64 ||
        header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phoff % 8 != 0 ||
        header->e_phoff > module->size ||
        header->e_phnum > (module->size - header->e_phoff) / sizeof(Elf64_Phdr))
        return NULL;
    *count = header->e_phnum;
    return (const Elf64_Phdr *)((const uint8_t *)header + header->e_phoff);
}

static bool is_sound(const struct rs_boot_module *module, const Elf64_Phdr *segment)
{
    return segment->p_vaddr >= RS_GVA_MODULE && segment->p_vaddr % PAGE_SIZE == 0 &&
           segment->p_vaddr - RS_GVA_MODULE < RS_MODULE_MAX &&
           segment->p_memsz <= RS_MODULE_MAX - (segment->p_vaddr - RS_GVA_MODULE) &&
           segment->p_filesz <= segment->p_memsz && segment->p_offset <= module->size &&
           segment->p_filesz <= module->size - segment->p_offset;
}

static uint64_t rights_of(const Elf64_Phdr *segment)
{
    return MODULE_RIGHTS | (segment->p_flags & PF_W ? PTE_W : 0) |
           (segment->p_flags & PF_X ? 0 : PTE_NX);
}

/* A page that two segments claim is an error of the file. */
static NTSTATUS map_segment(const struct rs_boot_module *module, const Elf64_Phdr *segment)
{
    const uint8_t *file = (const uint8_t *)MmPhysical(module->gpa) + segment->p_offset;

    for (uint64_t done = 0; done < segment->p_memsz; done += PAGE_SIZE) {
        uint64_t *pte = MiCreatePte(&PsInitialProcess, segment->p_vaddr + done), frame;
        uint64_t left = done < segment->p_filesz ? segment->p_filesz - done : 0;

        if (pte && *pte)
            return STATUS_INVALID_IMAGE_FORMAT;
        frame = pte ? MiAllocateFrame() : 0;
        if (!frame)
            return STATUS_NO_MEMORY;
        memcpy(MmPhysical(frame), file + done, left < PAGE_SIZE ? left : PAGE_SIZE);
        *pte = frame | rights_of(segment);
    }
    return STATUS_SUCCESS;
}

bool MmIsModule(const struct rs_boot_module *module)
{
    const Elf64_Ehdr *header = MmPhysical(module->gpa);

    return module->size >= sizeof(*header) && header->e_entry >= RS_GVA_MODULE &&
           header->e_entry - RS_GVA_MODULE < RS_MODULE_MAX;
}

NTSTATUS MmLoadModule(const struct rs_boot_module *module)
{
    const struct rs_module_head *head = (const struct rs_module_head *)RS_GVA_MODULE;
    NTSTATUS status = STATUS_INVALID_IMAGE_FORMAT;
    const Elf64_Phdr *segment;
    bool has_head = false;
    unsigned count;

    segment = segments_of(module, &count);
    for (; count > 0; count--, segment++) {
        if (segment->p_type != PT_LOAD)
            continue;
        if (!is_sound(module, segment))
            return STATUS_INVALID_IMAGE_FORMAT;
        has_head |= segment->p_vaddr == RS_GVA_MODULE && segment->p_filesz >= sizeof(*head);
        status = map_segment(module, segment);
        if (!NT_SUCCESS(status))
            return status;
    }
    return has_head && head->magic == RS_MODULE_MAGIC ? status : STATUS_INVALID_IMAGE_FORMAT;
}
