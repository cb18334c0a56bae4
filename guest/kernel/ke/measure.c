/* SPDX-License-Identifier: MIT
 * What `bench` has timed in ring 0, and the stamp area: see information.h and ringscope/bench.h. */

#include "apic.h"
#include "cpu.h"
#include "mm.h"
#include "processor.h"
#include "scheduler.h"
#include "stamps.h"

#include <ringscope/bench.h>

/* A port and an address that neither ringscope nor a PC answers. The address is one that the direct
 * map has, behind the registers of the paging file's device. */
#define SILENT_PORT 0x2f0
#define SILENT_GPA (RS_GPA_PAGEFILE_DEVICE + RS_U64(0x100000))
#define PATIENCE 100000

_Static_assert(SysDbgSpin == RS_SPIN_COMMAND, "the VMM looks for it in events");

static struct rs_stamps *area(void)
{
    return KeBootInfo->stamps_gpa ? MmPhysical(KeBootInfo->stamps_gpa) : NULL;
}

/* The pages are below the first frame: nobody owns, counts or evicts them. */
NTSTATUS KiMapStamps(void *output, uint32_t length)
{
    uint64_t address = RS_GVA_USER_STAMPS;

    if (!area())
        return STATUS_NOT_SUPPORTED;
    if (length < sizeof(address))
        return STATUS_INFO_LENGTH_MISMATCH;
    for (uint64_t offset = 0; offset < RS_STAMPS_SIZE; offset += PAGE_SIZE) {
        uint64_t *pte = MiCreatePte(PsGetCurrentProcess(), address + offset);

        if (!pte)
            return STATUS_NO_MEMORY;
        *pte = (KeBootInfo->stamps_gpa + offset) | PTE_P | PTE_U | PTE_W | PTE_A | PTE_D | PTE_NX;
    }
    return MmWriteUser(output, &address, sizeof(address));
}

NTSTATUS KiHandOverStamps(void)
{
    KiOut32(RS_PORT_STAMPS, 0);
    return STATUS_SUCCESS;
}

/* One record for each turn; what `statement` needs is made before. */
#define TIME(stamps, count, statement)                                                             \
    do {                                                                                           \
        for (uint32_t turn = 0; turn < (count); turn++) {                                          \
            uint64_t before = rs_stamp_read();                                                     \
                                                                                                   \
            statement;                                                                             \
            rs_stamp_keep(stamps, before, rs_stamp_read());                                        \
        }                                                                                          \
    } while (0)

static void loop(uint64_t turns)
{
    __asm__ volatile("1: decq %0\n\tjnz 1b" : "+r"(turns) : : "cc");
}

static void cpuid(void)
{
    uint32_t a, b, c, d;

    KiCpuid(0, &a, &b, &c, &d);
}

static void read_msr(uint32_t index)
{
    (void)KiReadMsr(index);
}

static void time_cr3(struct rs_stamps *stamps, uint32_t count, uint64_t flags)
{
    uint64_t value = KiReadCr3() | flags;

    TIME(stamps, count, KiWriteCr3(value));
}

static void time_write_msr(struct rs_stamps *stamps, uint32_t count, uint32_t index)
{
    uint64_t value = KiReadMsr(index);

    TIME(stamps, count, KiWriteMsr(index, value));
}

static void time_entry_stamps(struct rs_stamps *stamps, uint32_t count)
{
    const uint64_t *taken = KeGetPcr()->Stamps;

    while (count--) {
        KiStampTwice();
        rs_stamp_keep(stamps, taken[RS_STAMP_BEFORE], taken[RS_STAMP_AFTER]);
    }
}

