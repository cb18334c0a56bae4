/* SPDX-License-Identifier: MIT
 * NtSystemDebugControl: this kernel's private commands, see information.h. */

#include "apic.h"
#include "cpu.h"
#include "ke.h"
#include "mm.h"
#include "processor.h"
#include "stamps.h"
#include "w32.h"

#include <nt/api.h>

/* An address that no page table of this kernel maps. */
#define UNMAPPED_KERNEL_ADDRESS RS_U64(0xfffff90000000000)
#define NON_CANONICAL_ADDRESS RS_U64(0x8000000000000000)

/* Frames of 256 bytes until the guard page; the result is used after the call, so no tail call. */
static __attribute__((noinline)) uint64_t overflow_stack(uint64_t depth)
{
    volatile uint8_t frame[256];

    frame[0] = (uint8_t)depth;
    return depth == UINT64_MAX ? 0 : overflow_stack(depth + 1) + frame[0];
}

static __attribute__((noinline)) NTSTATUS fault(enum kernel_fault kind)
{
    switch (kind) {
    case KERNEL_FAULT_READ:
        __asm__ volatile("movb (%0), %%al" : : "r"(UNMAPPED_KERNEL_ADDRESS) : "rax");
        break;
    case KERNEL_FAULT_WRITE_CODE:
        __asm__ volatile("movb $0, (%0)" : : "r"(KiSystemCall64) : "memory");
        break;
    case KERNEL_FAULT_INVALID_OPCODE:
        __asm__ volatile("ud2");
        break;
    case KERNEL_FAULT_DIVIDE:
        __asm__ volatile("divl %0" : : "r"(0), "a"(1), "d"(0) : "cc");
        break;
    case KERNEL_FAULT_NON_CANONICAL:
        __asm__ volatile("movb (%0), %%al" : : "r"(NON_CANONICAL_ADDRESS) : "rax");
        break;
    case KERNEL_FAULT_STACK_OVERFLOW:
        return (NTSTATUS)overflow_stack(0);
    case KERNEL_FAULT_NMI:
        KiSendNmiToSelf(false);
        break;
    case KERNEL_FAULT_MACHINE_CHECK:
        return KiSendMachineCheck(false);
    case KERNEL_FAULT_SHUTDOWN:
        KiShutDown();
    case KERNEL_FAULT_USER_ROOT:
        if (KiKvaShadow)
            KiSpoilUserRoot();
        return STATUS_NOT_SUPPORTED;
    default:
        return STATUS_INVALID_PARAMETER;
    }
    return STATUS_UNSUCCESSFUL; /* it has not faulted */
}

static NTSTATUS kernel_fault(const void *input, uint32_t length)
{
    uint32_t kind;
    NTSTATUS status;

    if (length != sizeof(kind))
        return STATUS_INFO_LENGTH_MISMATCH;
    status = MmReadUser(&kind, input, sizeof(kind));
    return NT_SUCCESS(status) ? fault(kind) : status;
}

/* Of all processors. */
static void add_counters(struct kernel_counters *sum, const struct kpcr *pcr)
{
    const uint64_t *from = (const uint64_t *)&pcr->Counters;
    uint64_t *to = (uint64_t *)sum;

    for (unsigned i = 0; i < sizeof(*sum) / sizeof(*to); i++)
        to[i] += from[i];
    sum->SystemCalls += pcr->KeSystemCalls;
}

static NTSTATUS query_counters(void *output, uint32_t length, uint32_t *return_length)
{
    struct kernel_counters counters = {0};
    uint32_t size = sizeof(counters);
    NTSTATUS status;

    for (uint32_t n = 0; n < KeNumberProcessors; n++)
        add_counters(&counters, KiProcessorBlock[n]);
    if (length < size)
        return STATUS_INFO_LENGTH_MISMATCH;
    status = MmWriteUser(output, &counters, size);
    if (NT_SUCCESS(status) && return_length)
        status = MmWriteUser(return_length, &size, sizeof(size));
    return status;
}

static NTSTATUS nest_faults(void *output, uint32_t length, uint32_t *return_length)
{
    uint32_t depth = 0;
    NTSTATUS status = KiNestFaults(output, length, &depth);

    if (NT_SUCCESS(status) && return_length)
        status = MmWriteUser(return_length, &depth, sizeof(depth));
    return status;
}

/* SYSCALL leaves these fields of the frame alone. */
static NTSTATUS query_fault(void *output, uint32_t length)
{
    const struct ktrap_frame *frame = KiUserTrapFrame(KeGetCurrentThread());
    struct fault_information fault = {frame->FaultAddress, frame->ErrorCode};

    return length < sizeof(fault) ? STATUS_INFO_LENGTH_MISMATCH
                                  : MmWriteUser(output, &fault, sizeof(fault));
}

static NTSTATUS walk_user_root(void *output, uint32_t length, uint32_t *return_length)
{
    struct shadow_range ranges[SHADOW_RANGES_MAX];
    uint32_t size;
    NTSTATUS status;

    if (!KiKvaShadow)
        return STATUS_NOT_SUPPORTED;
    size = (uint32_t)(KiCheckUserRoot(ranges, SHADOW_RANGES_MAX) * sizeof(ranges[0]));
    if (length < size)
        return STATUS_INFO_LENGTH_MISMATCH;
    status = MmWriteUser(output, ranges, size);
    if (NT_SUCCESS(status) && return_length)
        status = MmWriteUser(return_length, &size, sizeof(size));
    return status;
}

