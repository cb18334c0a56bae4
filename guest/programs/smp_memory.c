/* SPDX-License-Identifier: MIT
 * Test of more than one processor: memory that is taken away while another one uses it. */

#include "smp.h"

#include <nt/memory.h>
#include <tap.h>

#define PAGE 0x1000u
#define TIMES 20
#define PROBES 500

/* Handed to the thread on the other processor. */
static volatile uint64_t *page;
static volatile uint64_t taken;    /* the page cannot be used any more */
static volatile uint64_t used;     /* it has been used before */
static volatile uint64_t too_late; /* and after */
static volatile uint64_t faults;
static volatile uint64_t failure; /* its status */

/* The second thread's faults; where it goes on is in R12. */
static long note_fault(struct exception_pointers *exception)
{
    failure = (uint32_t)exception->ExceptionRecord->ExceptionCode;
    faults++;
    exception->ContextRecord->Rip = exception->ContextRecord->R12;
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* Writes until it faults. `taken` is read before each write: after it none may succeed. */
static NTSTATUS write_on(void *argument)
{
    uint64_t before;

    (void)argument;
    do {
        before = taken;
        __asm__ goto volatile("leaq %l[faulted](%%rip), %%r12\n\tincq (%0)"
                              :
                              : "r"(page)
                              : "r12", "memory", "cc"
                              : faulted);
        used++;
        too_late += before;
    } while (before < 2);
    return STATUS_UNSUCCESSFUL;
faulted:
    return STATUS_SUCCESS;
}

enum way {
    PROTECT,
    DECOMMIT,
    RELEASE
};

static void take_away(enum way way)
{
    void *base = (void *)(uintptr_t)page;
    uint64_t size = way == RELEASE ? 0 : PAGE;
    uint32_t old;

    if (way == PROTECT)
        NtProtectVirtualMemory(NtCurrentProcess(), &base, &size, PAGE_READONLY, &old);
    else
        NtFreeVirtualMemory(NtCurrentProcess(), &base, &size,
                            way == DECOMMIT ? MEM_DECOMMIT : MEM_RELEASE);
    taken = 1;
}

static bool once(enum way way)
{
    void *base = NULL;
    uint64_t size = PAGE;
    HANDLE thread;
    bool begun;

    NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_RESERVE | MEM_COMMIT,
                            PAGE_READWRITE);
    page = base;
    taken = used = 0;
    thread = spawn_on(1, write_on, NULL);
    begun = spin_until(&used);
    take_away(way);
    begun &= join(thread) == STATUS_SUCCESS;
    size = 0;
    if (way != RELEASE)
        NtFreeVirtualMemory(NtCurrentProcess(), &base, &size, MEM_RELEASE);
    return begun;
}

void test_shoot_down(void)
{
    static const char *const names[] = {"protected", "decommitted", "released"};
    void *handler = RtlAddVectoredExceptionHandler(true, note_fault);

    bind_to(NtCurrentThread(), 1);
    for (enum way way = PROTECT; way <= RELEASE; way++) {
        unsigned done = 0;

        faults = too_late = 0;
        for (unsigned i = 0; i < TIMES; i++)
            done += once(way);
        tap_equal(done, TIMES, "a page that another processor writes is %s", names[way]);
        tap_equal(too_late, 0, "no write succeeds when the service has returned");
        tap_ok(faults == TIMES && (NTSTATUS)failure == STATUS_ACCESS_VIOLATION,
               "each time it faults");
    }
    RtlRemoveVectoredExceptionHandler(handler);
    bind_to(NtCurrentThread(), (1ull << cpus) - 1);
}

/* Takes the buffer away and gives it back, until told to stop. */
static NTSTATUS come_and_go(void *argument)
{
    while (!stop) {
        void *base = argument;
        uint64_t size = PAGE;

        NtFreeVirtualMemory(NtCurrentProcess(), &base, &size, MEM_DECOMMIT);
        NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_COMMIT, PAGE_READWRITE);
        used++;
    }
    return STATUS_SUCCESS;
}

struct outcome {
    unsigned done, failed, other;
};

static void count(struct outcome *outcome, NTSTATUS status)
{
    outcome->done += status == STATUS_SUCCESS;
    outcome->failed += status == STATUS_ACCESS_VIOLATION || status == STATUS_PARTIAL_COPY;
    outcome->other += status != STATUS_SUCCESS && status != STATUS_ACCESS_VIOLATION &&
                      status != STATUS_PARTIAL_COPY;
}

static void check(const struct outcome *outcome, const char *what)
{
    tap_ok(outcome->other == 0 && outcome->done && outcome->failed,
           "%s: %u times done, %u times an access violation, nothing else (%u)", what,
           outcome->done, outcome->failed, outcome->other);
}

void test_probes(void)
{
    struct outcome written = {0}, read = {0}, waited = {0};
    void *base = NULL;
    uint64_t size = 2 * PAGE, done;
    HANDLE thread;

    NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_RESERVE | MEM_COMMIT,
                            PAGE_READWRITE);
    uint8_t *split = (uint8_t *)base + PAGE - 16; /* the second page stays */
    static uint8_t copy[2 * PAGE];

    stop = 0;
    used = 0;
    bind_to(NtCurrentThread(), 1);
    thread = spawn_on(1, come_and_go, base);
    spin_until(&used);
    for (unsigned i = 0;
         i < PROBES || (i < 50 * PROBES && !(written.failed && written.done && read.failed &&
                                             read.done && waited.failed && waited.done));
         i++) {
        count(&written, NtQuerySystemInformation(SystemBasicInformation, split,
                                                 sizeof(struct system_basic_information), NULL));
        count(&read, NtReadVirtualMemory(NtCurrentProcess(), base, copy, sizeof(copy), &done));
        count(&waited, NtDelayExecution(false, (const int64_t *)base));
    }
    stop = 1;
    join(thread);
    check(&written, "a service writes a buffer that comes and goes");
    check(&read, "a service reads one");
    check(&waited, "a service takes an argument there");
    size = 0;
    NtFreeVirtualMemory(NtCurrentProcess(), &base, &size, MEM_RELEASE);
    bind_to(NtCurrentThread(), (1ull << cpus) - 1);
}
