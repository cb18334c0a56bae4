/* SPDX-License-Identifier: MIT
 * What a new process finds beside its image: stack, TEB, PEB and parameters. */

#include "ex.h"
#include "ke.h"
#include "mm.h"

#include <nt/memory.h>
#include <nt/process.h>
#include <rtl.h>

_Static_assert(sizeof(struct process_parameters) + RS_BOOT_COMMAND_LINE_MAX <= PAGE_SIZE,
               "parameters fit one page");

#define STACK_COMMIT 4 /* pages; with the guard page they are in one page table */

_Static_assert((MM_USER_STACK_BASE + MM_USER_STACK_SIZE) % LARGE_PAGE_SIZE == 0 ||
                   (MM_USER_STACK_BASE + MM_USER_STACK_SIZE) % LARGE_PAGE_SIZE >
                       (STACK_COMMIT + 1) * PAGE_SIZE,
               "the top of the stack is in one page table");

static NTSTATUS reserve(struct kprocess *process, uint64_t start, uint64_t size)
{
    struct mm_vad *vad;
    NTSTATUS status = MiInsertVad(process, start, start + size, &vad);

    if (!NT_SUCCESS(status))
        return status;
    vad->Committed = true;
    vad->Protection = MM_READWRITE;
    vad->AllocationProtect = PAGE_READWRITE;
    return MiCharge(process, size / PAGE_SIZE) ? STATUS_SUCCESS : STATUS_COMMITMENT_LIMIT;
}

/* Reserved as a whole; committed are the pages at its top and the guard page below them. */
NTSTATUS MmCreateUserStack(struct kprocess *process, uint64_t start, uint64_t size)
{
    uint64_t *pte = MiCreatePte(process, start + size - (STACK_COMMIT + 1) * PAGE_SIZE);
    struct mm_vad *vad;
    NTSTATUS status = pte ? MiInsertVad(process, start, start + size, &vad) : STATUS_NO_MEMORY;

    if (!NT_SUCCESS(status))
        return status;
    vad->Stack = true;
    vad->Protection = MM_READWRITE;
    vad->AllocationProtect = PAGE_READWRITE;
    *pte++ = MiSoftwarePte(MM_READWRITE | MM_GUARD);
    for (unsigned i = 0; i < STACK_COMMIT; i++)
        *pte++ = MiSoftwarePte(MM_READWRITE);
    return MiCharge(process, STACK_COMMIT + 1) ? STATUS_SUCCESS : STATUS_COMMITMENT_LIMIT;
}

/* A page that is in memory from the start: the kernel writes it before ring 3 can fault on it. */
static void *add_page(uint64_t *pte)
{
    uint64_t frame = MiAllocateFrame();

    if (!frame)
        return NULL;
    MiPfn(frame)->Shares = 1;
    MiPfn(frame)->Modified = true;
    *pte = MiValidPte(frame, MM_READWRITE);
    return MmPhysical(frame);
}

static void fill_parameters(struct process_parameters *parameters, const struct rs_boot_info *boot)
{
    uint32_t size = boot->command_line_size;

    if (size > RS_BOOT_COMMAND_LINE_MAX)
        size = RS_BOOT_COMMAND_LINE_MAX;
    parameters->MaximumLength = parameters->Length = sizeof(*parameters);
    parameters->StandardInput = EX_STDIN_HANDLE;
    parameters->StandardOutput = EX_STDOUT_HANDLE;
    parameters->StandardError = EX_STDERR_HANDLE;
    parameters->CommandLine.Length = parameters->CommandLine.MaximumLength = (uint16_t)size;
    parameters->CommandLine.Buffer = (char *)((struct process_parameters *)MM_USER_PARAMETERS + 1);
    memcpy(parameters + 1, boot->command_line, size);
}

static void fill_teb(struct teb *teb)
{
    const struct kthread *thread = &KiInitialThread;

    teb->StackBase = (void *)(MM_USER_STACK_BASE + MM_USER_STACK_SIZE);
    teb->StackLimit = (void *)(MM_USER_STACK_BASE + MM_USER_STACK_SIZE - STACK_COMMIT * PAGE_SIZE);
    teb->Self = (struct teb *)MM_USER_TEB;
    teb->ClientId = thread->Cid;
    teb->ProcessEnvironmentBlock = (struct peb *)MM_USER_PEB;
}

NTSTATUS MmCreateUserControl(struct kprocess *process, const struct rs_boot_info *boot)
{
    struct process_parameters *parameters;
    struct teb *teb;
    struct peb *peb;
    uint64_t *pte;
    NTSTATUS status = MmCreateUserStack(process, MM_USER_STACK_BASE, MM_USER_STACK_SIZE);

    if (NT_SUCCESS(status))
        status = reserve(process, MM_USER_PARAMETERS, MM_USER_CONTROL_SIZE);
    if (!NT_SUCCESS(status))
        return status;
    pte = MiCreatePte(process, MM_USER_PARAMETERS); /* one table maps all of them */
    if (!pte)
        return STATUS_NO_MEMORY;
    parameters = add_page(pte);
    teb = add_page(pte + (MM_USER_TEB - MM_USER_PARAMETERS) / PAGE_SIZE);
    peb = add_page(pte + (MM_USER_PEB - MM_USER_PARAMETERS) / PAGE_SIZE);
    if (!parameters || !teb || !peb)
        return STATUS_NO_MEMORY;
    fill_parameters(parameters, boot);
    fill_teb(teb);
    peb->ImageBaseAddress = (void *)process->ImageBase;
    peb->ProcessParameters = (struct process_parameters *)MM_USER_PARAMETERS;
    return STATUS_SUCCESS;
}
