/* SPDX-License-Identifier: MIT
 * A program file as an image in the address space. The file comes from outside: nothing in it is
 * believed before it is checked. */

#include "ke.h"
#include "mm.h"

#include <elf.h>
#include <nt/image.h>
#include <nt/memory.h>
#include <rtl.h>

#define SEGMENTS_MAX 16
#define NOTE_ALIGN 4

struct image {
    const uint8_t *file;
    uint64_t gpa;
    uint64_t size;
};

static bool in_file(const struct image *image, uint64_t offset, uint64_t size)
{
    return offset <= image->size && size <= image->size - offset;
}

static bool is_program(const struct image *image)
{
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)image->file;

    return image->size >= sizeof(*header) && *(const uint32_t *)header->e_ident == 0x464c457f &&
           header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_ident[EI_DATA] == ELFDATA2LSB &&
           header->e_type == ET_EXEC && header->e_machine == EM_X86_64 &&
           header->e_phentsize == sizeof(Elf64_Phdr) && header->e_phnum <= SEGMENTS_MAX &&
           header->e_phoff % 8 == 0 &&
           in_file(image, header->e_phoff, header->e_phnum * sizeof(Elf64_Phdr));
}

/* By p_flags. What is not readable is given the least that the processor can give. */
static const uint8_t segment_protection[8] = {
    [0] = MM_READONLY,
    [PF_R] = MM_READONLY,
    [PF_W] = MM_WRITECOPY,
    [PF_R | PF_W] = MM_WRITECOPY,
    [PF_X] = MM_EXECUTE,
    [PF_R | PF_X] = MM_EXECUTE_READ,
    [PF_W | PF_X] = MM_EXECUTE_WRITECOPY,
    [PF_R | PF_W | PF_X] = MM_EXECUTE_WRITECOPY,
};

static NTSTATUS add_segment(struct kprocess *process, const struct image *image,
                            const Elf64_Phdr *segment)
{
    uint64_t skew = segment->p_vaddr & (PAGE_SIZE - 1);
    uint64_t start = segment->p_vaddr - skew, end;
    struct mm_vad *vad;
    NTSTATUS status;

    if (segment->p_memsz == 0)
        return STATUS_SUCCESS;
    if (start < MM_LOWEST_USER_ADDRESS || start >= RS_GVA_USER_PROBE ||
        segment->p_memsz > RS_GVA_USER_PROBE - segment->p_vaddr ||
        segment->p_filesz > segment->p_memsz ||
        !in_file(image, segment->p_offset, segment->p_filesz) ||
        (segment->p_offset & (PAGE_SIZE - 1)) != skew)
        return STATUS_INVALID_IMAGE_FORMAT;
    end = (segment->p_vaddr + segment->p_memsz + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
    status = MiInsertVad(process, start, end, &vad);
    if (!NT_SUCCESS(status))
        return status;
    vad->Image = vad->Committed = vad->CopyOnWrite = true;
    vad->Protection = segment_protection[segment->p_flags & (PF_R | PF_W | PF_X)];
    vad->AllocationProtect = MiProtectionFlags(vad->Protection);
    vad->FileGpa = image->gpa + segment->p_offset - skew;
    vad->FileSize = segment->p_filesz ? segment->p_filesz + skew : 0;
    if (!MiCharge(process, (end - start) / PAGE_SIZE))
        return STATUS_COMMITMENT_LIMIT;
    if (process->ImageBase == 0 || start < process->ImageBase)
        process->ImageBase = start;
    return STATUS_SUCCESS;
}

static uint64_t note_aligned(uint64_t size)
{
    return (size + NOTE_ALIGN - 1) & ~(uint64_t)(NOTE_ALIGN - 1);
}

static void read_note(struct kprocess *process, uint32_t type, const uint8_t *descriptor)
{
    uint64_t address;

    memcpy(&address, descriptor, sizeof(address));
    if (address >= RS_GVA_USER_PROBE)
        return;
    if (type == NT_NOTE_EXCEPTION_DISPATCHER)
        process->ExceptionDispatcher = address;
    else if (type == NT_NOTE_APC_DISPATCHER)
        process->ApcDispatcher = address;
}

/* Looks for the dispatchers' addresses: image.h. A malformed note ends the search. */
static void read_notes(struct kprocess *process, const struct image *image,
                       const Elf64_Phdr *segment)
{
    uint64_t offset = 0, size = segment->p_filesz;

    if (segment->p_offset % NOTE_ALIGN || !in_file(image, segment->p_offset, size))
        return;
    while (size - offset >= sizeof(Elf64_Nhdr)) {
        const uint8_t *note = image->file + segment->p_offset + offset;
        const Elf64_Nhdr *header = (const Elf64_Nhdr *)note;
        uint64_t name = sizeof(*header), descriptor = name + note_aligned(header->n_namesz);
        uint64_t length = descriptor + note_aligned(header->n_descsz);

        if (length > size - offset)
            return;
        if (header->n_namesz == NT_NOTE_NAME_SIZE && header->n_descsz == sizeof(uint64_t) &&
            memcmp(note + name, NT_NOTE_NAME, NT_NOTE_NAME_SIZE) == 0)
            read_note(process, header->n_type, note + descriptor);
        offset += length;
    }
}

static void set_allocation_base(const struct kprocess *process)
{
    for (struct mm_vad *vad = process->Vads; vad; vad = vad->Next)
        if (vad->Image)
            vad->AllocationBase = process->ImageBase;
}

NTSTATUS MmLoadImage(struct kprocess *process, const struct rs_boot_module *module)
{
    const struct image image = {MmPhysical(module->gpa), module->gpa, module->size};
    const Elf64_Ehdr *header = (const Elf64_Ehdr *)image.file;
    const Elf64_Phdr *segment;

    if (!is_program(&image) || header->e_entry >= RS_GVA_USER_PROBE)
        return STATUS_INVALID_IMAGE_FORMAT;
    segment = (const Elf64_Phdr *)(image.file + header->e_phoff);
    for (unsigned i = 0; i < header->e_phnum; i++, segment++) {
        if (segment->p_type == PT_NOTE)
            read_notes(process, &image, segment);
        if (segment->p_type != PT_LOAD)
            continue;
        NTSTATUS status = add_segment(process, &image, segment);
        if (!NT_SUCCESS(status))
            return status;
    }
    if (process->ImageBase == 0)
        return STATUS_INVALID_IMAGE_FORMAT;
    set_allocation_base(process);
    process->Entry = header->e_entry;
    return STATUS_SUCCESS;
}
