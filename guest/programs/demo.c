/* SPDX-License-Identifier: MIT
 * A tour of the privilege transitions of a guest: system calls, exceptions, interrupts. Each line
 * is printed after what it tells about. Nothing depends on time, input or host, so that two runs
 * have the same transitions in the same order. */

#include "caught.h"
#include "raw.h"
#include "snippets.h"

#include <ntdll.h>
#include <ringscope/nt/services.h>

static void show(const char *what, NTSTATUS status)
{
    printf("  %-44s 0x%08x\n", what, (unsigned)status);
}

static void show_events(void)
{
    HANDLE event = NULL;
    int32_t previous;

    show("NtCreateEvent, five arguments",
         NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, false));
    show("NtSetEvent", NtSetEvent(event, &previous));
    show("NtWaitForSingleObject", NtWaitForSingleObject(event, false, NULL));
    show("NtClose", NtClose(event));
    show("NtClose again: the handle is invalid", NtClose(event));
}

static void show_memory(void)
{
    void *base = NULL;
    uint64_t size = 0x2000;
    uint32_t old;

    show("NtAllocateVirtualMemory, two pages",
         NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_RESERVE | MEM_COMMIT,
                                 PAGE_READWRITE));
    *(volatile uint8_t *)base = 1; /* demand zero: #PF, served, repeated */
    show("NtProtectVirtualMemory",
         NtProtectVirtualMemory(NtCurrentProcess(), &base, &size, PAGE_READONLY, &old));
    size = 0;
    show("NtFreeVirtualMemory", NtFreeVirtualMemory(NtCurrentProcess(), &base, &size, MEM_RELEASE));
}

static void show_information(void)
{
    struct process_basic_information info;
    int64_t counter, time;

    show("NtQueryInformationProcess",
         NtQueryInformationProcess(NtCurrentProcess(), ProcessBasicInformation, &info, sizeof(info),
                                   NULL));
    show("NtQueryPerformanceCounter", NtQueryPerformanceCounter(&counter, NULL));
    show("NtQuerySystemTime", NtQuerySystemTime(&time));
    show("NtYieldExecution, nobody else to run", NtYieldExecution());
}

/* A stack whose last quadword is readable, with nothing mapped behind it. */
static NTSTATUS call_on_short_stack(void)
{
    void *base = NULL;
    uint64_t size = 0x1000;
    HANDLE handle;
    NTSTATUS status;

    NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_RESERVE | MEM_COMMIT,
                            PAGE_READWRITE);
    status = call_on_stack((void *)NtCreateEvent, (uint8_t *)base + size, (uint64_t)&handle,
                           EVENT_ALL_ACCESS, 0, NotificationEvent);
    size = 0;
    NtFreeVirtualMemory(NtCurrentProcess(), &base, &size, MEM_RELEASE);
    return status;
}

static void show_dispatcher(void)
{
    struct raw_registers registers = {.rax = RS_SERVICE_NtYieldExecution, .rflags = 2};
    uint64_t stack[8];

    show("system service 1d7: out of range",
         (NTSTATUS)syscall_with_stack(RS_SERVICE_LIMIT, (uint64_t)stack, 0, 0, 0, 0));
    show("argument 5 on an unmapped stack", call_on_short_stack());
    enter_with_registers(&registers, RAW_INT2E);
    show("NtYieldExecution by INT 2E", (NTSTATUS)registers.rax);
}

static void show_exception(const char *title, void (*snippet)(void), const void *resume)
{
    provoke(snippet, resume);
    show(title, caught.record.ExceptionCode);
}

static void show_exceptions(void)
{
    show_exception("#DE: DIV by zero", snippet_de, snippet_de_resume);
    show_exception("#UD: UD2", snippet_ud, snippet_ud_resume);
    show_exception("#BP: INT3", snippet_bp, snippet_bp_resume);
    show_exception("#GP: HLT, a privileged instruction", snippet_gp, snippet_gp_resume);
    show_exception("#PF: load from an unmapped address", snippet_pf, snippet_pf_resume);
    show_exception("#DB: single step by RFLAGS.TF", snippet_db, snippet_db_resume);
    show_exception("#GP: INT 21h, whose gate has DPL 0", snippet_int21, snippet_int21_resume);
}

static void show_interrupts(void)
{
    const int64_t one_millisecond = -10000;

    show("NMI, from the local APIC", NtSystemDebugControl(SysDbgSendNmi, NULL, 0, NULL, 0, NULL));
    show("NtDelayExecution: one timer interrupt", NtDelayExecution(false, &one_millisecond));
}

int main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("system services");
    show_events();
    show_memory();
    show_information();
    puts("the dispatcher");
    show_dispatcher();
    puts("exceptions in ring 3, each handled");
    RtlAddVectoredExceptionHandler(true, catch_exception);
    show_exceptions();
    puts("interrupts");
    show_interrupts();
    return 0;
}
