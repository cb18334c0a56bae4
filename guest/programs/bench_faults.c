/* SPDX-License-Identifier: MIT
 * bench: exceptions that ring 3 handles, and page faults that the kernel serves. */

#include "bench.h"

#include <nt/memory.h>

#define FLAG_TF "0x100"

/* What the handler has to add to RIP, and when it began. */
static volatile uint64_t skip, handled;

static long handler(struct exception_pointers *exception)
{
    handled = rs_stamp_read();
    exception->ContextRecord->Rip += skip;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static inline void raise_ud(void)
{
    __asm__ volatile("ud2");
}

static inline void raise_bp(void)
{
    __asm__ volatile("int3");
}

static inline void raise_de(void)
{
    uint64_t rax = 1;
    uint32_t zero = 0;

    __asm__ volatile("divl %%ecx" : "+a"(rax) : "c"(zero), "d"(0) : "cc");
}

static inline void raise_pf(const uint8_t *page)
{
    __asm__ volatile("movb (%0), %%al" : : "D"(page) : "rax", "memory");
}

/* The trap comes behind the NOP; the handler finds TF clear in the context. */
static inline void raise_db(void)
{
    __asm__ volatile("pushfq\n\torl $" FLAG_TF ", (%%rsp)\n\tpopfq\n\tnop" : : : "memory", "cc");
}

#define TIME_EXCEPTION(count, length, statement)                                                   \
    do {                                                                                           \
        skip = (length);                                                                           \
        for (uint32_t turn = 0; turn < (count); turn++) {                                          \
            uint64_t before = rs_stamp_read(), after;                                              \
            struct rs_stamp_record *record;                                                        \
                                                                                                   \
            statement;                                                                             \
            after = rs_stamp_read();                                                               \
            record = rs_stamp_next(stamps);                                                        \
            if (record)                                                                            \
                *record =                                                                          \
                    (struct rs_stamp_record){.tsc = {before, handled, [RS_STAMP_AFTER] = after}};  \
        }                                                                                          \
    } while (0)

static NTSTATUS allocate(uint32_t pages, uint32_t protection, uint8_t **address)
{
    void *base = NULL;
    uint64_t size = (uint64_t)pages * PAGE_SIZE;
    NTSTATUS status = NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size,
                                              MEM_RESERVE | MEM_COMMIT, protection);

    *address = base;
    return status;
}

static void release(uint8_t *address)
{
    void *base = address;
    uint64_t size = 0;

    NtFreeVirtualMemory(NtCurrentProcess(), &base, &size, MEM_RELEASE);
}

static NTSTATUS measure_served(uint32_t count)
{
    volatile uint8_t *page;
    uint8_t *pages;
    NTSTATUS status = allocate(count, PAGE_READWRITE, &pages);

    if (!NT_SUCCESS(status))
        return status;
    page = pages;
    TIME(count, *page = 1; page += PAGE_SIZE);
    release(pages);
    return STATUS_SUCCESS;
}

static NTSTATUS measure_pf(uint32_t count)
{
    uint8_t *page;
    NTSTATUS status = allocate(1, PAGE_NOACCESS, &page);

    if (!NT_SUCCESS(status))
        return status;
    TIME_EXCEPTION(count, 2, raise_pf(page));
    release(page);
    return STATUS_SUCCESS;
}

static NTSTATUS measure_handled(uint32_t operation, uint32_t count)
{
    switch (operation) {
    case RS_OPERATION_EXCEPTION_UD:
        TIME_EXCEPTION(count, 2, raise_ud());
        return STATUS_SUCCESS;
    case RS_OPERATION_EXCEPTION_BP:
        TIME_EXCEPTION(count, 1, raise_bp());
        return STATUS_SUCCESS;
    case RS_OPERATION_EXCEPTION_DE:
        TIME_EXCEPTION(count, 2, raise_de());
        return STATUS_SUCCESS;
    case RS_OPERATION_EXCEPTION_PF:
        return measure_pf(count);
    case RS_OPERATION_EXCEPTION_DB:
        TIME_EXCEPTION(count, 0, raise_db());
        return STATUS_SUCCESS;
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

NTSTATUS measure_faults(uint32_t operation, uint32_t count)
{
    void *handle;
    NTSTATUS status;

    if (operation == RS_OPERATION_PF_SERVED)
        return measure_served(count);
    handle = RtlAddVectoredExceptionHandler(true, handler);
    status = measure_handled(operation, count);
    RtlRemoveVectoredExceptionHandler(handle);
    return status;
}