/* Instructions: nothing may come between two stamps. */
static NTSTATUS time_instructions(struct rs_stamps *stamps, const struct measure_request *request)
{
    uint32_t count = request->Count;

    switch (request->Operation) {
    case RS_OPERATION_STAMP_0:
        time_entry_stamps(stamps, count);
        break;
    case RS_OPERATION_EMPTY_0:
        TIME(stamps, count, (void)0);
        break;
    case RS_OPERATION_LOOP_0:
        TIME(stamps, count, loop(request->Parameter));
        break;
    case RS_OPERATION_CR3:
        time_cr3(stamps, count, 0);
        break;
    case RS_OPERATION_CR3_NO_FLUSH:
        if (!(KiReadCr4() & CR4_PCIDE))
            return STATUS_NOT_SUPPORTED;
        time_cr3(stamps, count, CR3_NO_FLUSH);
        break;
    case RS_OPERATION_RDMSR:
        TIME(stamps, count, read_msr(MSR_KERNEL_GS_BASE));
        break;
    case RS_OPERATION_WRMSR:
        time_write_msr(stamps, count, MSR_KERNEL_GS_BASE);
        break;
    case RS_OPERATION_RDMSR_LSTAR:
        TIME(stamps, count, read_msr(MSR_LSTAR));
        break;
    case RS_OPERATION_WRMSR_LSTAR:
        time_write_msr(stamps, count, MSR_LSTAR);
        break;
    case RS_OPERATION_CPUID:
        TIME(stamps, count, cpuid());
        break;
    case RS_OPERATION_PIO:
        TIME(stamps, count, KiOut8(SILENT_PORT, 0));
        break;
    case RS_OPERATION_MMIO:
        TIME(stamps, count, (void)*(volatile uint32_t *)MmPhysical(SILENT_GPA));
        break;
    default:
        return STATUS_INVALID_PARAMETER;
    }
    return STATUS_SUCCESS;
}

static volatile uint64_t arrived; /* when the interrupt's DPC ran */

static void arrive(void *context)
{
    (void)context;
    arrived = rs_stamp_read();
}

/* False: it has not come. */
static bool time_ipi(struct rs_stamp_record *record)
{
    static struct kdpc dpc = {.Routine = arrive};
    unsigned patience = PATIENCE;

    arrived = 0;
    record->tsc[RS_STAMP_BEFORE] = rs_stamp_read();
    KeInsertQueueDpc(&dpc);
    while (arrived == 0 && patience--)
        __asm__ volatile("pause");
    record->tsc[RS_STAMP_AFTER] = rs_stamp_read();
    record->tsc[1] = arrived;
    return arrived != 0;
}

static bool time_timer(struct rs_stamp_record *record)
{
    const volatile uint64_t *interrupts = &KeGetPcr()->Counters.ClockInterrupts;
    uint64_t seen = *interrupts;
    unsigned patience = PATIENCE;

    record->tsc[RS_STAMP_BEFORE] = rs_stamp_read();
    KiStartTimer(1);
    while (*interrupts == seen && patience--)
        __asm__ volatile("pause");
    record->tsc[RS_STAMP_AFTER] = rs_stamp_read();
    return *interrupts != seen;
}

static bool time_nmi(struct rs_stamp_record *record)
{
    volatile uint32_t *expected = &KeGetPcr()->NmisExpected;
    unsigned patience = PATIENCE;

    record->tsc[RS_STAMP_BEFORE] = rs_stamp_read();
    KiPostNmiToSelf();
    while (*expected && patience--)
        __asm__ volatile("pause");
    record->tsc[RS_STAMP_AFTER] = rs_stamp_read();
    return *expected == 0;
}

static NTSTATUS time_interrupts(struct rs_stamps *stamps, const struct measure_request *request)
{
    bool (*const time)(struct rs_stamp_record *) = request->Operation == RS_OPERATION_IPI ? time_ipi
                                                   : request->Operation == RS_OPERATION_NMI
                                                       ? time_nmi
                                                       : time_timer;

    for (uint32_t i = 0; i < request->Count; i++) {
        struct rs_stamp_record record = {0}, *to;

        if (!time(&record))
            return STATUS_UNSUCCESSFUL;
        to = rs_stamp_next(stamps);
        if (to)
            *to = record;
    }
    return STATUS_SUCCESS;
}

