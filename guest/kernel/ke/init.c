/* SPDX-License-Identifier: MIT
 * From the first C instruction to the first one in ring 3. */

#include "cpu.h"
#include "ke.h"
#include "mm.h"
#include "processor.h"
#include "scheduler.h"

#include <nt/process.h>

const struct rs_boot_info *KeBootInfo;

_Static_assert(sizeof(struct kpcr) == KPCR_SHADOW + PAGE_SIZE, "whole pages");

struct kpcr KiInitialPcr = {
    .GdtBase = KiGdt,
    .TssBase = KiTss,
    .Self = &KiInitialPcr,
    .CurrentPrcb = (uint8_t *)&KiInitialPcr + KPCR_PRCB,
    .IdtBase = KiIdt,
    .MxCsr = 0x1f80,
    .CurrentThread = &KiInitialThread,
    .IdleThread = &KiIdleThread,
    .FxOwner = &KiInitialThread,
    .RspBase = KiKernelStack + KERNEL_STACK_SIZE,
    .IstStacks = KiIstStacks,
    .LoadedProcess = &PsInitialProcess,
};

/*
 * RFLAGS that SYSCALL clears: TF, IF, DF, NT. SYSRET adds 16 and 8 to STAR[63:48]; SYSCALL adds
 * 8 to STAR[47:32].
 */
void KiEnableSystemCalls(void)
{
    uint64_t efer = KiReadMsr(MSR_EFER);

    KiWriteMsr(MSR_STAR,
               (uint64_t)(KGDT64_R3_CMCODE | RPL_MASK) << 48 | (uint64_t)KGDT64_R0_CODE << 32);
    KiWriteMsr(MSR_LSTAR, (uint64_t)(KiKvaShadow ? KiSystemCall64Shadow : KiSystemCall64));
    KiWriteMsr(MSR_CSTAR, (uint64_t)(KiKvaShadow ? KiSystemCall32Shadow : KiSystemCall32));
    KiWriteMsr(MSR_FMASK, RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_NT);
    KiWriteMsr(MSR_EFER, efer | EFER_SCE);
}

/* As if it had been switched away from at its first instruction: what KiSwapContext pops. */
static void prepare_idle_thread(void)
{
    uint64_t *stack = (uint64_t *)KiIdleThread.InitialStack - 2;

    *stack = (uint64_t)KiIdleLoop;
    KiIdleThread.KernelStack = stack - 6;
}

static _Noreturn void start_program(const struct kprocess *process)
{
    KiWriteMsr(MSR_KERNEL_GS_BASE, MM_USER_TEB); /* exchanged on the way out */
    /* At entry RSP is 8 below a multiple of 16, as after a call. */
    KiStartUserThread(KiUserTrapFrame(&KiInitialThread), process->Entry,
                      MM_USER_STACK_BASE + MM_USER_STACK_SIZE - 0x28);
}

static void tell_ready(const struct rs_boot_info *boot, uint32_t what)
{
    if (boot->flags & RS_BOOT_READY)
        KiOut32(RS_PORT_READY, what);
}

/* What does not depend on the program comes first: a snapshot at the mark has it. */
static NTSTATUS create_first_process(const struct rs_boot_info *boot)
{
    struct kprocess *process = &PsInitialProcess;
    struct mm_user_control control;
    NTSTATUS status = MmCreateUserControl(process, &control);

    if (NT_SUCCESS(status))
        status = MmCreateThreadMemory(&KiInitialThread, true, 0);
    if (NT_SUCCESS(status) && (boot->flags & RS_BOOT_RESIDENT))
        status = MmMakeStackResident(&KiInitialThread);
    if (!NT_SUCCESS(status))
        return status;
    tell_ready(boot, RS_READY_KERNEL);
    if (MmIsModule(&boot->modules[boot->program]))
        return MmLoadModule(&boot->modules[boot->program]);
    status = MmLoadImage(process, &boot->modules[boot->program]);
    if (NT_SUCCESS(status) && (boot->flags & RS_BOOT_RESIDENT))
        status = MmMakeImageResident(process);
    if (!NT_SUCCESS(status))
        return status;
    tell_ready(boot, RS_READY_IMAGE);
    MmFillUserControl(process, &control, boot->command_line, boot->command_line_size);
    return STATUS_SUCCESS;
}

_Noreturn void KiInitializeKernel(uint64_t boot_info_gpa)
{
    const struct rs_boot_info *boot = MmPhysical(boot_info_gpa);
    NTSTATUS status = STATUS_INVALID_PARAMETER;

    KeBootInfo = boot;
    if (boot->flags & RS_BOOT_KVA_SHADOW)
        KiInitializeKvaShadow();
    KiEnableSystemCalls();
    if (boot->magic == RS_BOOT_MAGIC && boot->version == RS_BOOT_VERSION &&
        boot->program < boot->module_count && boot->module_count <= RS_BOOT_MODULES_MAX) {
        MmInitialize(boot);
        KeUpdateSharedTime();
        status = create_first_process(boot);
    }
    if (!NT_SUCCESS(status))
        KeEndProgram(status);
    if (boot->cpu_count > 1)
        KeStartAllProcessors();
    prepare_idle_thread();
    if (MmIsModule(&boot->modules[boot->program]))
        KiRunModule(&boot->modules[boot->program]);
    start_program(&PsInitialProcess);
}