static NTSTATUS call_services(void *output, uint32_t length)
{
    struct kernel_services result;

    if (length < sizeof(result))
        return STATUS_INFO_LENGTH_MISMATCH;
    KiCallServices(&result);
    return MmWriteUser(output, &result, sizeof(result));
}

static NTSTATUS test_gates(void *output, uint32_t length)
{
    struct gate_flags flags;

    if (length < sizeof(flags))
        return STATUS_INFO_LENGTH_MISMATCH;
    KiTestGates(&flags);
    return MmWriteUser(output, &flags, sizeof(flags));
}

static NTSTATUS test_irql(void *output, uint32_t length)
{
    struct irql_test test;

    if (length < sizeof(test))
        return STATUS_INFO_LENGTH_MISMATCH;
    KiTestIrql(&test);
    return MmWriteUser(output, &test, sizeof(test));
}

static NTSTATUS query_batches(void *output, uint32_t length)
{
    const struct w32_thread *thread = W32Current();
    struct gdi_batches batches = {0};

    if (length < sizeof(batches))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (thread)
        batches = (struct gdi_batches){thread->Batched, thread->Flushes};
    return MmWriteUser(output, &batches, sizeof(batches));
}

/* What the processor itself has in its registers. */
static NTSTATUS query_processor(void *output, uint32_t length, uint32_t *return_length)
{
    const struct kpcr *pcr = KeGetPcr();
    struct {
        uint16_t limit;
        uint64_t base;
    } __attribute__((packed)) gdt, idt;
    struct processor_information info = {.Number = pcr->Number, .Pcr = (uint64_t)pcr};
    uint16_t selector;
    uint32_t size = sizeof(info);
    NTSTATUS status;

    if (length < size)
        return STATUS_INFO_LENGTH_MISMATCH;
    __asm__ volatile("sgdt %0\n\tsidt %1\n\tstr %2" : "=m"(gdt), "=m"(idt), "=r"(selector));
    KiEnableApic();
    info.ApicId = KiReadApicId();
    info.Gdt = gdt.base;
    info.Idt = idt.base;
    info.Tr = selector;
    info.Tss = (uint64_t)pcr->TssBase;
    info.KernelStack = (uint64_t)KeGetCurrentThread()->InitialStack;
    status = MmWriteUser(output, &info, size);
    if (NT_SUCCESS(status) && return_length)
        status = MmWriteUser(return_length, &size, sizeof(size));
    return status;
}

static void count_call(void *context)
{
    (void)context;
    KeGetPcr()->Counters.DeferredCalls++;
}

/* It interrupts this very code, unless IRQL or IF keep it away. */
static NTSTATUS queue_dpc(void)
{
    static struct kdpc dpc = {.Routine = count_call};
    unsigned patience = 2000;

    KeInsertQueueDpc(&dpc);
    while (patience-- && *(volatile bool *)&dpc.Queued)
        __asm__ volatile("pause");
    return dpc.Queued ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
}

NTSTATUS NTAPI NtSystemDebugControl(uint32_t Command, const void *InputBuffer, uint32_t InputLength,
                                    void *OutputBuffer, uint32_t OutputLength,
                                    uint32_t *ReturnLength)
{
    switch (Command) {
    case SysDbgSendNmi:
        return KiSendNmiToSelf(true) ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
    case SysDbgKernelFault:
        return kernel_fault(InputBuffer, InputLength);
    case SysDbgNestFaults:
        return nest_faults(OutputBuffer, OutputLength, ReturnLength);
    case SysDbgQueryCounters:
        return query_counters(OutputBuffer, OutputLength, ReturnLength);
    case SysDbgQueueDpc:
        return queue_dpc();
    case SysDbgQueryFault:
        return query_fault(OutputBuffer, OutputLength);
    case SysDbgQueryProcessor:
        return query_processor(OutputBuffer, OutputLength, ReturnLength);
    case SysDbgWalkUserRoot:
        return walk_user_root(OutputBuffer, OutputLength, ReturnLength);
    case SysDbgMachineCheck:
        return KiSendMachineCheck(true);
    case SysDbgTestGates:
        return test_gates(OutputBuffer, OutputLength);
    case SysDbgTestIrql:
        return test_irql(OutputBuffer, OutputLength);
    case SysDbgCallServices:
        return call_services(OutputBuffer, OutputLength);
    case SysDbgQueryBatches:
        return query_batches(OutputBuffer, OutputLength);
    case SysDbgMapStamps:
        return KiMapStamps(OutputBuffer, OutputLength);
    case SysDbgHandOverStamps:
        return KiHandOverStamps();
    case SysDbgMeasure:
        return KiMeasure(InputBuffer, InputLength);
    case SysDbgStampEntry:
        return KiSetStampedEntry(InputBuffer, InputLength);
    case SysDbgTakeEntryStamps:
        return KiTakeEntryStamps();
    case SysDbgSpin:
        return KiSpin(InputBuffer, InputLength, OutputBuffer, OutputLength);
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
}
