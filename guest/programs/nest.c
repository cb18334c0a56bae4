/* SPDX-License-Identifier: MIT
 * nest [N]: one system call in which N page faults nest, 1000 without a number. */

#include <ntdll.h>

#define PAGE 0x1000

/* The innermost fault ends first: the fault of page i, at depth i + 1, is number count - i. */
static unsigned wrong_pages(const uint8_t *pages, uint32_t count)
{
    unsigned wrong = 0;

    for (uint32_t i = 0; i < count; i++) {
        const struct nested_fault *fault = (const void *)(pages + (uint64_t)i * PAGE);

        wrong += fault->Depth != i + 1 || fault->Order != count - i;
    }
    return wrong;
}

static int nest(void *pages, uint32_t count)
{
    struct kernel_counters before, after;
    uint32_t depth = 0;
    NTSTATUS status;
    unsigned wrong;

    NtSystemDebugControl(SysDbgQueryCounters, NULL, 0, &before, sizeof(before), NULL);
    status = NtSystemDebugControl(SysDbgNestFaults, NULL, 0, pages, count * PAGE, &depth);
    NtSystemDebugControl(SysDbgQueryCounters, NULL, 0, &after, sizeof(after), NULL);
    if (!NT_SUCCESS(status)) {
        eprintf("nest: the kernel answers 0x%08x\n", (unsigned)status);
        return 1;
    }
    wrong = wrong_pages(pages, depth);
    printf("page faults nested:       %u of %u\n", depth, count);
    printf("page faults in the call:  %lu\n", after.PageFaults - before.PageFaults);
    printf("ended in reverse order:   %u\n", depth - wrong);
    return depth == count && wrong == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000;
    uint64_t size = count * PAGE;
    void *pages = NULL;
    NTSTATUS status;

    if (argc > 2 || count == 0 || count > NEST_FAULTS_MAX) {
        eprintf("usage: nest [N], N from 1 to %u\n", NEST_FAULTS_MAX);
        return 2;
    }
    status = NtAllocateVirtualMemory(NtCurrentProcess(), &pages, 0, &size, MEM_RESERVE | MEM_COMMIT,
                                     PAGE_READWRITE);
    if (!NT_SUCCESS(status)) {
        eprintf("nest: no memory for %lu pages: 0x%08x\n", count, (unsigned)status);
        return 1;
    }
    return nest(pages, (uint32_t)count);
}
