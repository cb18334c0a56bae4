/* SPDX-License-Identifier: MIT
 * bench: loops, system calls, context switches. */

#include "bench.h"

#include <ringscope/nt/services.h>

static inline void loop(uint64_t turns)
{
    __asm__ volatile("1: decq %0\n\tjnz 1b" : "+r"(turns) : : "cc");
}

/*
 * The kernel reads arguments 5 and up from the stack, and finds there what it finds: the services
 * do nothing with them. It leaves XMM0 to XMM5 zero.
 */
#define LOST                                                                                       \
    "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3",        \
        "xmm4", "xmm5"

static inline void call(uint32_t number)
{
    uint64_t rax = number;

    __asm__ volatile("syscall" : "+a"(rax) : : LOST);
}

static inline void call_by_interrupt(uint32_t number)
{
    uint64_t rax = number;

    __asm__ volatile("int $0x2e" : "+a"(rax) : : LOST);
}

/* NtSystemDebugControl(SysDbgTakeEntryStamps): its other arguments are not looked at. */
static inline void take_entry_stamps(void)
{
    uint64_t rax = RS_SERVICE_NtSystemDebugControl;

    __asm__ volatile("movl %1, %%r10d\n\tint $0x2e"
                     : "+a"(rax)
                     : "i"(SysDbgTakeEntryStamps)
                     : LOST);
}

static NTSTATUS set_entry(uint32_t mode)
{
    return NtSystemDebugControl(SysDbgStampEntry, &mode, sizeof(mode), NULL, 0, NULL);
}

static NTSTATUS measure_phases(uint32_t count, uint32_t mode)
{
    NTSTATUS status = set_entry(mode);

    if (!NT_SUCCESS(status))
        return status;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t before = rs_stamp_read();

        call(RS_SERVICE_NtFlushProcessWriteBuffers);
        rs_stamp_keep(stamps, before, rs_stamp_read());
        take_entry_stamps();
    }
    return set_entry(STAMPED_OFF);
}

/* Point 1 is no time of its own: point 0 and what the service says that it took. */
static NTSTATUS measure_spin(uint32_t count, uint64_t ticks)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t elapsed = 0, before, after;
        struct rs_stamp_record *record;
        NTSTATUS status;

        before = rs_stamp_read();
        status = NtSystemDebugControl(SysDbgSpin, &ticks, sizeof(ticks), &elapsed, sizeof(elapsed),
                                      NULL);
        after = rs_stamp_read();
        if (!NT_SUCCESS(status))
            return status;
        record = rs_stamp_next(stamps);
        if (record)
            *record = (struct rs_stamp_record){
                .tsc = {before, before + elapsed, [RS_STAMP_AFTER] = after}};
    }
    return STATUS_SUCCESS;
}

/* A thread that has called a service of the second table is a GUI thread, and all its calls take
 * another way from then on: so it is a thread of its own. */
static NTSTATUS call_table_1(void *count)
{
    TIME((uint32_t)(uint64_t)count, call(RS_SERVICE_NtTestArguments0));
    return STATUS_SUCCESS;
}

static NTSTATUS measure_table_1(uint32_t count)
{
    HANDLE thread;
    NTSTATUS status = RtlCreateUserThread(call_table_1, (void *)(uint64_t)count, false, &thread);

    if (!NT_SUCCESS(status))
        return status;
    status = NtWaitForSingleObject(thread, false, NULL);
    NtClose(thread);
    return status;
}

static volatile bool partner_ends;

static NTSTATUS partner(void *argument)
{
    (void)argument;
    while (!partner_ends)
        NtYieldExecution();
    return STATUS_SUCCESS;
}

/* Two threads of one priority: each yields to the other. */
static NTSTATUS measure_switch(uint32_t count)
{
    HANDLE thread;
    NTSTATUS status;

    partner_ends = false;
    status = RtlCreateUserThread(partner, NULL, false, &thread);
    if (!NT_SUCCESS(status))
        return status;
    NtYieldExecution(); /* it has begun */
    TIME(count, NtYieldExecution());
    partner_ends = true;
    status = NtWaitForSingleObject(thread, false, NULL);
    NtClose(thread);
    return status;
}

NTSTATUS measure_calls(uint32_t operation, uint32_t count, uint64_t parameter)
{
    switch (operation) {
    case RS_OPERATION_EMPTY:
        TIME(count, (void)0);
        break;
    case RS_OPERATION_LOOP:
        TIME(count, loop(parameter));
        break;
    case RS_OPERATION_SYSCALL:
        TIME(count, call(RS_SERVICE_NtFlushProcessWriteBuffers));
        break;
    case RS_OPERATION_SYSCALL_1:
        TIME(count, call(RS_SERVICE_NtWorkerFactoryWorkerReady));
        break;
    case RS_OPERATION_SYSCALL_4:
        TIME(count, call(RS_SERVICE_NtReplyWaitReceivePort));
        break;
    case RS_OPERATION_SYSCALL_8:
        TIME(count, call(RS_SERVICE_NtAccessCheck));
        break;
    case RS_OPERATION_SYSCALL_12:
        TIME(count, call(RS_SERVICE_NtNotifyChangeMultipleKeys));
        break;
    case RS_OPERATION_SYSCALL_TABLE_1:
        return measure_table_1(count);
    case RS_OPERATION_SYSCALL_INVALID:
        TIME(count, call(RS_SERVICE_INDEX_MASK));
        break;
    case RS_OPERATION_SYSCALL_SPIN:
        return measure_spin(count, parameter);
    case RS_OPERATION_INT_2E:
        TIME(count, call_by_interrupt(RS_SERVICE_NtFlushProcessWriteBuffers));
        break;
    case RS_OPERATION_PHASES:
        return measure_phases(count, STAMPED_SYSRETQ);
    case RS_OPERATION_PHASES_IRET:
        return measure_phases(count, STAMPED_IRETQ);
    case RS_OPERATION_SWITCH:
        return measure_switch(count);
    default:
        return STATUS_INVALID_PARAMETER;
    }
    return STATUS_SUCCESS;
}

NTSTATUS measure_in_ring_3(uint32_t operation, uint32_t count, uint64_t parameter)
{
    NTSTATUS status = measure_calls(operation, count, parameter);

    return status == STATUS_INVALID_PARAMETER ? measure_faults(operation, count) : status;
}
