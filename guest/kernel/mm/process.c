/* SPDX-License-Identifier: MIT
 * Address spaces, and what a new process finds beside its image: PEB and parameters. */

#include "ex.h"
#include "ke.h"
#include "mm.h"
#include "processor.h"

#include <nt/memory.h>
#include <nt/process.h>
#include <rtl.h>

#define ENTRIES (PAGE_SIZE / 8)
#define USER_ENTRIES (ENTRIES / 2)

_Static_assert(sizeof(struct process_parameters) + RS_BOOT_COMMAND_LINE_MAX <= PAGE_SIZE,
               "parameters fit one page");

/* The upper half of the root is the same everywhere: kernel space is mapped when the kernel is
 * linked. */
NTSTATUS MmCreateAddressSpace(struct kprocess *process)
{
    uint64_t root = MiAllocateFrame(), next, *shared;

    if (!root)
        return STATUS_NO_MEMORY;
    process->DirectoryTableBase = root;
    memcpy((uint64_t *)MmPhysical(root) + USER_ENTRIES, KiPageTables[0] + USER_ENTRIES,
           USER_ENTRIES * sizeof(uint64_t));
    if (!NT_SUCCESS(MiCreateUserRoot(process)))
        return STATUS_NO_MEMORY;
    shared = MiCreatePte(process, RS_GVA_USER_SHARED_DATA);
    if (!shared)
        return STATUS_NO_MEMORY;
    *shared = *MiFindPte(&PsInitialProcess, RS_GVA_USER_SHARED_DATA, &next);
    return STATUS_SUCCESS;
}

/* Its pages are gone: the tables that are left, from the root (level 3) down. */
static void free_tables(uint64_t table, unsigned level)
{
    const uint64_t *entries = MmPhysical(table & PTE_ADDRESS_MASK);
    unsigned count = level == 3 ? USER_ENTRIES : ENTRIES;

    for (unsigned i = 0; level > 0 && i < count; i++)
        if (entries[i] & PTE_P)
            free_tables(entries[i], level - 1);
    MiFreeFrame(table & PTE_ADDRESS_MASK);
}

/* It is in use by nobody, and has no ranges that could not be given back in whole. */
void MmDeleteAddressSpace(struct kprocess *process)
{
    while (process->Vads) {
        struct mm_vad *vad = process->Vads;

        if (vad->Segment)
            MiReleaseVad(process, vad);
        else
            MiReleaseRange(process, vad, vad->Start, vad->End);
    }
    KiUnloadProcess(process);
    if (process->DirectoryTableBase)
        free_tables(process->DirectoryTableBase, 3);
    if (process->UserDirectoryTableBase)
        MiFreeFrame(process->UserDirectoryTableBase);
    process->DirectoryTableBase = process->UserDirectoryTableBase = 0;
}

NTSTATUS MiReserveCommitted(struct kprocess *process, uint64_t start, uint64_t size)
{
    struct mm_vad *vad;
    NTSTATUS status = MiInsertVad(process, start, start + size, &vad);

    if (!NT_SUCCESS(status))
        return status;
    vad->Committed = true;
    vad->Protection = MM_READWRITE;
    vad->AllocationProtect = PAGE_READWRITE;
    if (MiCharge(process, size / PAGE_SIZE))
        return STATUS_SUCCESS;
    vad->Committed = false;
    MiReleaseRange(process, vad, start, start + size);
    return STATUS_COMMITMENT_LIMIT;
}

/* A page that is in memory from the start: the kernel writes it before ring 3 can fault on it. */
void *MiAddPage(uint64_t *pte)
{
    uint64_t frame = pte ? MiAllocateFrame() : 0;

    if (!frame)
        return NULL;
    MiPfn(frame)->Shares = 1;
    MiPfn(frame)->Modified = true;
    *pte = MiValidPte(frame, MM_READWRITE);
    return MmPhysical(frame);
}

static void fill_parameters(struct process_parameters *parameters, const char *command_line,
                            uint32_t size)
{
    parameters->MaximumLength = parameters->Length = sizeof(*parameters);
    parameters->StandardInput = EX_STDIN_HANDLE;
    parameters->StandardOutput = EX_STDOUT_HANDLE;
    parameters->StandardError = EX_STDERR_HANDLE;
    parameters->CommandLine.Length = parameters->CommandLine.MaximumLength = (uint16_t)size;
    parameters->CommandLine.Buffer = (char *)((struct process_parameters *)MM_USER_PARAMETERS + 1);
    memcpy(parameters + 1, command_line, size);
}

NTSTATUS MmCreateUserControl(struct kprocess *process, struct mm_user_control *control)
{
    uint64_t *pte;
    NTSTATUS status = MiReserveCommitted(process, MM_USER_PARAMETERS, PAGE_SIZE);

    if (NT_SUCCESS(status))
        status = MiReserveCommitted(process, MM_USER_PEB, PAGE_SIZE);
    if (!NT_SUCCESS(status))
        return status;
    pte = MiCreatePte(process, MM_USER_PARAMETERS); /* one table maps both */
    if (!pte)
        return STATUS_NO_MEMORY;
    control->parameters = MiAddPage(pte);
    control->peb = MiAddPage(pte + (MM_USER_PEB - MM_USER_PARAMETERS) / PAGE_SIZE);
    if (!control->parameters || !control->peb)
        return STATUS_NO_MEMORY;
    return STATUS_SUCCESS;
}

void MmFillUserControl(struct kprocess *process, const struct mm_user_control *control,
                       const char *command_line, uint32_t size)
{
    fill_parameters(control->parameters, command_line,
                    size < RS_BOOT_COMMAND_LINE_MAX ? size : RS_BOOT_COMMAND_LINE_MAX);
    control->peb->ImageBaseAddress = (void *)process->ImageBase;
    control->peb->ProcessParameters = (struct process_parameters *)MM_USER_PARAMETERS;
}