/* The clock was set for something else: it is set again. */
static void restore_clock(void)
{
    uint64_t flags = KiSaveAndDisableInterrupts();

    KeGetPcr()->ClockDue = 0;
    KiUpdateClock();
    KiRestoreInterrupts(flags);
}

NTSTATUS KiMeasure(const void *input, uint32_t length)
{
    struct rs_stamps *stamps = area();
    struct measure_request request;
    NTSTATUS status;

    if (!stamps)
        return STATUS_NOT_SUPPORTED;
    if (length != sizeof(request))
        return STATUS_INFO_LENGTH_MISMATCH;
    status = MmReadUser(&request, input, sizeof(request));
    if (!NT_SUCCESS(status))
        return status;
    if (request.Operation == RS_OPERATION_IPI || request.Operation == RS_OPERATION_TIMER ||
        request.Operation == RS_OPERATION_NMI) {
        KiEnableApic();
        status = time_interrupts(stamps, &request);
        restore_clock();
    } else {
        uint64_t flags = KiSaveAndDisableInterrupts();

        status = time_instructions(stamps, &request);
        KiRestoreInterrupts(flags);
    }
    return status;
}

/* LSTAR is this kernel's own again when ring 3 says so, or when the machine ends. */
NTSTATUS KiSetStampedEntry(const void *input, uint32_t length)
{
    uint32_t mode;
    NTSTATUS status;
    uint8_t *entry = KiKvaShadow ? KiSystemCall64Shadow : KiSystemCall64;

    if (length != sizeof(mode))
        return STATUS_INFO_LENGTH_MISMATCH;
    status = MmReadUser(&mode, input, sizeof(mode));
    if (!NT_SUCCESS(status))
        return status;
    if (mode > STAMPED_IRETQ)
        return STATUS_INVALID_PARAMETER;
    if ((mode == STAMPED_IRETQ && KiKvaShadow) || KiMultiprocessor)
        return STATUS_NOT_SUPPORTED;
    if (mode != STAMPED_OFF)
        entry = KiKvaShadow ? KiSystemCall64ShadowStamped : KiSystemCall64Stamped;
    KiStampedReturnByIret = mode == STAMPED_IRETQ;
    KiWriteMsr(MSR_LSTAR, (uint64_t)entry);
    return STATUS_SUCCESS;
}

/* Into the last record, which ring 3 has begun: what it has itself stays. */
NTSTATUS KiTakeEntryStamps(void)
{
    struct rs_stamps *stamps = area();
    uint64_t *taken = KeGetPcr()->Stamps;
    uint32_t used = stamps ? *(volatile uint32_t *)&stamps->used : 0;

    if (used == 0 || used > RS_STAMP_RECORDS_MAX)
        return STATUS_UNSUCCESSFUL;
    for (unsigned point = RS_STAMP_BEFORE + 1; point < RS_STAMP_AFTER; point++) {
        stamps->records[used - 1].tsc[point] = taken[point];
        taken[point] = 0;
    }
    return STATUS_SUCCESS;
}

/* The output: how long it has really been, which is at least what was asked for. */
NTSTATUS KiSpin(const void *input, uint32_t length, void *output, uint32_t output_length)
{
    uint64_t ticks, start, elapsed;
    NTSTATUS status;

    if (length != sizeof(ticks) || output_length < sizeof(elapsed))
        return STATUS_INFO_LENGTH_MISMATCH;
    status = MmReadUser(&ticks, input, sizeof(ticks));
    if (!NT_SUCCESS(status))
        return status;
    if (ticks > SPIN_TICKS_MAX)
        return STATUS_INVALID_PARAMETER;
    start = rs_stamp_read();
    do
        elapsed = rs_stamp_read() - start;
    while (elapsed < ticks);
    return MmWriteUser(output, &elapsed, sizeof(elapsed));
}
